// SPDX-License-Identifier: Apache-2.0
// Shopify: HMAC of the raw body, keyed with the app's client secret or the store's signing key. The
// topic stands in a header only; the body is the bare resource. Cart attributes come back as
// note_attributes. A refund's money is the sum of its successful refund transactions.
// Sources: npm @shopify/shopify-api 13.1.0, Shopify's webhook documentation, 2026-09; facts:
// payments, 7.
#include "server/providers/api_description.hpp"
#include "server/providers/described_provider.hpp"

namespace tl::server {
namespace {

SignatureRule shopify_signature(const char* header) {
  SignatureRule rule;
  rule.header = header;
  rule.scheme = {MacHash::sha256, MacEncoding::base64, KeyForm::utf8};
  return rule;
}

EventRule shopify_refund() {
  EventRule rule;
  rule.types = {"refunds/create"};
  rule.role = EventRole::refund;
  rule.when = {"/order_id", "/transactions/0/kind"};  // goods alone may come back
  rule.sum = "/transactions";
  rule.sum_when = {"/kind=refund", "/status=success"};
  rule.fields.order_id = {"/order_id"};
  rule.fields.aliases = {"/order_admin_graphql_api_id"};
  rule.fields.refund_id = {"/id"};
  // The order's amount is in the shop's currency, a buyer abroad gets another one back.
  rule.fields.refund_amount = {"/amount_set/shop_money/amount", "/amount"};
  rule.fields.currency = {"/transactions/0/amount_set/shop_money/currency_code",
                          "/transactions/0/currency", "/currency"};
  rule.fields.occurred_at = {"/processed_at", "/created_at"};
  return rule;
}

EventRule shopify_dispute() {
  EventRule rule;
  rule.types = {"disputes/create", "disputes/update"};
  rule.role = EventRole::dispute;
  rule.when = {"/order_id"};  // a payment in the till has none
  rule.fields.order_id = {"/order_id"};
  rule.fields.dispute_id = {"/id"};
  rule.fields.dispute_status = {"/status"};
  rule.fields.amount = {"/amount"};
  rule.fields.occurred_at = {"/initiated_at"};
  return rule;
}

EventRule shopify_decision() {
  EventRule rule = shopify_dispute();
  rule.when.emplace_back("/status=won|lost|accepted");
  rule.fields.begun_at = rule.fields.occurred_at;
  rule.fields.occurred_at = {"/finalized_on"};
  return rule;
}

}  // namespace

std::unique_ptr<Provider> make_shopify() {
  PaymentDescription shopify;
  shopify.name = "shopify";
  shopify.signatures = {shopify_signature("X-Shopify-Hmac-Sha256"),
                        shopify_signature("Shopify-Hmac-Sha256")};
  shopify.event_id = {"header:X-Shopify-Webhook-Id", "header:Shopify-Webhook-Id"};
  shopify.event_type = {"header:X-Shopify-Topic", "header:Shopify-Topic"};
  shopify.test_when = {"/test=true", "header:X-Shopify-Test=true"};
  shopify.amounts = PaymentDescription::Amounts::decimal;
  shopify.renewal_values = {"subscription_contract*"};
  shopify.dispute_won_values = {"won"};
  shopify.dispute_lost_values = {"lost", "accepted"};
  shopify.fields.order_id = {"/id"};
  shopify.fields.aliases = {"/admin_graphql_api_id", "/checkout_token"};
  shopify.fields.amount = {"/total_price"};
  shopify.fields.currency = {"/currency"};
  shopify.fields.subscription = {"/source_name"};
  shopify.fields.customer_id = {"/customer/id"};
  shopify.fields.email = {"/email", "/contact_email", "/customer/email"};
  shopify.fields.phone = {"/phone", "/customer/phone", "/billing_address/phone"};
  shopify.fields.name = {"{/customer/first_name} {/customer/last_name}", "/billing_address/name"};
  shopify.fields.country = {"/billing_address/country_code"};
  shopify.fields.occurred_at = {"/processed_at", "/created_at"};
  shopify.fields.changed_at = {"/updated_at"};
  shopify.fields.metadata = {"/note_attributes"};
  shopify.items = "/line_items";
  shopify.item_id = {"/product_id", "/sku"};
  shopify.item_name = {"/title", "/name"};
  shopify.item_quantity = {"/quantity"};
  shopify.item_price = {"/price"};
  shopify.events = {
      {.types = {"orders/paid"}, .role = EventRole::paid},
      {.types = {"orders/create"}, .role = EventRole::paid, .when = {"/financial_status=paid"}},
      {.types = {"orders/create"}, .role = EventRole::pending},
      {.types = {"orders/updated", "orders/edited"},
       .role = EventRole::enrich,
       .when = {"/id", "/financial_status=paid|partially_refunded|refunded"}},
      shopify_refund(),
      shopify_decision(),
      shopify_dispute(),
      {.types = {"orders/*", "order_transactions/*", "customers/*", "checkouts/*", "carts/*"}},
  };
  return described(std::move(shopify));
}

// GET orders.json of the shop's Admin API; an item is the webhook's body, its refunds too.
ApiDescription shopify_api() {
  ApiDescription api;
  api.key_header = "X-Shopify-Access-Token";
  api.key_form = "{key}";
  api.form.type_at = "header:X-Shopify-Topic";
  OrderListing orders;
  orders.name = "orders";
  orders.path = "/admin/api/2026-07/orders.json?status=any&limit=50&updated_at_min={since}";
  orders.items = "/orders";
  orders.paging = OrderListing::Paging::last_item;
  orders.page_parameter = "since_id";
  orders.first = "0";
  orders.cursor = "/id";
  orders.events = {
      {.type = "orders/paid", .when = {"/financial_status=paid|partially_refunded|refunded"}},
      {.type = "refunds/create", .each = "/refunds"},
  };
  api.listings = {std::move(orders)};
  return api;
}

}  // namespace tl::server
