// SPDX-License-Identifier: Apache-2.0
// WooCommerce: HMAC of the raw body, keyed with the secret as WordPress resolves its entities. One
// resource, the order: paid when it says so, with all its refunds in it; a refund that is deleted
// is told by the order without it, whose date stays. Saving a webhook there sends an unsigned ping
// that wants a plain 200. WooCommerce Subscriptions names the subscription in the meta of the
// orders that renew it, not in the one that began it. Sources: woocommerce/woocommerce
// class-wc-webhook.php, wc-order-functions.php, REST API v3 orders, 2026-11; facts: payments, 10.
#include "server/core/orders/collected_sales.hpp"
#include "server/providers/api_description.hpp"
#include "server/providers/described_provider.hpp"
#include "server/providers/event_source.hpp"
#include "server/providers/webhook_fields.hpp"

#include <nlohmann/json.hpp>

namespace tl::server {
namespace {

// Where this server writes the subscription that an order's meta says it renews: not the shop's own
// member.
constexpr const char* kRenewedSubscription = "/renewed_subscription";

void name_renewed_subscription(nlohmann::json& order) {
  const auto* meta = value_at(order, "/meta_data");
  if (meta == nullptr || !meta->is_array()) return;
  for (const auto& entry : *meta)
    if (text_at(entry, "key") == "_subscription_renewal")
      if (const auto found = entry.find("value"); found != entry.end()) {
        nlohmann::json value = *found;
        order["renewed_subscription"] = std::move(value);
        return;
      }
}

EventRule woocommerce_refunds(const std::vector<std::string>& types) {
  EventRule rule;
  rule.types = types;
  rule.role = EventRole::refund;
  rule.each = "/refunds";
  rule.is_whole_list = true;
  rule.fields.order_id = {"root:/id"};
  rule.fields.aliases = {"root:/order_key"};
  rule.fields.currency = {"root:/currency"};
  rule.fields.refund_id = {"/id"};
  rule.fields.refund_amount = {"/total"};
  rule.fields.occurred_at = {"root:/date_modified_gmt"};
  return rule;
}

PaymentDescription woocommerce_description() {
  PaymentDescription shop;
  shop.name = "woocommerce";
  SignatureRule signature;
  signature.header = "X-WC-Webhook-Signature";
  signature.scheme = {MacHash::sha256, MacEncoding::base64, KeyForm::utf8_without_entities};
  shop.signatures = {signature};
  shop.event_id = {"header:X-WC-Webhook-Delivery-ID"};
  shop.event_type = {"header:X-WC-Webhook-Topic"};
  shop.amounts = PaymentDescription::Amounts::decimal;
  shop.fields.order_id = {"/id"};
  shop.fields.aliases = {"/order_key"};
  shop.charge_id = {"root:/transaction_id"};
  shop.fields.amount = {"/total"};
  shop.fields.currency = {"/currency"};
  shop.renewal_values = {"*"};
  shop.fields.subscription = {kRenewedSubscription};
  shop.fields.subscription_id = {kRenewedSubscription};
  shop.fields.customer_id = {"/customer_id"};
  shop.fields.email = {"/billing/email"};
  shop.fields.phone = {"/billing/phone"};
  shop.fields.name = {"{/billing/first_name} {/billing/last_name}", "/billing/first_name",
                      "/billing/last_name"};
  shop.fields.country = {"/billing/country"};
  shop.fields.occurred_at = {"/date_paid_gmt", "/date_created_gmt"};
  shop.fields.changed_at = {"/date_modified_gmt"};
  shop.fields.metadata = {"/meta_data"};
  shop.items = "/line_items";
  shop.item_id = {"/product_id"};
  shop.item_name = {"/name"};
  shop.item_quantity = {"/quantity"};
  shop.item_price = {"/price"};
  const std::vector<std::string> orders = {"order.created", "order.updated", "order.restored"};
  shop.events = {
      {.types = orders,
       .role = EventRole::paid,
       .when = {"/date_paid_gmt", "/status=processing|completed|refunded"},
       .rank = kShopRank},
      {.types = orders, .role = EventRole::failed, .when = {"/status=failed|cancelled"}},
      {.types = orders, .role = EventRole::pending, .when = {"/id"}},
      woocommerce_refunds(orders),
      {.types = {"order.*", "coupon.*", "customer.*", "product.*", "action.*"}},
  };
  return shop;
}

class WooCommerce final : public DescribedProvider {
 public:
  WooCommerce() : DescribedProvider(woocommerce_description()) {}

  Outcome<std::vector<OrderChange>> read(const WebhookRequest& request, const PaymentConfig& config,
                                         const SiteConfig& site) const override {
    const bool is_ping = request.header("X-WC-Webhook-Signature") == nullptr &&
                         request.body.starts_with("webhook_id=") && request.body.size() < 40;
    if (!is_ping) return DescribedProvider::read(request, config, site);
    OrderChange ping;
    ping.event_key = std::string(request.body);
    ping.event_type = "ping";
    ping.tells_live = false;
    ignore(ping, "ping");
    return std::vector<OrderChange>{std::move(ping)};
  }
  Outcome<std::vector<OrderChange>> read_fetched(const WebhookRequest& request,
                                                 const PaymentConfig& config,
                                                 const SiteConfig& site) const override {
    auto order = described_body(description(config), request);
    if (order.is_object()) name_renewed_subscription(order);
    return read_described(description(config), order, request, config, site);
  }
};

}  // namespace

std::unique_ptr<Provider> make_woocommerce() {
  return std::make_unique<WooCommerce>();
}

// GET /wp-json/wc/v3/orders of the shop itself; an item is the webhook's body.
ApiDescription woocommerce_api() {
  ApiDescription api;
  api.key_form = "Basic {basic}";  // consumer key:consumer secret
  api.form.type_at = "header:X-WC-Webhook-Topic";
  OrderListing orders;
  orders.name = "orders";
  // By id: an order that changes meanwhile moves to no other page.
  orders.path =
      "/wp-json/wc/v3/orders?per_page=50&orderby=id&order=asc&dates_are_gmt=true"
      "&modified_after={since}";
  orders.page_parameter = "page";
  orders.events = {{.type = "order.updated"}};
  api.listings = {std::move(orders)};
  return api;
}

}  // namespace tl::server
