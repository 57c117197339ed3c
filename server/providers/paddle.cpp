// SPDX-License-Identifier: Apache-2.0
// Paddle Billing: Paddle-Signature: ts=<s>;h1=<hex>[;h1=<hex>]. The library allows 5 s and looks at
// the age only; a queue in between needs a longer tolerance_s. Amounts are integers as text. Events
// carry no e-mail address: with an api_key the transaction is fetched with its customer, beside the
// sale, which counts at once and is told when the buyer is known; without one the ids in
// custom_data and the customer's key join the person. Sources: npm @paddle/paddle-node-sdk 3.10.0,
// Paddle's documentation "Handle webhook delivery", 2026-08; facts: payments, 8.
#include "server/providers/api_description.hpp"
#include "server/providers/described_provider.hpp"

namespace tl::server {
namespace {

SignatureRule paddle_signature() {
  SignatureRule rule;
  rule.form = SignatureRule::Form::pairs;
  rule.header = "Paddle-Signature";
  rule.separator = ";";
  rule.timestamp_name = "ts";
  rule.signature_name = "h1";
  rule.signed_text = "{timestamp}:{body}";
  rule.tolerance_s = 5;
  return rule;
}

OrderFields of_paddle_adjustment() {
  OrderFields fields;
  fields.order_id = {"/data/transaction_id"};
  fields.refund_id = {"/data/id"};
  fields.refund_amount = {"/data/totals/total"};
  fields.refund_status = {"/data/status"};
  // One dispute a transaction: chargeback_reverse is an adjustment of its own.
  fields.dispute_id = {"/data/transaction_id"};
  fields.dispute_status = {"/data/action"};
  fields.amount = {"/data/totals/total"};
  fields.occurred_at = {"/data/created_at", "/occurred_at"};
  return fields;
}

// Of a fetched transaction: what its webhook left out.
constexpr const char* kPaddleBuyer = "transaction.buyer";

PaymentDescription paddle_description() {
  PaymentDescription paddle;
  paddle.name = "paddle";
  paddle.signatures = {paddle_signature()};
  paddle.event_id = {"/event_id"};
  paddle.event_type = {"/event_type"};
  paddle.first_values = {"web", "api"};
  paddle.renewal_values = {"subscription_recurring"};
  paddle.update_values = {"subscription_update", "subscription_charge"};
  paddle.refund_pending_values = {"pending_approval"};
  paddle.refund_failed_values = {"rejected", "reversed"};
  // Paddle tells no lost ones: a chargeback has taken the money and stands until it is reversed.
  paddle.dispute_lost_values = {"chargeback"};
  paddle.dispute_won_values = {"chargeback_reverse"};
  paddle.fields.order_id = {"/data/id"};
  paddle.fields.aliases = {"/data/invoice_id"};
  paddle.fields.amount = {"/data/details/totals/grand_total", "/data/details/totals/total"};
  paddle.fields.currency = {"/data/currency_code", "/data/details/totals/currency_code"};
  paddle.fields.subscription = {"/data/origin"};
  paddle.fields.subscription_id = {"/data/subscription_id"};
  paddle.fields.customer_id = {"/data/customer_id"};
  paddle.fields.email = {"/data/customer/email"};  // of imported ones
  paddle.fields.name = {"/data/customer/name"};
  paddle.fields.occurred_at = {"/data/billed_at", "/occurred_at"};
  paddle.fields.changed_at = {"/data/updated_at", "/occurred_at"};
  paddle.fields.metadata = {"/data/custom_data"};
  paddle.items = "/data/details/line_items";
  paddle.item_id = {"/product/id", "/price_id"};
  paddle.item_name = {"/product/name"};
  paddle.item_quantity = {"/quantity"};
  paddle.item_price = {"/unit_totals/total"};
  const std::vector<std::string> adjustments = {"adjustment.created", "adjustment.updated"};
  paddle.events = {
      // Saves another card; nothing is sold.
      {.types = {"transaction.*"}, .when = {"/data/origin=subscription_payment_method_change"}},
      {.types = {kPaddleBuyer}, .role = EventRole::enrich},
      {.types = {"transaction.completed"}, .role = EventRole::paid, .rank = 2},
      {.types = {"transaction.paid"}, .role = EventRole::paid},
      {.types = {"transaction.payment_failed", "transaction.past_due"}, .role = EventRole::failed},
      {.types = adjustments,
       .role = EventRole::refund,
       .when = {"/data/action=refund"},
       .fields = of_paddle_adjustment()},
      // A chargeback_warning announces one and moves no money.
      {.types = adjustments,
       .role = EventRole::dispute,
       .when = {"/data/action=chargeback|chargeback_reverse"},
       .fields = of_paddle_adjustment()},
      {.types = {"adjustment.*", "transaction.*", "customer.*", "subscription.*", "address.*",
                 "business.*", "payout.*", "price.*", "product.*"}},
  };
  return paddle;
}

class Paddle final : public DescribedProvider {
 public:
  Paddle() : DescribedProvider(paddle_description()) {}

  Outcome<std::vector<OrderChange>> read(const WebhookRequest& request, const PaymentConfig& config,
                                         const SiteConfig& site) const override {
    TL_TRY(changes, DescribedProvider::read(request, config, site));
    const OrderChange& sale = changes.front();
    const bool is_nameless = sale.kind == OrderChange::Kind::purchase &&
                             !sale.customer_id.empty() && sale.customer.email.empty();
    if (config.api_key.empty() || !is_nameless) return std::move(changes);
    OrderChange buyer;
    buyer.kind = OrderChange::Kind::lookup;
    buyer.reason = "buyer";
    buyer.event_key = sale.event_key;
    buyer.event_type = sale.event_type;
    buyer.order_id = sale.order_id;
    buyer.change_key = sale.order_id + ":buyer";
    buyer.live = sale.live;
    changes.push_back(std::move(buyer));
    return std::move(changes);
  }
};

}  // namespace

std::unique_ptr<Provider> make_paddle() {
  return std::make_unique<Paddle>();
}

// GET /transactions (with the customer, whom webhooks leave out) and /adjustments; an item is the
// webhook's data. A look-up asks for one transaction.
ApiDescription paddle_api() {
  ApiDescription api;
  api.base_url = "https://api.paddle.com";
  api.form.item_at = "/data";
  api.form.type_at = "/event_type";
  const auto listing = [](const std::string& name, const std::string& query,
                          std::vector<ItemEvent> events) {
    OrderListing list;
    list.name = name;
    list.path = "/" + name + "?per_page=30&order_by=id%5BASC%5D" + query;
    list.items = "/data";
    list.paging = OrderListing::Paging::last_item;
    list.page_parameter = "after";
    list.cursor = "/id";
    list.more = "/meta/pagination/has_more=true";
    list.events = std::move(events);
    return list;
  };
  auto adjustments = listing("adjustments", "", {{.type = "adjustment.updated"}});
  adjustments.time = {"/updated_at", "/created_at"};
  api.listings = {
      listing("transactions", "&include=customer&updated_at%5BGTE%5D={since}",
              {{.type = "transaction.completed", .when = {"/status=completed"}},
               {.type = "transaction.paid", .when = {"/status=paid"}}}),
      std::move(adjustments),
  };
  api.needs_lookups = false;
  api.lookups = {{.prefix = "txn_",
                  .steps = {{"/transactions/{/id}?include=customer", "/answer"}},
                  .items = "/answer/data",
                  .events = {{.type = kPaddleBuyer}}}};
  return api;
}

}  // namespace tl::server
