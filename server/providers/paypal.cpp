// SPDX-License-Identifier: Apache-2.0
// PayPal: an RSA signature over "<transmission id>|<time>|<webhook id>|<CRC-32 of the body>", made
// with PayPal's certificate. The certificate is the configured one; nothing is fetched, whatever
// address a webhook names. The sale is the order; its capture is an alias, which refunds name only
// in a link.
// Sources: PayPal's webhook guide, Orders v2, Payments v2 and Subscriptions v1 references, 2026-08
// and 2026-11; facts: payments, 11.
#include "server/core/access/secret_box.hpp"
#include "server/core/durations.hpp"
#include "server/core/text/rfc3339.hpp"
#include "server/providers/certificate_check.hpp"
#include "server/providers/described_provider.hpp"
#include "server/providers/event_source.hpp"
#include "server/providers/webhook_fields.hpp"
#include "throughline/text.hpp"
#include "throughline/url.hpp"

#include <nlohmann/json.hpp>

namespace tl::server {
namespace {

// Where this server writes the id of the capture that a refund's link "up" leads to: not PayPal's
// own member.
constexpr const char* kPaypalCapture = "/capture_id_of_link";

OrderFields of_paypal_refund() {
  OrderFields fields;
  fields.order_id = {"/resource/supplementary_data/related_ids/order_id", kPaypalCapture,
                     "/resource/sale_id"};
  fields.aliases = {kPaypalCapture};
  fields.refund_id = {"/resource/id"};
  fields.refund_amount = {"/resource/amount/value", "/resource/amount/total"};
  fields.refund_status = {"/resource/status", "/resource/state"};
  return fields;
}

// Told as a refund, or as the capture or sale itself, which was made long before.
OrderFields of_paypal_reversal() {
  OrderFields fields = of_paypal_refund();
  fields.occurred_at = {"/resource/update_time", "/create_time"};
  fields.order_id.push_back("/resource/id");
  fields.aliases.push_back("/resource/id");
  fields.refund_status = {"=reversed"};
  return fields;
}

// The order events alone name the payer.
OrderFields of_paypal_order() {
  OrderFields fields;
  fields.order_id = {"/resource/id"};
  fields.aliases = {"/resource/purchase_units/0/invoice_id"};
  fields.email = {"/resource/payer/email_address"};
  fields.country = {"/resource/payer/address/country_code"};
  fields.token = {"/resource/purchase_units/0/custom_id"};
  return fields;
}

// Payments of a subscription do not name the payer: its own event does, which may come before them
// or after.
OrderFields of_paypal_subscription() {
  OrderFields fields;
  fields.order_id = fields.subscription_id = {"/resource/id"};
  fields.email = {"/resource/subscriber/email_address"};
  fields.name = {"{/resource/subscriber/name/given_name} {/resource/subscriber/name/surname}"};
  fields.country = {"/resource/subscriber/shipping_address/address/country_code"};
  fields.token = {"/resource/custom_id"};
  return fields;
}

// Of a dispute that is decided for the buyer a part may go back only.
OrderFields of_paypal_dispute() {
  OrderFields fields;
  fields.order_id = {"/resource/disputed_transactions/0/seller_transaction_id"};
  fields.amount = {"/resource/dispute_outcome/amount_refunded/value",
                   "/resource/dispute_amount/value"};
  fields.currency = {"/resource/dispute_outcome/amount_refunded/currency_code",
                     "/resource/dispute_amount/currency_code"};
  fields.dispute_id = {"/resource/dispute_id"};
  fields.dispute_status = {"/resource/dispute_outcome/outcome_code"};
  fields.begun_at = {"/resource/create_time"};
  fields.occurred_at = {"/resource/update_time", "/create_time"};
  return fields;
}

PaymentDescription paypal_description() {
  PaymentDescription paypal;
  paypal.name = "paypal";
  paypal.event_id = {"/id"};
  paypal.event_type = {"/event_type"};
  paypal.amounts = PaymentDescription::Amounts::decimal;
  paypal.refund_pending_values = {"PENDING", "pending"};
  paypal.refund_failed_values = {"FAILED", "CANCELLED", "failed"};
  // A payout is PayPal's own money, under its protection of buyers or sellers.
  paypal.dispute_won_values = {"RESOLVED_SELLER_FAVOUR", "RESOLVED_WITH_PAYOUT",
                               "CANCELED_BY_BUYER", "DENIED"};
  paypal.dispute_lost_values = {"RESOLVED_BUYER_FAVOUR", "ACCEPTED"};
  paypal.fields.order_id = {"/resource/supplementary_data/related_ids/order_id", "/resource/id"};
  paypal.fields.aliases = {"/resource/id", "/resource/invoice_id"};
  paypal.fields.amount = {"/resource/amount/value", "/resource/amount/total"};
  paypal.fields.part_id = {"/resource/id"};  // an order may be captured in parts
  paypal.fields.currency = {"/resource/amount/currency_code", "/resource/amount/currency"};
  paypal.fields.subscription_id = {"/resource/billing_agreement_id"};
  paypal.fields.occurred_at = {"/resource/create_time", "/create_time"};
  paypal.fields.changed_at = {"/resource/update_time", "/create_time"};
  paypal.fields.token = {"/resource/custom_id", "/resource/custom"};
  paypal.events = {
      {.types = {"PAYMENT.CAPTURE.COMPLETED", "PAYMENT.SALE.COMPLETED"}, .role = EventRole::paid},
      {.types = {"PAYMENT.CAPTURE.PENDING", "PAYMENT.SALE.PENDING"}, .role = EventRole::pending},
      {.types = {"PAYMENT.CAPTURE.DENIED", "PAYMENT.CAPTURE.DECLINED", "PAYMENT.SALE.DENIED"},
       .role = EventRole::failed},
      {.types = {"PAYMENT.CAPTURE.REFUNDED", "PAYMENT.SALE.REFUNDED", "PAYMENT.REFUND.*"},
       .role = EventRole::refund,
       .fields = of_paypal_refund()},
      {.types = {"PAYMENT.CAPTURE.REVERSED", "PAYMENT.SALE.REVERSED"},
       .role = EventRole::refund,
       .fields = of_paypal_reversal()},
      {.types = {"CUSTOMER.DISPUTE.*"},
       .role = EventRole::dispute,
       .when = {"/resource/disputed_transactions/0/seller_transaction_id"},
       .fields = of_paypal_dispute()},
      {.types = {"CHECKOUT.ORDER.APPROVED", "CHECKOUT.ORDER.COMPLETED"},
       .role = EventRole::enrich,
       .fields = of_paypal_order()},
      {.types = {"BILLING.SUBSCRIPTION.ACTIVATED"},
       .role = EventRole::enrich,
       .fields = of_paypal_subscription()},
      {.types = {"PAYMENT.*", "CHECKOUT.*", "BILLING.*", "INVOICING.*"}},
  };
  return paypal;
}

constexpr std::int64_t kCertificateNoticeMs = 30 * kDayMs;

ServerError paypal_refusal(std::string code, std::string detail) {
  return fail(ErrorKind::unauthenticated, std::move(code), std::move(detail));
}

// https at paypal.com or below, and nothing that only looks like it.
bool is_paypal_address(std::string_view address) {
  const auto url = parse_url(address);
  return url.ok() && url.value().scheme == "https" &&
         (url.value().host == "paypal.com" || url.value().host.ends_with(".paypal.com"));
}

// The capture that a refund gives back: where its link "up" leads. A capture's own leads to its
// order or authorisation.
std::string capture_of_link(const nlohmann::json& body) {
  constexpr std::string_view kCaptures = "/captures/";
  const auto* links = value_at(body, "/resource/links");
  if (links == nullptr || !links->is_array()) return {};
  for (const auto& link : *links) {
    const std::string href = text_at(link, "href");
    const auto at = href.rfind(kCaptures);
    if (text_at(link, "rel") == "up" && at != std::string::npos)
      return href.substr(at + kCaptures.size());
  }
  return {};
}

class PayPal final : public DescribedProvider {
 public:
  PayPal() : DescribedProvider(paypal_description()) {}

