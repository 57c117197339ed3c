// SPDX-License-Identifier: Apache-2.0
// GET /api/order-event?site&ref: the event id under which an order was reported, for the pixel of
// the thank-you page, so that a vendor counts browser and server once. `ref` is any reference of
// the order (checkout session, payment intent, invoice, own id; of a subscription's orders the
// first). 404 until the webhook has come: ask again. `live` is false of an order in test mode,
// which no pixel may tell. Says nothing else about the order: anybody may ask.
#include "server/core/orders/named_order.hpp"
#include "server/core/text/uuid_text.hpp"
#include "server/http/order_routes.hpp"

#include <nlohmann/json.hpp>

namespace tl::server::http {
namespace {

constexpr std::size_t kLongestReference = 255;

Reply answer_order_event(const OrderRouteParts& parts, const Request& request) {
  const auto site = parts.find_site(request.query_value("site"));
  if (site == nullptr)
    return Reply::error(fail(ErrorKind::not_found, "unknown_site",
                             "pass ?site=<site id>; there is no site \"" +
                                 std::string(request.query_value("site")) + "\""));
  const std::string_view reference = request.query_value("ref");
  if (reference.empty() || reference.size() > kLongestReference)
    return Reply::error(invalid("bad_reference",
                                "pass ?ref=<any reference of the order>, e.g. the {CHECKOUT_"
                                "SESSION_ID} of the success URL"));
  std::optional<ConversionRow> conversion;
  const auto read = parts.store.read([&](Tables& tables) -> Outcome<void> {
    TL_TRY(order, find_named_order(tables.orders(), site->id, reference));
    if (!order) return {};
    TL_TRY(found, tables.orders().find_conversion_of_order(site->id, order->provider,
                                                           order->order_id, "purchase"));
    conversion = std::move(found);
    return {};
  });
  if (!read.ok()) return Reply::error(read.error());
  if (!conversion)
    return Reply::error(fail(ErrorKind::not_found, "not_yet_known",
                             "no paid order with this reference is known yet; ask again shortly"))
        .header("Cache-Control", "no-store");
  const nlohmann::ordered_json body = {{"event_id", uuid_text(conversion->id)},
                                       {"kind", conversion->kind},
                                       {"live", conversion->live}};
  return Reply::json(200, body.dump()).header("Cache-Control", "no-store");
}

}  // namespace

std::vector<Route> order_event_routes(const OrderRouteParts& parts) {
  Route route;
  route.method = "GET";
  route.pattern = "/api/order-event";
  route.handler = [parts](const Request& request) { return answer_order_event(parts, request); };
  route.cors = Cors::any_site;
  route.summary = "The event id of an order by any of its references, for the thank-you page";
  return {std::move(route)};
}

}  // namespace tl::server::http
