// SPDX-License-Identifier: Apache-2.0
// Lemon Squeezy: HMAC of the raw body in X-Signature. The order tells a subscription's first
// payment; later ones are subscription invoices, whose keys are their own. Refunds are cumulative
// totals. No event id: the body's hash is the delivery's key.
// Sources: npm @lemonsqueezy/lemonsqueezy.js 4.0.0, documentation "Signing requests", "Webhook
// requests", 2026-08; facts: payments, 9.
#include "server/providers/described_provider.hpp"

namespace tl::server {
namespace {

OrderFields of_lemon_invoice() {
  OrderFields fields;
  fields.order_id = {"subscription-invoices/{/data/id}"};
  fields.subscription = {"/data/attributes/billing_reason"};
  fields.subscription_id = {"/data/attributes/subscription_id"};
  return fields;
}

OrderFields with_lemon_refund(OrderFields fields) {
  fields.refunded_total = {"/data/attributes/refunded_amount"};
  fields.occurred_at = {"/data/attributes/refunded_at", "/data/attributes/updated_at"};
  return fields;
}

}  // namespace

std::unique_ptr<Provider> make_lemonsqueezy() {
  PaymentDescription lemon;
  lemon.name = "lemonsqueezy";
  SignatureRule signature;
  signature.header = "X-Signature";
  lemon.signatures = {signature};
  lemon.event_type = {"/meta/event_name", "header:X-Event-Name"};
  lemon.test_when = {"/meta/test_mode=true", "/data/attributes/test_mode=true"};
  lemon.renewal_values = {"renewal"};
  lemon.update_values = {"updated"};
  lemon.fields.order_id = {"/data/id"};
  lemon.fields.aliases = {"/data/attributes/identifier"};
  lemon.fields.amount = {"/data/attributes/total"};
  lemon.fields.currency = {"/data/attributes/currency"};
  lemon.fields.customer_id = {"/data/attributes/customer_id"};
  lemon.fields.email = {"/data/attributes/user_email"};
  lemon.fields.name = {"/data/attributes/user_name"};
  lemon.fields.occurred_at = {"/data/attributes/created_at"};
  lemon.fields.metadata = {"/meta/custom_data"};
  lemon.events = {
      {.types = {"order_created"},
       .role = EventRole::paid,
       .when = {"/data/attributes/status=paid"}},
      {.types = {"order_created"},
       .role = EventRole::failed,
       .when = {"/data/attributes/status=failed"}},
      {.types = {"order_created"}, .role = EventRole::pending},
      {.types = {"order_refunded"}, .role = EventRole::refund, .fields = with_lemon_refund({})},
      {.types = {"subscription_payment_success"},
       .when = {"/data/attributes/billing_reason=initial"}},
      {.types = {"subscription_payment_success"},
       .role = EventRole::paid,
       .fields = of_lemon_invoice()},
      {.types = {"subscription_payment_refunded"},
       .role = EventRole::refund,
       .fields = with_lemon_refund(of_lemon_invoice())},
      {.types = {"subscription_payment_failed"},
       .role = EventRole::failed,
       .fields = of_lemon_invoice()},
      {.types = {"subscription_*", "license_key_*", "affiliate_*"}},
  };
  return described(std::move(lemon));
}

}  // namespace tl::server