  [[nodiscard]] std::string_view missed_orders_advice() const override {
    return "PayPal sends what was not taken again for three days; later its developer dashboard "
           "does, under Event Logs, Webhook Events, event by event.";
  }
  [[nodiscard]] ConfigComplaint complaint(const PaymentConfig& config,
                                          std::int64_t now_ms) const override {
    const auto life = certificate_life(config.certificate_pem);
    if (!life)
      return {
          "certificate_pem holds no certificate with an RSA key of at least 2,048 bits; save "
          "what PAYPAL-CERT-URL of a webhook names",
          ""};
    if (now_ms < life->from_ms)
      return {"", "certificate_pem is not valid before " + write_rfc3339(life->from_ms)};
    if (now_ms + kCertificateNoticeMs < life->to_ms) return {};
    const std::string end = write_rfc3339(life->to_ms);
    return {"", now_ms < life->to_ms
                    ? "certificate_pem ends on " + end +
                          ": from then on no webhook of PayPal's is taken; fetch the next one"
                    : "certificate_pem has expired on " + end +
                          ": no webhook of PayPal's is taken; fetch the next one"};
  }
  Outcome<std::vector<OrderChange>> read(const WebhookRequest& request, const PaymentConfig& config,
                                         const SiteConfig& site) const override {
    TL_CHECK(check_certificate(request, config));
    auto body = described_body(description(config), request);
    if (body.is_object())
      if (auto capture = capture_of_link(body); !capture.empty())
        body["capture_id_of_link"] = std::move(capture);
    return read_described(description(config), body, request, config, site);
  }

