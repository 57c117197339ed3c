// SPDX-License-Identifier: Apache-2.0
// Adyen: the signature stands in the body, one for each of its notification items, over eight
// fields joined by colons, keyed with the hex-decoded HMAC key. It does not cover the metadata.
// Every item must verify. A modification names the payment it belongs to as originalReference. An
// authorisation counts as paid; money that then never comes (cancelled, expired, or its capture
// failed) is given back unless another capture brings it, and a refund that fails after all stays.
// Sources: npm @adyen/api-library 32.1.0 hmacValidator, Adyen's webhook types and currency codes,
// "CAPTURE_FAILED and REFUND_FAILED reasons", 2026-11; facts: payments, 3 and 12.
#include "server/core/orders/order_refunds.hpp"
#include "server/providers/described_provider.hpp"
#include "server/providers/event_source.hpp"
#include "server/providers/exact_json.hpp"
#include "server/providers/signature_check.hpp"

#include <nlohmann/json.hpp>

namespace tl::server {
namespace {

constexpr std::size_t kMostItems = 100;
constexpr MacScheme kAdyenScheme{MacHash::sha256, MacEncoding::base64, KeyForm::hex};
constexpr const char* kAdyenSuccess = "/NotificationRequestItem/success=true";

// What a chargeback's reversal gave back may be taken again: a dispute of its own.
OrderFields of_second_round() {
  OrderFields fields;
  fields.dispute_id = {"{/NotificationRequestItem/originalReference} second round"};
  return fields;
}

PaymentDescription adyen_description() {
  PaymentDescription adyen;
  adyen.name = "adyen";
  adyen.split = "/notificationItems";
  // A capture tried again has the name of the first and another reason.
  adyen.event_id = {
      "{/NotificationRequestItem/eventCode}:{/NotificationRequestItem/pspReference}:"
      "{/NotificationRequestItem/success}:{/NotificationRequestItem/reason}",
      "{/NotificationRequestItem/eventCode}:{/NotificationRequestItem/pspReference}:"
      "{/NotificationRequestItem/success}"};
  adyen.event_type = {"/NotificationRequestItem/eventCode"};
  adyen.test_when = {"root:/live=false"};
  adyen.exponents = {{"CLP", 2}, {"CVE", 0}, {"IDR", 0}, {"ISK", 2}};
  // A capture that Adyen tried again says so as its reason.
  adyen.refund_failed_values = {"REFUND_FAILED", "REFUNDED_REVERSED", "Transaction Recaptured",
                                "Transaction Auto-recaptured"};
  adyen.refund_pending_values = {"CAPTURE"};
  adyen.dispute_won_values = {"CHARGEBACK_REVERSED", "PREARBITRATION_WON"};
  // A chargeback takes the money at once.
  adyen.dispute_lost_values = {"CHARGEBACK", "SECOND_CHARGEBACK", "PREARBITRATION_LOST"};
  adyen.fields.order_id = {"/NotificationRequestItem/originalReference",
                           "/NotificationRequestItem/pspReference"};
  adyen.fields.amount = {"/NotificationRequestItem/amount/value"};
  adyen.fields.currency = {"/NotificationRequestItem/amount/currency"};
  adyen.fields.refund_id = {"/NotificationRequestItem/pspReference"};
  adyen.fields.refund_status = {"/NotificationRequestItem/eventCode"};
  adyen.fields.refund_amount = {"/NotificationRequestItem/amount/value"};
  adyen.fields.dispute_id = {"/NotificationRequestItem/originalReference"};
  adyen.fields.dispute_status = {"/NotificationRequestItem/eventCode"};
  adyen.fields.customer_id = {"/NotificationRequestItem/additionalData/shopperReference"};
  adyen.fields.email = {"/NotificationRequestItem/additionalData/shopperEmail"};
  adyen.fields.country = {"/NotificationRequestItem/additionalData/shopperCountry"};
  adyen.fields.occurred_at = {"/NotificationRequestItem/eventDate"};
  adyen.fields.metadata = {"/NotificationRequestItem/additionalData"};
  adyen.metadata_prefix = "metadata.";
  EventRule paid{.types = {"AUTHORISATION"}, .role = EventRole::paid, .when = {kAdyenSuccess}};
  paid.fields.aliases = {"/NotificationRequestItem/merchantReference"};
  EventRule failed{.types = {"AUTHORISATION"}, .role = EventRole::failed};
  failed.fields.aliases = paid.fields.aliases;
  const std::string collection =
      std::string(kCollectionId) + "{/NotificationRequestItem/pspReference}";
  EventRule recaptured{
      .types = {"CAPTURE"},
      .role = EventRole::refund,
      .when = {
          kAdyenSuccess,
          "/NotificationRequestItem/reason=Transaction Recaptured|Transaction Auto-recaptured"}};
  recaptured.fields.refund_id = {collection};
  recaptured.fields.refund_status = {"/NotificationRequestItem/reason"};
  EventRule captured{.types = {"CAPTURE"}, .role = EventRole::refund, .when = {kAdyenSuccess}};
  captured.fields.refund_id = {collection};
  EventRule never{.types = {"CANCELLATION", "TECHNICAL_CANCEL", "EXPIRE"},
                  .role = EventRole::refund,
                  .when = {kAdyenSuccess}};
  never.fields.refund_id = {collection};
  EventRule lost{.types = {"CAPTURE_FAILED"}, .role = EventRole::refund};
  lost.fields.refund_id = {collection};
  adyen.events = {
      std::move(paid),
      std::move(failed),
      std::move(recaptured),
      std::move(captured),
      std::move(never),
      std::move(lost),
      {.types = {"REFUND", "CANCEL_OR_REFUND"}, .role = EventRole::refund, .when = {kAdyenSuccess}},
      {.types = {"REFUND_FAILED", "REFUNDED_REVERSED"}, .role = EventRole::refund},
      {.types = {"CHARGEBACK", "CHARGEBACK_REVERSED", "NOTIFICATION_OF_CHARGEBACK"},
       .role = EventRole::dispute},
      {.types = {"SECOND_CHARGEBACK", "PREARBITRATION_*"},
       .role = EventRole::dispute,
       .fields = of_second_round()},
      {.types = {"CAPTURE*", "REFUND*", "CANCEL*", "REPORT_AVAILABLE", "PENDING"}},
  };
  return adyen;
}

ServerError adyen_refusal(std::string code, std::string detail) {
  return fail(ErrorKind::unauthenticated, std::move(code), std::move(detail));
}

class Adyen final : public DescribedProvider {
 public:
  Adyen() : DescribedProvider(adyen_description()) {}

