// SPDX-License-Identifier: Apache-2.0
// Chargebee: no signature but Basic authentication, so the secret is "user:password" as typed
// there. An invoice is the sale; its first_invoice tells the first payment from renewals. Custom
// fields (cf_…) carry ids under payment_keys. The test site is an account of its own. Sources: npm
// chargebee 3.33.0 (webhook/auth, Event, RequestWrapper), Chargebee's event reference, 2026-11;
// facts: payments, 12.
#include "server/providers/api_description.hpp"
#include "server/providers/described_provider.hpp"

namespace tl::server {
namespace {

OrderFields of_chargebee_refund() {
  OrderFields fields;
  fields.order_id = {"/content/invoice/id", "/content/credit_note/reference_invoice_id"};
  fields.refund_id = {"/content/transaction/id"};
  fields.refund_amount = {"/content/transaction/amount"};
  fields.refund_status = {"/content/transaction/status"};
  return fields;
}

}  // namespace

std::unique_ptr<Provider> make_chargebee() {
  PaymentDescription chargebee;
  chargebee.name = "chargebee";
  SignatureRule login;
  login.kind = SignatureRule::Kind::basic_auth;
  chargebee.signatures = {login};
  chargebee.event_id = {"/id"};
  chargebee.event_type = {"/event_type"};
  chargebee.first_values = {"true"};
  chargebee.renewal_values = {"false"};
  chargebee.refund_pending_values = {"in_progress"};
  chargebee.refund_failed_values = {"failure", "voided", "timeout"};
  chargebee.fields.order_id = {"/content/invoice/id", "/content/transaction/id"};
  chargebee.fields.aliases = {"/content/transaction/id"};
  chargebee.fields.amount = {"/content/transaction/amount"};
  chargebee.fields.part_id = {"/content/transaction/id"};  // an invoice may be paid in parts
  chargebee.fields.currency = {"/content/transaction/currency_code"};
  chargebee.fields.subscription = {"/content/invoice/first_invoice"};
  chargebee.fields.subscription_id = {"/content/subscription/id",
                                      "/content/invoice/subscription_id",
                                      "/content/transaction/subscription_id"};
  chargebee.fields.customer_id = {"/content/customer/id", "/content/transaction/customer_id"};
  chargebee.fields.email = {"/content/customer/email"};
  chargebee.fields.phone = {"/content/customer/phone"};
  chargebee.fields.name = {"{/content/customer/first_name} {/content/customer/last_name}"};
  chargebee.fields.country = {"/content/customer/billing_address/country"};
  chargebee.fields.occurred_at = {"/content/transaction/date", "/occurred_at"};
  chargebee.fields.changed_at = {"/occurred_at"};
  chargebee.fields.metadata = {"/content/subscription/meta_data", "/content/subscription",
                               "/content/customer/meta_data", "/content/customer"};
  chargebee.fields.token = {"/content/hosted_page/pass_thru_content"};
  chargebee.events = {
      {.types = {"payment_succeeded"}, .role = EventRole::paid},
      {.types = {"payment_failed"}, .role = EventRole::failed},
      {.types = {"payment_refunded", "refund_initiated"},
       .role = EventRole::refund,
       .fields = of_chargebee_refund()},
      {.types = {"payment_*", "invoice_*", "subscription_*", "customer_*", "card_*",
                 "credit_note_*", "transaction_*", "hosted_page_*"}},
  };
  return described(std::move(chargebee));
}

// GET /api/v2/events of the site itself: what its webhooks said, word for word.
ApiDescription chargebee_api() {
  ApiDescription api;
  api.key_form = "Basic {user}";
  api.form.type_at = "/event_type";
  OrderListing events;
  events.name = "events";
  events.path =
      "/api/v2/events?limit=100&occurred_at%5Bafter%5D={since_s}&sort_by%5Basc%5D=occurred_at";
  events.items = "/list";
  events.item = "/event";
  events.paging = OrderListing::Paging::answer;
  events.page_parameter = "offset";
  events.cursor = "/next_offset";
  events.events = {ItemEvent{}};
  api.listings = {std::move(events)};
  return api;
}

}  // namespace tl::server
