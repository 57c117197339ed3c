// SPDX-License-Identifier: Apache-2.0
// POST /api/checkout/{provider}: {"site","write_key","token"?,"item","amount_minor"?,"quantity"?,
// "email"?,"pn"?} -> {"url","id"}. `token` is the session's token, or the packed token that the
// page's checkoutStarted() answers (then the page has reported checkout_started, and the server
// does not again). A token that does not read costs the attribution, never the sale: the answer is
// flagged and the buyer pays.
#include "server/core/secret_box.hpp"
#include "server/http/json_reader.hpp"
#include "server/http/order_routes.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace tl::server::http {
namespace {

using nlohmann::json;

Outcome<std::optional<std::int64_t>> integer_of(const json& body, const char* key) {
  const auto found = body.find(key);
  if (found == body.end() || found->is_null()) return std::optional<std::int64_t>{};
  if (!found->is_number_integer())
    return invalid("bad_number", "\"" + std::string(key) + "\" must be a whole number");
  return std::optional(found->get<std::int64_t>());
}

// A page names its origin, a server has none.
bool is_allowed_origin(const SiteConfig& site, std::string_view origin) {
  if (origin.empty()) return true;
  return std::any_of(site.origins.begin(), site.origins.end(), [&](const std::string& allowed) {
    return allowed == "*" || allowed == origin;
  });
}

Outcome<std::shared_ptr<const SiteConfig>> site_of(const OrderRouteParts& parts,
                                                   const Request& request, const json& body) {
  auto site = parts.find_site(text_at(body, "site"));
  if (site == nullptr)
    return fail(ErrorKind::not_found, "unknown_site",
                "there is no site \"" + text_at(body, "site") + "\"");
  if (!equal_in_constant_time(site->write_key, text_at(body, "write_key")))
    return fail(ErrorKind::unauthenticated, "bad_write_key",
                "write_key is not the key of the site \"" + site->id + "\"");
  const std::string origin(request.header("Origin"));
  if (!is_allowed_origin(*site, origin))
    return fail(ErrorKind::forbidden, "foreign_origin",
                "the origin " + origin +
                    " is not in the site's origins; add it to the "
                    "configuration");
  return site;
}

Reply answer_checkout(const OrderRouteParts& parts, const Request& request) {
  const json body = json::parse(request.body, nullptr, /*allow_exceptions=*/false);
  if (!body.is_object())
    return Reply::error(invalid("malformed_body", "the body must be a JSON object"));
  const auto allowed = site_of(parts, request, body);
  if (!allowed.ok()) return Reply::error(allowed.error());
  const SiteConfig& site = *allowed.value();
  const std::string& provider = request.params.at("provider");
  const CheckoutMaker* maker = parts.find_checkout_maker(provider);
  const PaymentConfig* config = site.payment(provider);
  if (maker == nullptr || config == nullptr || config->api_key.empty())
    return Reply::error(fail(ErrorKind::not_found, "no_such_provider",
                             "checkouts need [site.payment." + provider + "] with an api_key"));

  CheckoutWish wish;
  wish.item = text_at(body, "item");
  wish.email = text_at(body, "email");
  const auto amount = integer_of(body, "amount_minor");
  if (!amount.ok()) return Reply::error(amount.error());
  wish.amount_minor = amount.value();
  const auto quantity = integer_of(body, "quantity");
  if (!quantity.ok()) return Reply::error(quantity.error());
  wish.quantity = quantity.value().value_or(1);
  const std::string nonce = text_at(body, "pn");
  wish.origin = parse_hex128(nonce).ok() ? nonce : request.id;
  const std::string token = text_at(body, "token");
  bool is_token_bad = false;
  if (const auto packed = parse_packed_token(token); packed.ok()) {
    wish.claim = packed.value();
  } else if (!token.empty()) {
    auto visit = parts.tokens.check(token, site.id);
    is_token_bad = !visit.ok();
    if (visit.ok() && permits_ids(visit.value().consent)) wish.visit = std::move(visit).value();
  }
  const auto made = parts.checkouts.make(site, *config, *maker, wish);
  if (!made.ok()) return Reply::error(made.error()).header("X-Throughline", made.error().code);
  const nlohmann::ordered_json reply_body = {{"url", made.value().url}, {"id", made.value().id}};
  auto reply = Reply::json(200, reply_body.dump());
  if (is_token_bad) reply.header("X-Throughline", "bad_token");
  return reply;
}

}  // namespace

std::vector<Route> checkout_routes(const OrderRouteParts& parts) {
  Route route;
  route.method = "POST";
  route.pattern = "/api/checkout/{provider}";
  route.handler = [parts](const Request& request) { return answer_checkout(parts, request); };
  route.cors = Cors::any_site;
  route.summary = "Creates a checkout for a configured item, with the visit's ids on board";
  return {std::move(route)};
}

}  // namespace tl::server::http