  [[nodiscard]] std::string_view receipt() const override { return "[accepted]"; }
  [[nodiscard]] std::string_view missed_orders_advice() const override {
    return "Adyen's API lists no payments. It sends what was not taken again for 30 days: see its "
           "Customer Area, Developers, Webhooks, Troubleshoot.";
  }
  [[nodiscard]] ConfigComplaint complaint(const PaymentConfig& config,
                                          std::int64_t) const override {
    SignatureRule rule;
    rule.scheme = kAdyenScheme;
    return secrets_complaint({rule}, config.webhook_secrets);
  }
  [[nodiscard]] std::vector<std::string> items_of(std::string_view text) const override {
    nlohmann::json body = parse_exact_json(text);
    const auto* items = body.is_discarded() ? nullptr : value_at(body, "/notificationItems");
    // Adyen sends a handful; whoever sends more must have signed them all.
    if (items == nullptr || !items->is_array() || items->size() > kMostItems) return {};
    std::vector<std::string> bodies;
    for (const auto& item : nlohmann::json(*items)) {
      body["notificationItems"] = nlohmann::json::array({item});
      bodies.push_back(body.dump());
    }
    return bodies;
  }

  Outcome<std::vector<OrderChange>> read(const WebhookRequest& request, const PaymentConfig& config,
                                         const SiteConfig& site) const override {
    const auto body = described_body(description(config), request);
    const auto* items = body.is_discarded() ? nullptr : value_at(body, "/notificationItems");
    if (items == nullptr || !items->is_array() || items->empty())
      return adyen_refusal("malformed_header",
                           "the body has no notificationItems, which hold Adyen's signatures");
    for (const auto& item : *items) TL_CHECK(check_item(item, request, config));
    auto changes = read_described(description(config), body, request, config, site);
    if (!changes.ok()) return changes;
    // Each payment is a whole sale: a merchant reference used again ("donation") makes no two one.
    for (auto& change : changes.value())
      if (change.kind == OrderChange::Kind::purchase) change.half = SaleHalf::whole;
    return changes;
  }

 private:
  static Outcome<void> check_item(const nlohmann::json& item, const WebhookRequest& request,
                                  const PaymentConfig& config) {
    const auto* fields = value_at(item, "/NotificationRequestItem");
    const nlohmann::json nothing;
    const EventPlace place{request, item, fields == nullptr ? nothing : *fields};
    const std::string signature = text_of(place, "/additionalData/hmacSignature");
    if (signature.empty())
      return adyen_refusal("missing_header",
                           "a notification item has no hmacSignature; switch the HMAC on in "
                           "Adyen's Customer Area");
    std::string signed_text, colon;
    for (const auto* field :
         {"/pspReference", "/originalReference", "/merchantAccountCode", "/merchantReference",
          "/amount/value", "/amount/currency", "/eventCode", "/success"}) {
      signed_text += colon + text_of(place, field);
      colon = ":";
    }
    if (!any_mac_matches(kAdyenScheme, signed_text, config.webhook_secrets, {signature}))
      return adyen_refusal("bad_signature",
                           "an item's hmacSignature matches no configured webhook secret; compare "
                           "webhook_secrets with the HMAC key (hex) of the webhook");
    return {};
  }
};

}  // namespace

std::unique_ptr<Provider> make_adyen() {
  return std::make_unique<Adyen>();
}

}  // namespace tl::server
