// SPDX-License-Identifier: Apache-2.0
// Polar: Standard Webhooks keyed with the UTF-8 of the whole secret. A link's reference_id, our
// packed token, comes back in the metadata. Amounts in Stripe's units. The sandbox is another
// environment with its own endpoint.
// Sources: npm @polar-sh/sdk 0.49.0, polarsource/polar (kit/currency.py,
// checkout_link/endpoints.py, webhook/tasks.py), 2026-08; facts: payments, 6.
#include "server/providers/api_description.hpp"
#include "server/providers/described_provider.hpp"
#include "server/providers/signature_check.hpp"

namespace tl::server {
namespace {

OrderFields of_first_polar_order() {
  OrderFields fields;
  // A renewal may name the checkout that began the subscription.
  fields.aliases = {"/data/checkout_id"};
  return fields;
}

OrderFields of_refunded_polar_order() {
  OrderFields fields;
  fields.refunded_total = {"/data/refunded_amount + /data/refunded_tax_amount"};
  fields.occurred_at = {"/data/modified_at", "/timestamp"};
  return fields;
}

OrderFields of_polar_refund() {
  OrderFields fields;
  fields.order_id = {"/data/order_id"};
  fields.refund_id = {"/data/id"};
  fields.refund_amount = {"/data/amount + /data/tax_amount"};
  fields.refund_status = {"/data/status"};
  return fields;
}

}  // namespace

std::unique_ptr<Provider> make_polar() {
  PaymentDescription polar;
  polar.name = "polar";
  polar.signatures = {standard_webhooks(KeyForm::utf8)};
  polar.event_id = {"header:webhook-id"};
  polar.event_type = {"/type"};
  polar.exponent = 2;
  for (const auto* whole : {"BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF",
                            "VND", "VUV", "XAF", "XOF", "XPF"})
    polar.exponents[whole] = 0;
  polar.first_values = {"subscription_create"};
  polar.renewal_values = {"subscription_cycle", "subscription_meter_cycle"};
  polar.update_values = {"subscription_update"};
  polar.refund_pending_values = {"pending"};
  polar.refund_failed_values = {"failed", "canceled"};
  polar.fields.order_id = {"/data/id"};
  polar.fields.amount = {"/data/total_amount", "/data/amount"};
  polar.fields.currency = {"/data/currency"};
  polar.fields.subscription = {"/data/billing_reason"};
  polar.fields.subscription_id = {"/data/subscription_id"};
  polar.fields.customer_id = {"/data/customer_id", "/data/customer/id"};
  polar.fields.email = {"/data/customer/email"};
  polar.fields.name = {"/data/customer/name", "/data/billing_name"};
  polar.fields.country = {"/data/billing_address/country",
                          "/data/customer/billing_address/country"};
  polar.fields.occurred_at = {"/data/created_at", "/timestamp"};
  polar.fields.changed_at = {"/data/modified_at", "/timestamp"};
  polar.fields.metadata = {"/data/metadata"};
  polar.fields.token = {"/data/metadata/reference_id"};
  polar.items = "/data/items";
  polar.item_id = {"/product_price_id", "/id"};
  polar.item_name = {"/label"};
  polar.item_price = {"/amount"};
  polar.events = {
      {.types = {"order.paid"},
       .role = EventRole::paid,
       .when = {"/data/billing_reason=purchase|subscription_create"},
       .fields = of_first_polar_order()},
      {.types = {"order.paid"}, .role = EventRole::paid},
      {.types = {"order.created"}, .role = EventRole::pending, .when = {"/data/status=pending"}},
      {.types = {"order.refunded"}, .role = EventRole::refund, .fields = of_refunded_polar_order()},
      {.types = {"refund.created", "refund.updated"},
       .role = EventRole::refund,
       .fields = of_polar_refund()},
      {.types = {"order.*", "checkout.*", "subscription.*", "customer.*", "benefit*", "product.*",
                 "organization.*", "member.*"}},
  };
  return described(std::move(polar));
}

// GET /v1/orders/, newest first; an item is the webhook's data.
ApiDescription polar_api() {
  ApiDescription api;
  api.base_url = "https://api.polar.sh";
  api.form.item_at = "/data";
  api.form.type_at = "/type";
  OrderListing orders;
  orders.name = "orders";
  orders.path = "/v1/orders/?limit=50&sorting=-created_at";
  orders.items = "/items";
  orders.page_parameter = "page";
  orders.time = {"/created_at"};
  orders.is_newest_first = true;
  orders.events = {
      {.type = "order.paid", .when = {"/status=paid|refunded|partially_refunded"}},
      {.type = "order.refunded", .when = {std::string("/refunded_amount") + kSomethingBack}},
  };
  api.listings = {std::move(orders)};
  return api;
}

}  // namespace tl::server