 private:
  static Outcome<void> check_certificate(const WebhookRequest& request,
                                         const PaymentConfig& config) {
    std::string parts[4];
    std::size_t next = 0;
    for (const auto* name : {"PAYPAL-TRANSMISSION-ID", "PAYPAL-TRANSMISSION-TIME",
                             "PAYPAL-TRANSMISSION-SIG", "PAYPAL-CERT-URL"}) {
      const std::string* value = request.header(name);
      if (value == nullptr || trim(*value).empty())
        return paypal_refusal("missing_header", "the request has no " + std::string(name) +
                                                    " header; webhooks must come from PayPal");
      parts[next++] = std::string(trim(*value));
    }
    const auto& [id, time, written, address] = parts;
    if (!is_paypal_address(address))
      return paypal_refusal("untrusted_certificate_url",
                            "PAYPAL-CERT-URL names an address that is not PayPal's");
    const auto signature = from_base64(written);
    const std::string* algorithm = request.header("PAYPAL-AUTH-ALGO");
    if (!signature || (algorithm != nullptr && *algorithm != "SHA256withRSA"))
      return paypal_refusal("malformed_header",
                            "PAYPAL-TRANSMISSION-SIG is no base64 of a SHA256withRSA signature");
    const std::string message =
        id + "|" + time + "|" + config.webhook_id + "|" + std::to_string(crc32_of(request.body));
    if (config.webhook_id.empty() ||
        !certificate_signed(config.certificate_pem, message, *signature, request.now_ms))
      return paypal_refusal("bad_signature",
                            "the configured certificate_pem did not sign this for webhook_id; "
                            "compare both with PayPal's, the certificate with that of " +
                                address);
    return {};
  }
};

}  // namespace

std::unique_ptr<Provider> make_paypal() {
  return std::make_unique<PayPal>();
}

}  // namespace tl::server
