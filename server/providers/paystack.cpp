// SPDX-License-Identifier: Apache-2.0
// Paystack: HMAC-SHA512 of the raw body, keyed with the account's secret API key. Amounts are
// hundredths in every currency. Metadata may come back as an object or as JSON text.
// Sources: Paystack's documentation "Webhooks", its AsyncAPI description, its OpenAPI description
// (repository PaystackOSS/openapi), 2026-11; facts: payments, 3 and 12.
#include "server/providers/api_description.hpp"
#include "server/providers/described_provider.hpp"

namespace tl::server {
namespace {

OrderFields of_paystack_refund(const char* status) {
  OrderFields fields;
  fields.order_id = {"/data/transaction_reference", "/data/transaction/reference"};
  fields.refund_id = {"/data/refund_reference", "/data/id",
                      "{/data/transaction_reference}:{/data/amount}"};
  fields.refund_amount = {"/data/amount"};
  fields.refund_status = {status};
  fields.occurred_at = {"/data/refunded_at", "/data/created_at"};
  return fields;
}

OrderFields of_paystack_dispute() {
  OrderFields fields;
  fields.order_id = {"/data/transaction/reference"};
  fields.dispute_id = {"/data/id"};
  fields.dispute_status = {"/data/resolution"};
  fields.amount = {"/data/refund_amount", "/data/transaction/amount"};
  fields.currency = {"/data/currency", "/data/transaction/currency"};
  fields.occurred_at = {"/data/created_at", "/data/createdAt"};
  return fields;
}

OrderFields of_paystack_decision() {
  OrderFields fields = of_paystack_dispute();
  fields.begun_at = fields.occurred_at;
  fields.occurred_at = {"/data/resolvedAt", "/data/resolved_at"};
  return fields;
}

}  // namespace

std::unique_ptr<Provider> make_paystack() {
  PaymentDescription paystack;
  paystack.name = "paystack";
  SignatureRule signature;
  signature.header = "x-paystack-signature";
  signature.scheme.hash = MacHash::sha512;
  paystack.signatures = {signature};
  paystack.event_id = {"{/event}:{/data/reference}", "{/event}:{/data/id}"};
  paystack.event_type = {"/event"};
  paystack.test_when = {"/data/domain=test"};
  paystack.exponent = 2;
  paystack.refund_pending_values = {"pending"};
  paystack.refund_failed_values = {"failed"};
  paystack.dispute_won_values = {"declined"};
  paystack.dispute_lost_values = {"merchant-accepted"};
  paystack.fields.order_id = {"/data/reference"};
  paystack.fields.aliases = {"/data/id"};
  paystack.fields.amount = {"/data/amount"};
  paystack.fields.currency = {"/data/currency"};
  // A charge names its plan and customer, never the subscription; a customer has one of a plan.
  paystack.fields.subscription_id = {"{/data/plan/plan_code}:{/data/customer/customer_code}",
                                     "{/data/plan_object/plan_code}:{/data/customer/customer_code}",
                                     "{/data/plan}:{/data/customer/customer_code}"};
  paystack.fields.customer_id = {"/data/customer/customer_code"};
  paystack.fields.email = {"/data/customer/email"};
  paystack.fields.phone = {"/data/customer/phone"};
  paystack.fields.name = {"{/data/customer/first_name} {/data/customer/last_name}"};
  paystack.fields.occurred_at = {"/data/paid_at", "/data/paidAt", "/data/created_at"};
  paystack.fields.metadata = {"/data/metadata"};
  paystack.events = {
      {.types = {"charge.success"}, .role = EventRole::paid},
      {.types = {"charge.failed"}, .role = EventRole::failed},
      {.types = {"refund.processed"},
       .role = EventRole::refund,
       .fields = of_paystack_refund("=succeeded")},
      {.types = {"refund.failed"},
       .role = EventRole::refund,
       .fields = of_paystack_refund("=failed")},
      {.types = {"refund.*"}, .role = EventRole::refund, .fields = of_paystack_refund("=pending")},
      {.types = {"charge.dispute.resolve"},
       .role = EventRole::dispute,
       .fields = of_paystack_decision()},
      {.types = {"charge.dispute.*"}, .role = EventRole::dispute, .fields = of_paystack_dispute()},
      {.types = {"charge.*", "customeridentification.*", "dedicatedaccount.*", "invoice.*",
                 "paymentrequest.*", "subscription.*", "transfer.*"}},
  };
  return described(std::move(paystack));
}

// GET /transaction and /dispute; an item is the webhook's data. Of refunds the list says neither
// the name that the webhook gives them nor any other that both have, so they are left to webhooks.
ApiDescription paystack_api() {
  ApiDescription api;
  api.base_url = "https://api.paystack.co";
  api.form.item_at = "/data";
  api.form.type_at = "/event";
  const auto listing = [](const std::string& name, const std::string& query,
                          std::vector<ItemEvent> events) {
    OrderListing list;
    list.name = name;
    list.path = "/" + name + "?from={since}" + query;
    list.items = "/data";
    list.page_parameter = "page";
    list.events = std::move(events);
    return list;
  };
  api.listings = {listing("transaction", "&status=success", {{.type = "charge.success"}}),
                  listing("dispute", "",
                          {{.type = "charge.dispute.resolve", .when = {"/status=resolved"}},
                           {.type = "charge.dispute.create", .when = {"/status!=resolved"}}})};
  return api;
}

}  // namespace tl::server
