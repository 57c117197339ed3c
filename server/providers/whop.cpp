// SPDX-License-Identifier: Apache-2.0
// Whop: Standard Webhooks keyed with the whole ws_… secret, and the older X-Whop-Signature with the
// same secret. Amounts are JSON numbers in the currency's main unit. Test or live is the
// endpoint's: the sandbox is another host with its own secret. Sources: npm @whop/sdk 0.0.42,
// @whop/api 0.0.51, docs.whop.com webhooks guide; facts: payments, 5.
#include "server/providers/api_description.hpp"
#include "server/providers/described_provider.hpp"
#include "server/providers/signature_check.hpp"

namespace tl::server {
namespace {

SignatureRule older_whop_signature() {
  SignatureRule rule;
  rule.form = SignatureRule::Form::pairs;
  rule.header = "X-Whop-Signature";
  rule.signed_text = "{timestamp}.{body}";
  rule.tolerance_s = 300;
  rule.allows_future = false;
  return rule;
}

// Whatever is bought makes a membership, a single sale too: of these it is a subscription.
constexpr const char* kIsSubscription = "/data/billing_reason!=one_time|manual";

OrderFields of_whop_subscription() {
  OrderFields fields;
  fields.subscription_id = {"/data/membership/id", "/data/membership_id"};
  return fields;
}

OrderFields of_whop_payment() {
  OrderFields fields;
  fields.order_id = {"/data/payment/id", "/data/payment_id"};
  fields.metadata = {"/data/payment/metadata", "/data/metadata"};
  return fields;
}

OrderFields of_whop_refund() {
  OrderFields fields = of_whop_payment();
  fields.refund_id = {"/data/id"};
  fields.refund_amount = {"/data/amount"};
  fields.refund_status = {"/data/status"};
  fields.occurred_at = {"/data/created_at", "/timestamp"};
  return fields;
}

OrderFields of_whop_dispute() {
  OrderFields fields = of_whop_payment();
  fields.dispute_id = {"/data/id"};
  fields.dispute_status = {"/data/status"};
  fields.amount = {"/data/amount"};
  fields.begun_at = {"/data/created_at"};
  fields.occurred_at = {"/timestamp", "/data/created_at"};
  return fields;
}

}  // namespace

std::unique_ptr<Provider> make_whop() {
  PaymentDescription whop;
  whop.name = "whop";
  whop.signatures = {standard_webhooks(KeyForm::utf8), older_whop_signature()};
  whop.event_id = {"header:webhook-id", "/id"};
  whop.event_type = {"/type", "/action"};
  whop.amounts = PaymentDescription::Amounts::decimal;
  whop.first_values = {"subscription", "subscription_create"};
  whop.renewal_values = {"subscription_cycle"};
  whop.update_values = {"subscription_update"};
  whop.refund_pending_values = {"pending", "requires_action"};
  whop.refund_failed_values = {"failed", "canceled"};
  whop.dispute_won_values = {"won"};
  whop.dispute_lost_values = {"lost"};
  whop.fields.order_id = {"/data/id"};
  whop.fields.amount = {"/data/total", "/data/final_amount"};
  whop.fields.currency = {"/data/currency"};
  whop.fields.subscription = {"/data/billing_reason"};
  whop.fields.customer_id = {"/data/user/id", "/data/user_id"};
  whop.fields.email = {"/data/user/email", "/data/user_email"};
  whop.fields.phone = {"/data/member/phone"};
  whop.fields.name = {"/data/user/name"};
  whop.fields.country = {"/data/billing_address/country"};
  whop.fields.occurred_at = {"/data/paid_at", "/data/created_at", "/timestamp"};
  whop.fields.changed_at = {"/timestamp"};
  whop.fields.metadata = {"/data/metadata"};
  // Older versions write the types with underscores.
  const std::vector<std::string> disputes = {"dispute.created", "dispute_created",
                                             "dispute.updated", "dispute_updated"};
  const std::vector<std::string> payments = {"payment.succeeded", "payment_succeeded"};
  whop.events = {
      {.types = payments,
       .role = EventRole::paid,
       .when = {kIsSubscription},
       .fields = of_whop_subscription()},
      {.types = payments, .role = EventRole::paid},
      {.types = {"payment.pending", "payment_pending", "payment.created", "payment_created"},
       .role = EventRole::pending},
      {.types = {"payment.failed", "payment_failed"}, .role = EventRole::failed},
      {.types = {"refund.created", "refund_created", "refund.updated", "refund_updated"},
       .role = EventRole::refund,
       .fields = of_whop_refund()},
      // An inquiry moves no money; if it becomes a chargeback, the dispute gets another status.
      {.types = disputes, .when = {"/data/status=warning_*"}, .reason = "inquiry"},
      {.types = disputes, .role = EventRole::dispute, .fields = of_whop_dispute()},
      {.types = {"membership.*", "membership_*", "invoice.*", "entry.*", "dispute_alert.*",
                 "dispute_alert_*"}},
  };
  return described(std::move(whop));
}

// GET /api/v1/payments, /refunds, /disputes of one company; an item is the webhook's data.
ApiDescription whop_api() {
  ApiDescription api;
  api.base_url = "https://api.whop.com";
  api.form.item_at = "/data";
  api.form.type_at = "/type";
  const auto listing = [](const std::string& name, const std::string& changed,
                          std::vector<ItemEvent> events) {
    OrderListing list;
    list.name = name;
    list.path = "/api/v1/" + name + "?company_id={account}&first=50&direction=asc&" + changed +
                "_after={since}";
    list.items = "/data";
    list.paging = OrderListing::Paging::answer;
    list.page_parameter = "after";
    list.cursor = "/page_info/end_cursor";
    list.more = "/page_info/has_next_page!=false";
    list.events = std::move(events);
    return list;
  };
  api.listings = {
      listing("payments", "updated", {{.type = "payment.succeeded", .when = {"/status=paid"}}}),
      listing("refunds", "created", {{.type = "refund.updated"}}),
      listing("disputes", "created", {{.type = "dispute.updated"}}),
  };
  return api;
}

}  // namespace tl::server
