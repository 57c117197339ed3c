// SPDX-License-Identifier: Apache-2.0
#include "server/providers/stripe_checkout.hpp"

#include "server/core/text/foreign_json.hpp"
#include "server/core/text/percent_encoding.hpp"
#include "server/core/text/uuid_text.hpp"
#include "server/providers/stripe_money.hpp"
#include "server/providers/webhook_fields.hpp"
#include "throughline/text.hpp"

#include <nlohmann/json.hpp>

#include <array>

namespace tl::server {
namespace {

// application/x-www-form-urlencoded. {CHECKOUT_SESSION_ID} is encoded like everything else: Stripe
// decodes the form and then sees its literal braces.
class Form {
 public:
  void add(std::string_view key, std::string_view value) {
    if (!text_.empty()) text_ += '&';
    text_ += percent_encoded(key) + '=' + percent_encoded(value);
  }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
};

std::string lower_case(std::string_view text) {
  std::string lower_text;
  for (const char c : text) lower_text += ascii_lower(c);
  return lower_text;
}

void add_ids(Form& form, const std::string& prefix, const Handover& handover) {
  form.add(prefix + "[anonymous_id]", uuid_text(handover.anonymous_id));
  form.add(prefix + "[session_id]", uuid_text(handover.session_id));
  form.add(prefix + "[checkout_started_at]", std::to_string(handover.checkout_started_ms));
}

ServerError unavailable(std::string code, std::string detail) {
  constexpr std::int64_t kRetryAfterMs = 5000;
  return {ErrorKind::unavailable, std::move(code), std::move(detail), kRetryAfterMs};
}

}  // namespace

Outcome<OutgoingRequest> StripeCheckout::request(const CheckoutOrder& order,
                                                 const PaymentConfig& config) const {
  const CheckoutItem& item = order.item;
  const bool is_subscription = item.mode == "subscription";
  Form form;
  form.add("mode", item.mode);
  if (!item.price.empty()) {
    form.add("line_items[0][price]", item.price);
  } else {
    const auto amount = to_stripe_amount(order.amount_minor, item.currency);
    if (!amount)
      return invalid("bad_amount", "Stripe cannot charge this amount in " + item.currency);
    form.add("line_items[0][price_data][currency]", lower_case(item.currency));
    form.add("line_items[0][price_data][unit_amount]", std::to_string(*amount));
    form.add("line_items[0][price_data][product_data][name]",
             item.name.empty() ? order.site_name : item.name);
    if (is_subscription) form.add("line_items[0][price_data][recurring][interval]", item.interval);
  }
  form.add("line_items[0][quantity]", std::to_string(order.quantity));
  form.add("success_url", item.success_url);
  if (!item.cancel_url.empty()) form.add("cancel_url", item.cancel_url);
  if (!order.email.empty()) form.add("customer_email", order.email);
  // Stripe takes one or the other.
  if (!order.promotion_code.empty())
    form.add("discounts[0][promotion_code]", order.promotion_code);
  else if (!order.coupon.empty())
    form.add("discounts[0][coupon]", order.coupon);
  else if (item.promotion_codes)
    form.add("allow_promotion_codes", "true");
  if (order.handover) {
    std::array<char, 128> buffer{};
    Out out(buffer.data(), buffer.size());
    write_packed_token(*order.handover, out);
    form.add("client_reference_id", out.view());
    add_ids(form, "metadata", *order.handover);
    add_ids(form, is_subscription ? "subscription_data[metadata]" : "payment_intent_data[metadata]",
            *order.handover);
  } else if (!order.coarse.empty()) {
    form.add("client_reference_id", order.coarse);
  }
  OutgoingRequest request;
  request.url = (config.base_url.empty() ? "https://api.stripe.com" : config.base_url) +
                "/v1/checkout/sessions";
  request.headers = {{"Authorization", "Bearer " + config.api_key},
                     {"Content-Type", "application/x-www-form-urlencoded"},
                     {"Idempotency-Key", order.idempotency_key}};
  request.body = form.text();
  constexpr std::int64_t kTimeoutMs = 10'000;
  request.timeout_ms = kTimeoutMs;
  return request;
}

bool StripeCheckout::may_repeat(const OutgoingAnswer& answer) const {
  if (answer.reached != OutgoingAnswer::Reached::answered) return true;
  if (const auto said = answer.headers.find("stripe-should-retry"); said != answer.headers.end()) {
    if (said->second == "true") return true;
    if (said->second == "false") return false;
  }
  return answer.status == 409 || answer.status == 429 || answer.status >= 500;
}

Outcome<MadeCheckout> StripeCheckout::read(const OutgoingAnswer& answer) const {
  if (answer.reached != OutgoingAnswer::Reached::answered)
    return unavailable("provider_unreachable",
                       "Stripe could not be reached (" + answer.error + "); try again");
  const auto body = parse_foreign_json(answer.body);
  if (answer.status == 200 && body.is_object()) {
    MadeCheckout made{text_at(body, "id"), text_at(body, "url")};
    if (!made.id.empty() && !made.url.empty()) return made;
  }
  if (answer.status == 401 || answer.status == 403)
    return unavailable("provider_refused_key", "Stripe refused the API key (status " +
                                                   std::to_string(answer.status) +
                                                   "); check site.payment.stripe.api_key");
  if (answer.status == 429 || answer.status == 409)
    return ServerError{ErrorKind::limited, "provider_busy",
                       "Stripe is limiting requests at the moment; try again", 2000};
  std::string said = body.is_object() ? text_at(body, "error/message") : std::string{};
  const std::string param = body.is_object() ? text_at(body, "error/param") : std::string{};
  if (answer.status >= 500)
    return unavailable("provider_failed", "Stripe answered with a fault of its own (status " +
                                              std::to_string(answer.status) +
                                              "); try again, nothing was charged");
  if (answer.status < 400)
    return unavailable("unreadable_answer",
                       "Stripe's answer (status " + std::to_string(answer.status) +
                           ") names no checkout; check site.payment.stripe.base_url");
  // The one thing that the buyer typed.
  if (answer.status == 400 && param == "customer_email")
    return invalid("bad_email", "Stripe takes \"email\" for no e-mail address: " + said);
  if (said.empty()) said = "status " + std::to_string(answer.status);
  if (!param.empty()) said += " (" + param + ")";
  return invalid("checkout_refused",
                 "Stripe did not create the checkout: " + said +
                     "; check the item's price, mode and URLs in [[site.checkout]]");
}

}  // namespace tl::server
