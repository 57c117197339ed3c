// SPDX-License-Identifier: Apache-2.0
#include "server/providers/stripe.hpp"

#include "server/core/orders/webhook_signature.hpp"
#include "server/core/text/foreign_json.hpp"
#include "server/providers/api_description.hpp"
#include "server/providers/exact_json.hpp"
#include "server/providers/stripe_events.hpp"
#include "server/providers/webhook_fields.hpp"
#include "throughline/text.hpp"

#include <nlohmann/json.hpp>

namespace tl::server {
namespace {

using nlohmann::json;

constexpr std::int64_t kToleranceSeconds = 300;

ServerError unauthenticated(std::string code, std::string detail) {
  return fail(ErrorKind::unauthenticated, std::move(code), std::move(detail));
}

Outcome<void> verify(const WebhookRequest& request, const PaymentConfig& config) {
  const std::string* header = request.header("Stripe-Signature");
  if (header == nullptr || header->empty())
    return unauthenticated("missing_header",
                           "the request has no Stripe-Signature header; webhooks must come from "
                           "Stripe, and a proxy in between must pass the header on");
  std::optional<std::int64_t> signed_at;
  bool has_other_scheme = false;
  std::vector<std::string_view> signatures;
  for (const auto& [key, value] : split_signature_header(*header, ',')) {
    if (key == "t") {
      std::int64_t seconds = 0;
      signed_at = parse_decimal(value, seconds) ? std::optional(seconds) : std::nullopt;
    } else if (key == "v1") {
      signatures.push_back(value);
    } else if (key.size() == 2 && key[0] == 'v') {
      has_other_scheme = true;
    }
  }
  if (!signed_at || (signatures.empty() && !has_other_scheme))
    return unauthenticated("malformed_header",
                           "the Stripe-Signature header must read t=<seconds>,v1=<hex>");
  const std::string signed_bytes = std::to_string(*signed_at) + "." + std::string(request.body);
  if (!any_mac_matches(MacScheme{}, signed_bytes, config.webhook_secrets, signatures))
    return unauthenticated("bad_signature",
                           "no v1 signature matches a configured webhook secret; compare "
                           "webhook_secrets with the endpoint's signing secret (whsec_…), and see "
                           "that nothing changes the body on its way");
  return check_timestamp(
      *signed_at, request.now_ms,
      {config.tolerance_s < 0 ? kToleranceSeconds : config.tolerance_s, /*allows_future=*/true});
}

ServerError malformed(std::string detail) {
  return invalid("malformed_body", std::move(detail));
}

}  // namespace

Outcome<std::vector<OrderChange>> Stripe::read(const WebhookRequest& request,
                                               const PaymentConfig& config,
                                               const SiteConfig& site) const {
  TL_CHECK(verify(request, config));
  return read_fetched(request, config, site);
}

Outcome<std::vector<OrderChange>> Stripe::read_fetched(const WebhookRequest& request,
                                                       const PaymentConfig& /*config*/,
                                                       const SiteConfig& site) const {
  json event = parse_foreign_json(request.body);
  if (event.is_discarded()) event = parse_exact_json(request.body);  // 1e400
  if (event.is_discarded() || !event.is_object())
    return malformed("the webhook's body is signed by Stripe but is no JSON object");
  if (text_at(event, "object") == "v2.core.event")
    return malformed(
        "this is a thin event (v2.core.event), which carries no data; create the webhook endpoint "
        "in Stripe with snapshot events");
  if (text_at(event, "id").empty() || text_at(event, "type").empty())
    return malformed("the Stripe event has no id or no type");
  if (const json* object = field_at(event, "data/object");
      object == nullptr || !object->is_object())
    return malformed("the Stripe event " + text_at(event, "id") + " has no data.object");
  TL_TRY(change, read_stripe_event(event, site));
  if (change.occurred_ms == 0) change.occurred_ms = request.now_ms;
  TL_CHECK(check_ids(change, name()));
  return std::vector<OrderChange>{std::move(change)};
}

// An event that is sent again may count its pending webhooks otherwise.
std::string Stripe::event_key(const WebhookRequest& request, const PaymentConfig& config) const {
  const std::string id = text_at(parse_exact_json(request.body), "id");
  return id.empty() ? Provider::event_key(request, config) : id;
}

// The objects that the events are about, by their own lists: GET /v1/events reaches back 30 days
// only. The version is pinned, for its invoices name what paid them only where asked to.
// Source: npm stripe 23.1.0, list parameters.
ApiDescription stripe_api() {
  ApiDescription api;
  api.base_url = "https://api.stripe.com";
  api.headers["Stripe-Version"] = "2025-03-31.basil";
  api.form.item_at = "/data/object";
  api.form.type_at = "/type";
  api.form.copies = {{"/id", {"=import"}},
                     {"/livemode", {"/livemode"}},
                     {"/created", {"/payment_intent/created", "/created"}}};
  const auto listing = [](const std::string& name, const std::string& path,
                          const std::string& query, ItemEvent event) {
    OrderListing list;
    list.name = name;
    list.path = "/v1/" + path + "?limit=100&created%5Bgte%5D={since_s}" + query;
    list.items = "/data";
    list.paging = OrderListing::Paging::last_item;
    list.page_parameter = "starting_after";
    list.cursor = "/id";
    list.more = "/has_more=true";
    list.events = {std::move(event)};
    return list;
  };
  api.listings = {
      listing("checkout sessions", "checkout/sessions",
              "&status=complete&expand%5B%5D=data.payment_intent",
              {.type = "checkout.session.completed"}),
      listing("invoices", "invoices", "&status=paid&expand%5B%5D=data.payments",
              {.type = "invoice.paid"}),
      listing("payment intents", "payment_intents", "",
              {.type = "payment_intent.succeeded", .when = {"/status=succeeded"}}),
      listing("refunds", "refunds", "", {.type = "refund.updated"}),
      listing("disputes", "disputes", "", {.type = "charge.dispute.created"}),
  };
  return api;
}

}  // namespace tl::server
