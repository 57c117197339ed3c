// SPDX-License-Identifier: Apache-2.0
// POST /api/checkout/{provider}: {"site","write_key","token"?,"item","amount_minor"?,"quantity"?,
// "currency"?,"email"?,"promotion_code"? or "coupon"?,"pn"?} -> {"url","id"}. The page names an
// item, never a price. `token` is the session's token, or the packed token that the page's
// checkoutStarted() answers (then the page has reported checkout_started, and the server does not
// again). A token that does not read costs the attribution, never the sale: the answer is flagged
// and the buyer pays.
#include "server/core/orders/currency.hpp"
#include "server/http/error_reply.hpp"
#include "server/http/intake.hpp"
#include "server/http/json_reader.hpp"
#include "server/http/order_routes.hpp"
#include "throughline/contact.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <string_view>

namespace tl::server::http {
namespace {

using Json = nlohmann::json;

Outcome<std::optional<std::int64_t>> integer_of(const Json& body, const char* key) {
  const auto found = body.find(key);
  if (found == body.end() || found->is_null()) return std::optional<std::int64_t>{};
  if (!found->is_number_integer())
    return invalid("bad_number", "\"" + std::string(key) + "\" must be a whole number");
  if (found->is_number_unsigned() && found->get<std::uint64_t>() > INT64_MAX)
    return invalid("bad_number", "\"" + std::string(key) + "\" is too large");
  return std::optional(found->get<std::int64_t>());
}

Outcome<std::string> optional_text(const Json& body, const char* key, const char* code) {
  const Json* value = member(body, key);
  if (value == nullptr) return std::string();
  if (!value->is_string()) return invalid(code, "\"" + std::string(key) + "\" must be a text");
  return value->get<std::string>();
}

// A misspelt name would silently cost the buyer what it asked for.
Outcome<void> check_names(const Json& body) {
  static constexpr std::array<std::string_view, 11> kNames = {
      "site",     "write_key", "token", "item",           "amount_minor", "quantity",
      "currency", "email",     "pn",    "promotion_code", "coupon"};
  for (const auto& [name, value] : body.items())
    if (std::find(kNames.begin(), kNames.end(), name) == kNames.end())
      return invalid("bad_field", "\"" + name.substr(0, 64) +
                                      "\" is nothing that a checkout takes: item, amount_minor, "
                                      "quantity, currency, email, promotion_code or coupon, token");
  return {};
}

// Errors: invalid (bad_field, bad_number, bad_currency, bad_email, amount_not_allowed).
Outcome<CheckoutWish> read_wish(const Json& body) {
  for (const char* key : {"price", "price_id", "amount"})
    if (member(body, key) != nullptr)
      return invalid(
          "amount_not_allowed",
          "\"" + std::string(key) +
              "\" is not taken from a page: name the item of a [[site.checkout]], and for "
              "a free amount \"amount_minor\" (2500 is 25.00 EUR)");
  TL_CHECK(check_names(body));
  CheckoutWish wish;
  TL_TRY(item, optional_text(body, "item", "bad_field"));
  TL_TRY(amount_minor, integer_of(body, "amount_minor"));
  TL_TRY(quantity, integer_of(body, "quantity"));
  TL_TRY(currency, optional_text(body, "currency", "bad_currency"));
  TL_TRY(email, optional_text(body, "email", "bad_email"));
  TL_TRY(promotion_code, optional_text(body, "promotion_code", "bad_field"));
  TL_TRY(coupon, optional_text(body, "coupon", "bad_field"));
  if (!promotion_code.empty() && !promotion_code.starts_with("promo_"))
    return invalid("bad_field",
                   "\"promotion_code\" is the promotion code's id (promo_…), not what buyers type");
  if (!currency.empty()) {
    TL_TRY(code, parse_currency(currency));
    wish.currency = std::move(code);
  }
  std::array<char, 256> buffer{};
  Out out(buffer.data(), buffer.size());
  if (!email.empty() && !normalise_email(email, out).ok())
    return invalid("bad_email",
                   "\"email\" is no e-mail address; show it to the buyer, nothing was charged");
  wish.item = std::move(item);
  wish.amount_minor = amount_minor;
  wish.quantity = quantity.value_or(1);
  wish.email = std::move(email);
  wish.promotion_code = std::move(promotion_code);
  wish.coupon = std::move(coupon);
  return wish;
}

// Errors: not_found (no_such_provider), those of read_wish and of Checkouts::make.
Outcome<MadeCheckout> make_checkout(const OrderRouteParts& parts, const Request& request,
                                    const SiteConfig& site, const Json& body, bool& is_token_bad) {
  const std::string& provider = request.params.at("provider");
  const CheckoutMaker* maker = parts.find_checkout_maker(provider);
  const PaymentConfig* config = site.payment(provider);
  if (maker == nullptr || config == nullptr || config->api_key.empty())
    return fail(ErrorKind::not_found, "no_such_provider",
                "checkouts need [site.payment." + provider + "] with an api_key");

  TL_TRY(wish, read_wish(body));
  const std::string nonce = text_at(body, "pn");
  wish.origin = parse_hex128(nonce).ok() ? nonce : request.id;
  const std::string token = text_at(body, "token");
  if (const auto packed = parse_packed_token(token); packed.ok()) {
    wish.claim = packed.value();
  } else if (token.starts_with("tl0_")) {
    wish.coarse = token;
  } else if (!token.empty()) {
    auto visit = parts.tokens.check(token, site.id);
    is_token_bad = !visit.ok();
    if (visit.ok() && permits_ids(visit.value().consent)) wish.visit = std::move(visit).value();
  }
  return parts.checkouts.make(site, *config, *maker, wish);
}

// What the page shows a buyer when the provider did not make the checkout. Why is for the site's
// owner, who finds it in the log, on Install or among the rejects.
const char* buyers_sentence(const ServerError& error) {
  if (error.kind == ErrorKind::unavailable || error.kind == ErrorKind::limited)
    return "The payment page could not be opened; nothing was charged. Try again in a moment.";
  if (error.code == "checkout_refused")
    return "This cannot be paid for at the moment; nothing was charged. Tell the site's owner.";
  return nullptr;
}

Reply refuse_checkout(Ingest& ingest, const Request& request, const SitePointer& site,
                      const ServerError& error) {
  Reply reply = refuse(ingest, request, site, error);
  const char* const told = buyers_sentence(error);
  if (told != nullptr && !request.replayed && error_of(reply).code == error.code)
    reply.body = refusal(reply.status, error.code, told).body;
  return reply;
}

Reply answer_checkout(const OrderRouteParts& parts, Ingest& ingest, const Request& request) {
  KeyedBody body;
  if (auto refused = read_keyed_body(ingest, request, body)) return std::move(*refused);
  bool is_token_bad = false;
  const auto made = make_checkout(parts, request, *body.site, body.fields, is_token_bad);
  if (!made.ok()) return refuse_checkout(ingest, request, body.site, made.error());
  const nlohmann::ordered_json reply_body = {{"url", made.value().url}, {"id", made.value().id}};
  auto reply = Reply::json(200, reply_body.dump());
  if (is_token_bad) reply.header("X-Throughline", "bad_token");
  return reply;
}

}  // namespace

std::vector<Route> checkout_routes(const OrderRouteParts& parts, Ingest& ingest) {
  Route route;
  route.method = "POST";
  route.pattern = "/api/checkout/{provider}";
  route.handler = [parts, &ingest](const Request& request) {
    return answer_checkout(parts, ingest, request);
  };
  // Each asks the provider and holds a thread meanwhile, up to half a minute when that is down.
  route.rate_cost = 20;
  route.cors = Cors::any_site;
  route.summary = "Creates a checkout for a configured item, with the visit's ids on board";
  return {std::move(route)};
}

}  // namespace tl::server::http
