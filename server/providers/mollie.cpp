// SPDX-License-Identifier: Apache-2.0
// Mollie. Classic webhooks are a form with the payment's id alone, unsigned on purpose, and do not
// say what happened: whatever it was, the payment is fetched. Next-generation webhooks are signed
// and tell the type; what counts is fetched all the same, so that one reading serves both. A
// payment is fetched with its refunds and chargebacks, so the last fetch tells all of it. Sources:
// npm mollie-api-typescript 1.12.28 (signature_validator, entitywebhookevent, payments), Mollie's
// documentation "Webhooks", 2026-08; facts: payments, 12.
#include "server/providers/api_description.hpp"
#include "server/providers/described_provider.hpp"
#include "server/providers/exact_json.hpp"
#include "server/providers/webhook_fields.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace tl::server {
namespace {

constexpr const char* kMollieSignature = "X-Mollie-Signature";
constexpr std::string_view kPaymentPrefix = "tr_";
constexpr std::size_t kLongestMollieId = 64;

EventRule mollie_refunds() {
  EventRule rule{
      .types = {"payment"}, .role = EventRole::refund, .each = "/payment/_embedded/refunds"};
  rule.fields.order_id = {"root:/payment/id"};
  rule.fields.currency = {"/amount/currency"};
  rule.fields.refund_id = {"/id"};
  rule.fields.refund_amount = {"/amount/value"};
  rule.fields.refund_status = {"/status"};
  rule.fields.occurred_at = {"/createdAt"};
  return rule;
}

EventRule mollie_chargebacks() {
  EventRule rule{
      .types = {"payment"}, .role = EventRole::dispute, .each = "/payment/_embedded/chargebacks"};
  rule.fields.order_id = {"root:/payment/id"};
  rule.fields.currency = {"/amount/currency"};
  rule.fields.amount = {"/amount/value"};
  rule.fields.dispute_id = {"/id"};
  rule.fields.dispute_status = {"reversed {/reversedAt}", "=received"};
  // Mollie opens no dispute: the money is gone with the chargeback, until it is reversed.
  rule.fields.begun_at = {"/createdAt"};
  rule.fields.occurred_at = {"/reversedAt", "/createdAt"};
  return rule;
}

// Lists of payments show no single refunds.
EventRule mollie_refunded_total() {
  EventRule rule{.types = {"payment.refunded"}, .role = EventRole::refund};
  rule.fields.refunded_total = {"/payment/amountRefunded/value"};
  rule.fields.occurred_at = {"/payment/paidAt", "/payment/createdAt"};
  return rule;
}

EventRule mollie_lookup(std::vector<std::string> types, const std::string& subject) {
  EventRule rule{.types = std::move(types), .role = EventRole::lookup, .when = {subject}};
  rule.fields.order_id = {subject};
  return rule;
}

PaymentDescription mollie_description() {
  PaymentDescription mollie;
  mollie.name = "mollie";
  SignatureRule signature;
  signature.header = kMollieSignature;
  signature.prefix = "sha256=";
  mollie.signatures = {signature};
  mollie.event_id = {"/id"};
  mollie.event_type = {"/type"};
  mollie.test_when = {"/payment/mode=test", "/_embedded/entity/mode=test"};
  mollie.amounts = PaymentDescription::Amounts::decimal;
  mollie.first_values = {"first"};
  mollie.renewal_values = {"recurring"};
  mollie.refund_pending_values = {"queued", "pending", "processing"};
  mollie.refund_failed_values = {"failed", "canceled"};
  mollie.dispute_lost_values = {"received"};  // a chargeback takes the money at once
  mollie.dispute_won_values = {"reversed*"};
  mollie.fields.order_id = {"/payment/id"};
  mollie.fields.amount = {"/payment/amount/value"};
  mollie.fields.currency = {"/payment/amount/currency"};
  mollie.fields.subscription = {"/payment/sequenceType"};
  // The mandate joins a subscription's first payment, made before there was one, with its others.
  mollie.fields.subscription_id = {"/payment/mandateId", "/payment/subscriptionId"};
  mollie.fields.customer_id = {"/payment/customerId"};
  mollie.fields.email = {"/payment/billingAddress/email", "/payment/metadata/email"};
  mollie.fields.phone = {"/payment/billingAddress/phone"};
  mollie.fields.name = {"{/payment/billingAddress/givenName} {/payment/billingAddress/familyName}",
                        "/payment/details/consumerName", "/payment/details/cardHolder"};
  mollie.fields.country = {"/payment/billingAddress/country", "/payment/countryCode"};
  mollie.fields.occurred_at = {"/payment/paidAt", "/payment/createdAt"};
  mollie.fields.metadata = {"/payment/metadata"};
  mollie.fields.token = {"/payment/metadata"};
  mollie.events = {
      {.types = {"payment"}, .role = EventRole::paid, .when = {"/payment/status=paid"}},
      {.types = {"payment"},
       .role = EventRole::failed,
       .when = {"/payment/status=failed|canceled|expired"}},
      {.types = {"payment"}, .role = EventRole::pending},
      mollie_refunds(),
      mollie_chargebacks(),
      mollie_refunded_total(),
      mollie_lookup({"payment.*"}, "/entityId"),
      mollie_lookup({"payment-link.paid"}, "/entityId"),
      mollie_lookup({"refund.*", "chargeback.*"}, "/_embedded/entity/paymentId"),
      {.types = {"refund.*", "chargeback.*", "capture.*", "balance-transaction.*", "payout.*",
                 "sales-invoice.*", "business-account-transfer.*", "hook.*"}},
  };
  return mollie;
}

bool is_mollie_id(std::string_view id) {
  const auto line = id.find('_');
  const auto is_lower = [](char c) { return c >= 'a' && c <= 'z'; };
  const auto is_plain = [&](char c) {
    return is_lower(c) || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  if (line == std::string_view::npos || line == 0 || id.size() > kLongestMollieId) return false;
  const auto kind = id.substr(0, line), rest = id.substr(line + 1);
  return !rest.empty() && std::all_of(kind.begin(), kind.end(), is_lower) &&
         std::all_of(rest.begin(), rest.end(), is_plain);
}

class Mollie final : public DescribedProvider {
 public:
  Mollie() : DescribedProvider(mollie_description()) {}

  Outcome<std::vector<OrderChange>> read(const WebhookRequest& request, const PaymentConfig& config,
                                         const SiteConfig& site) const override {
    if (request.header(kMollieSignature) != nullptr)
      return DescribedProvider::read(request, config, site);
    const std::string id = text_at(parse_form(request.body), "id");
    if (!is_mollie_id(id))
      return fail(ErrorKind::unauthenticated, "missing_header",
                  "the request is neither signed (X-Mollie-Signature) nor a form with a payment's "
                  "id, id=tr_…");
    OrderChange notice;
    notice.event_key = id;
    notice.event_type = "payment";
    notice.tells_live = false;
    notice.is_proven = false;
    if (!id.starts_with(kPaymentPrefix)) {
      ignore(notice, "unknown_type");
      return std::vector<OrderChange>{std::move(notice)};
    }
    notice.kind = OrderChange::Kind::lookup;
    notice.order_id = id;
    notice.change_key = id + ":payment";
    return std::vector<OrderChange>{std::move(notice)};
  }
};

}  // namespace

std::unique_ptr<Provider> make_mollie() {
  return std::make_unique<Mollie>();
}

// GET /v2/payments/{id} with all that happened to it; a payment link by its payments. GET
// /v2/payments is newest first, and each page begins with the payment that it is asked from.
ApiDescription mollie_api() {
  ApiDescription api;
  api.base_url = "https://api.mollie.com";
  api.form.item_at = "/payment";
  api.form.type_at = "/type";
  OrderListing payments;
  payments.name = "payments";
  payments.path = "/v2/payments?limit=100";
  payments.items = "/_embedded/payments";
  payments.paging = OrderListing::Paging::last_item;
  payments.page_parameter = "from";
  payments.cursor = "/id";
  payments.more = "/_links/next/href";
  payments.time = {"/createdAt"};
  payments.is_newest_first = true;
  payments.events = {
      {.type = "payment", .when = {"/status=paid"}},
      {.type = "payment.refunded",
       .when = {"/status=paid", std::string("/amountRefunded/value") + kSomethingBack}},
  };
  api.listings = {std::move(payments)};
  api.lookups = {
      {.prefix = "tr_",
       .steps = {{"/v2/payments/{/id}?embed=refunds,chargebacks", "/answer"}},
       .items = "/answer",
       .events = {{.type = "payment"}}},
      {.prefix = "pl_",
       .steps = {{"/v2/payment-links/{/id}/payments", "/answer"}},
       .items = "/answer/_embedded/payments",
       .events = {{.type = "payment", .when = {"/status=paid"}}}},
  };
  return api;
}

}  // namespace tl::server
