// SPDX-License-Identifier: Apache-2.0
// GoCardless: several unrelated events in one signed delivery, and each names a payment or a refund
// without telling it. Both are fetched: the payment's state says what it is worth, its mandate
// leads to the customer. The header Origin names the sandbox. Sources: npm gocardless-nodejs 10.1.2
// (webhooks, services, API version), API reference "Webhooks", "Payments", "Refunds", 2026-08;
// facts: payments, 12.
#include "server/core/orders/order_refunds.hpp"
#include "server/providers/api_description.hpp"
#include "server/providers/described_provider.hpp"

namespace tl::server {
namespace {

// Of a fetched one: {"type":"refund","resource":{…}} as the only event.
OrderFields of_gocardless_refund() {
  OrderFields fields;
  fields.order_id = {"/resource/links/payment"};
  fields.refund_id = {"/resource/id"};
  fields.refund_amount = {"/resource/amount"};
  fields.refund_status = {"/resource/status"};
  return fields;
}

EventRule gocardless_lookup(std::vector<std::string> types, const std::string& subject) {
  EventRule rule{.types = std::move(types), .role = EventRole::lookup};
  rule.fields.order_id = {subject};
  return rule;
}

OrderListing gocardless_list(const std::string& name, std::vector<ItemEvent> events) {
  OrderListing list;
  list.name = name;
  list.path = "/" + name + "?limit=100&created_at%5Bgte%5D={since}";
  list.items = "/" + name;
  list.paging = OrderListing::Paging::answer;
  list.page_parameter = "after";
  list.cursor = "/meta/cursors/after";
  list.events = std::move(events);
  return list;
}

const std::vector<std::string> kCollected = {"/status=confirmed|paid_out|charged_back"};

// Of a payment's history, as fetched: {"type":"payment.event","resource":{the event},
// "payment":{…}}.
EventRule of_gocardless_history(const std::string& actions, EventRole role) {
  EventRule rule{.types = {"payment.event"}, .role = role, .when = {"/resource/action=" + actions}};
  rule.fields.order_id = {"/payment/id"};
  rule.fields.currency = {"/payment/currency"};
  rule.fields.amount = rule.fields.refund_amount = {"/payment/amount"};
  rule.fields.refund_id = {std::string(kCollectionId) + "{/payment/id}"};
  rule.fields.refund_status = rule.fields.dispute_status = {"/resource/action"};
  rule.fields.round_id = {"/resource/id"};
  rule.fields.metadata = {"/payment/metadata"};
  return rule;
}

// A payment may fail after it was confirmed, late ones after it was paid out: then it goes back
// whole, counts again when it is confirmed once more, and may fail again. Of one that never was
// confirmed there is nothing to go back.
EventRule gocardless_failure() {
  EventRule rule = of_gocardless_history("failed", EventRole::refund);
  rule.fields.refund_status = {"=uncollected"};
  return rule;
}

}  // namespace

std::unique_ptr<Provider> make_gocardless() {
  PaymentDescription debit;
  debit.name = "gocardless";
  SignatureRule signature;
  signature.header = "Webhook-Signature";
  debit.signatures = {signature};
  debit.refusal_status = 498;
  debit.split = "/events";
  debit.event_id = {"/id"};
  debit.event_type = {"/type", "{/resource_type}.{/action}"};
  debit.test_when = {"header:Origin=https://api-sandbox*"};
  debit.refund_failed_values = {"cancelled", "bounced", "funds_returned", "failed"};
  debit.refund_pending_values = {"created", "pending_submission", "submitted", "confirmed"};
  debit.dispute_won_values = {"chargeback_cancelled"};
  debit.dispute_lost_values = {"charged_back"};
  debit.fields.order_id = {"/resource/id"};
  debit.fields.amount = {"/resource/amount"};
  debit.fields.currency = {"/resource/currency"};
  debit.fields.dispute_status = {"/resource/status"};
  // The first one may have been a payment of its own, whose metadata could carry ids.
  debit.collected_values = {"*"};
  debit.fields.subscription = debit.fields.subscription_id = {"/resource/links/subscription"};
  debit.fields.customer_id = {"/mandate/links/customer"};
  debit.fields.email = {"/customer/email"};
  debit.fields.phone = {"/customer/phone_number"};
  debit.fields.name = {"{/customer/given_name} {/customer/family_name}", "/customer/company_name"};
  debit.fields.country = {"/customer/country_code"};
  debit.fields.occurred_at = {"/resource/created_at"};
  debit.fields.metadata = {"/resource/metadata"};
  debit.events = {
      {.types = {"payment"},
       .role = EventRole::paid,
       .when = {"/resource/status=confirmed|paid_out|charged_back"}},
      {.types = {"payment"},
       .role = EventRole::failed,
       .when = {"/resource/status=failed|cancelled|customer_approval_denied"}},
      {.types = {"payment"}, .role = EventRole::pending},
      gocardless_failure(),
      of_gocardless_history("confirmed", EventRole::refund),
      of_gocardless_history("charged_back|chargeback_cancelled", EventRole::dispute),
      {.types = {"payment.event"}},
      {.types = {"payment.charged_back"}, .role = EventRole::dispute},
      {.types = {"refund"}, .role = EventRole::refund, .fields = of_gocardless_refund()},
      gocardless_lookup({"payments.confirmed", "payments.failed", "payments.cancelled",
                         "payments.charged_back", "payments.chargeback_cancelled",
                         "payments.late_failure_settled", "payments.resubmission_requested"},
                        "/links/payment"),
      gocardless_lookup({"refunds.*"}, "/links/refund"),
      {.types = {"payments.*", "mandates.*", "payouts.*", "subscriptions.*", "creditors.*",
                 "customers.*", "billing_requests.*", "instalment_schedules.*", "exports.*",
                 "scheme_identifiers.*", "outbound_payments.*", "payment_account_transactions.*"}},
  };
  return described(std::move(debit));
}

// GET /payments/{id} with its history, which alone tells of failures and chargebacks, and, where
// they are still there, for the buyer's address its mandate and customer; GET /refunds/{id}. A list
// of payments shows of their histories only where they ended.
ApiDescription gocardless_api() {
  ApiDescription api;
  api.base_url = "https://api.gocardless.com";
  api.headers["GoCardless-Version"] = "2015-07-06";
  api.form.item_at = "/events/0/resource";
  api.form.type_at = "/events/0/type";
  api.form.copies = {{"/events/0/payment", {"root:/payment/payments"}},
                     {"/events/0/mandate", {"root:/mandate/mandates"}},
                     {"/events/0/customer", {"root:/customer/customers"}}};
  api.listings = {gocardless_list("payments", {{.type = "payment", .when = kCollected},
                                               {.type = "payment.charged_back",
                                                .when = {"/status=charged_back"}}}),
                  gocardless_list("refunds", {{.type = "refund"}})};
  api.lookups = {
      {.prefix = "PM",
       .steps = {{"/payments/{/id}", "/payment"},
                 {"/mandates/{/payment/payments/links/mandate}", "/mandate", /*is_optional=*/true},
                 {"/customers/{/mandate/mandates/links/customer}", "/customer",
                  /*is_optional=*/true},
                 {"/events?resource_type=payments&limit=500&payment={/id}", "/history"}},
       .items = "/payment/payments",
       .events = {{.type = "payment"}, {.type = "payment.event", .each = "root:/history/events"}}},
      {.prefix = "RF",
       .steps = {{"/refunds/{/id}", "/refund"}},
       .items = "/refund/refunds",
       .events = {{.type = "refund"}}},
  };
  return api;
}

}  // namespace tl::server
