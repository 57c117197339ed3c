// SPDX-License-Identifier: Apache-2.0
// Lemon Squeezy: HMAC of the raw body in X-Signature. The order tells a subscription's first
// payment; later ones are subscription invoices, whose keys are their own. Refunds are cumulative
// totals. No event id: the body's hash is the delivery's key.
// Sources: npm @lemonsqueezy/lemonsqueezy.js 4.0.0, documentation "Signing requests", "Webhook
// requests", 2026-08; facts: payments, 9.
#include "server/providers/api_description.hpp"
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

// Sent beside the order that began the subscription: only it names both.
OrderFields of_lemon_subscription() {
  OrderFields fields;
  fields.order_id = {"/data/attributes/order_id"};
  fields.subscription_id = {"/data/id"};
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
  lemon.fields.changed_at = {"/data/attributes/updated_at"};
  lemon.fields.metadata = {"/meta/custom_data"};
  lemon.events = {
      {.types = {"order_created"},
       .role = EventRole::paid,
       .when = {"/data/attributes/status=paid|refunded|partial_refund"}},
      {.types = {"order_created"},
       .role = EventRole::failed,
       .when = {"/data/attributes/status=failed"}},
      {.types = {"order_created"}, .role = EventRole::pending},
      {.types = {"order_refunded"}, .role = EventRole::refund, .fields = with_lemon_refund({})},
      {.types = {"subscription_created"},
       .role = EventRole::enrich,
       .fields = of_lemon_subscription()},
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

// GET /v1/orders, /v1/subscriptions and /v1/subscription-invoices, newest first; an item is the
// webhook's data, but without the custom data that the buyer brought: imported orders are joined by
// e-mail.
ApiDescription lemonsqueezy_api() {
  ApiDescription api;
  api.base_url = "https://api.lemonsqueezy.com";
  api.headers["Accept"] = "application/vnd.api+json";
  api.form.item_at = "/data";
  api.form.type_at = "/meta/event_name";
  const auto listing = [](const std::string& name, std::vector<ItemEvent> events) {
    OrderListing list;
    list.name = name;
    list.path = "/v1/" + name + "?page%5Bsize%5D=50";
    list.items = "/data";
    list.page_parameter = "page[number]";
    list.time = {"/attributes/created_at"};
    list.is_newest_first = true;
    list.events = std::move(events);
    return list;
  };
  const std::string some_back = std::string("/attributes/refunded_amount") + kSomethingBack;
  api.listings = {
      listing("orders",
              {{.type = "order_created"}, {.type = "order_refunded", .when = {some_back}}}),
      listing("subscriptions", {{.type = "subscription_created"}}),
      listing("subscription-invoices",
              {{.type = "subscription_payment_success",
                .when = {"/attributes/status=paid|refunded|partial_refund"}},
               {.type = "subscription_payment_refunded",
                .when = {some_back, "/attributes/billing_reason!=initial"}}}),
  };
  return api;
}

}  // namespace tl::server
