// SPDX-License-Identifier: Apache-2.0
// Gumroad: form posts without a signature, so a secret token travels in the address registered
// there. Parameters of the product's link come back as url_params. Prices are cents of US dollars,
// whatever the product's currency, which newer pings name beside. A refund of a part does not say
// how much. A preorder is charged by a later sale of its own. A free trial looks like a first
// payment of the price that it will have, so where the API may be asked a subscription's start
// waits for it. Sources: Gumroad's help page "Ping", its API reference ("Sales", resource
// subscriptions), repository antiwork/gumroad (purchase/ping_notification.rb, purchase.rb,
// sales_controller.rb), 2026-11; facts: payments, 13.
#include "server/providers/api_description.hpp"
#include "server/providers/described_provider.hpp"

namespace tl::server {
namespace {

// This server's own name for the sale with which a trial begins.
constexpr const char* kGumroadTrial = "trial";

OrderFields of_gumroad_trial() {
  OrderFields fields;
  fields.amount = {"=0"};
  return fields;
}

PaymentDescription gumroad_description() {
  PaymentDescription gumroad;
  gumroad.name = "gumroad";
  SignatureRule token;
  token.kind = SignatureRule::Kind::token;
  gumroad.signatures = {token};
  gumroad.content = PaymentDescription::Content::form;
  gumroad.event_type = {"/resource_name", "=sale"};
  gumroad.test_when = {"/test=true"};
  gumroad.first_values = {"first", "false"};
  gumroad.renewal_values = {"true"};
  gumroad.fields.order_id = {"/sale_id"};
  gumroad.fields.amount = {"/price"};
  gumroad.fields.currency = {"=USD"};
  gumroad.fields.refunded_total = {"/price"};
  gumroad.fields.subscription = {"/is_recurring_charge", "=first"};
  gumroad.fields.subscription_id = {"/subscription_id"};
  gumroad.fields.customer_id = {"/purchaser_id"};
  gumroad.fields.email = {"/email"};
  gumroad.fields.name = {"/full_name"};
  gumroad.fields.occurred_at = {"/sale_timestamp"};
  gumroad.fields.metadata = {"/url_params"};
  gumroad.fields.token = {"/url_params/client_reference_id"};  // on links that the script decorates
  // Of a dispute that is lost nothing more comes: the money is gone until it is won.
  EventRule lost{.types = {"dispute"}, .role = EventRole::dispute};
  lost.fields.dispute_status = {"=lost"};
  EventRule won{.types = {"dispute_won"}, .role = EventRole::dispute};
  won.fields.dispute_status = {"=won"};
  gumroad.dispute_lost_values = {"lost"};
  gumroad.dispute_won_values = {"won"};
  gumroad.events = {
      {.types = {"refund"}, .when = {"/refunded=false"}, .reason = "part_refunded"},
      {.types = {"refund"}, .role = EventRole::refund},
      {.types = {"sale"}, .role = EventRole::pending, .when = {"/is_preorder_authorization=true"}},
      {.types = {"sale"}, .role = EventRole::paid},
      {.types = {kGumroadTrial}, .role = EventRole::paid, .rank = 2, .fields = of_gumroad_trial()},
      std::move(lost),
      std::move(won),
      {.types = {"cancellation", "subscription_*"}},
  };
  return gumroad;
}

class Gumroad final : public DescribedProvider {
 public:
  Gumroad() : DescribedProvider(gumroad_description()) {}

  Outcome<std::vector<OrderChange>> read(const WebhookRequest& request, const PaymentConfig& config,
                                         const SiteConfig& site) const override {
    TL_TRY(changes, DescribedProvider::read(request, config, site));
    OrderChange& start = changes.front();
    const bool may_be_trial =
        start.kind == OrderChange::Kind::purchase && start.subscription == SubscriptionRole::first;
    if (config.api_key.empty() || !may_be_trial) return std::move(changes);
    OrderChange asked;
    asked.kind = OrderChange::Kind::lookup;
    asked.event_key = start.event_key;
    asked.event_type = start.event_type;
    asked.order_id = start.order_id;
    asked.change_key = start.order_id + ":trial";
    asked.live = start.live;
    start.kind = OrderChange::Kind::pending;
    start.reason = "unpaid";
    start.change_key = "pending:" + start.order_id + ":" + std::to_string(start.amount_minor);
    changes.push_back(std::move(asked));
    return std::move(changes);
  }
};

}  // namespace

std::unique_ptr<Provider> make_gumroad() {
  return std::make_unique<Gumroad>();
}

// GET /v2/sales, newest first, of purchases that were paid or began a free trial, whose end every
// sale of the subscription names. What the buyer's link brought is not in it: imported sales are
// joined by e-mail. A look-up asks for one sale.
ApiDescription gumroad_api() {
  ApiDescription api;
  api.base_url = "https://api.gumroad.com";
  api.form.is_form = true;
  api.form.type_at = "/resource_name";
  api.form.copies = {{"/sale_id", {"/id"}},
                     {"/price", {"/price"}},
                     {"/email", {"/purchase_email", "/email"}},
                     {"/full_name", {"/full_name"}},
                     {"/purchaser_id", {"/purchaser_id"}},
                     {"/subscription_id", {"/subscription_id"}},
                     {"/is_recurring_charge", {"/recurring_charge"}},
                     {"/sale_timestamp", {"/created_at"}}};
  OrderListing sales;
  sales.name = "sales";
  sales.path = "/v2/sales?after={since_day}";
  sales.items = "/sales";
  sales.paging = OrderListing::Paging::answer;
  sales.page_parameter = "page_key";
  sales.cursor = "/next_page_key";
  sales.time = {"/created_at"};
  sales.is_newest_first = true;
  const std::string has_trial = "/free_trial_ends_on", has_none = "/free_trial_ends_on=";
  const std::vector<ItemEvent> paid_or_trial = {
      {.type = "sale", .when = {has_none}},
      {.type = "sale", .when = {has_trial, "/recurring_charge=true"}},
      {.type = kGumroadTrial, .when = {has_trial, "/recurring_charge!=true"}}};
  sales.events = paid_or_trial;
  for (const auto& [type, member] :
       {std::pair("refund", "/refunded=true"), std::pair("dispute", "/disputed=true"),
        std::pair("dispute_won", "/dispute_won=true")})
    sales.events.push_back({.type = type, .when = {member}});
  api.listings = {std::move(sales)};
  api.needs_lookups = false;
  api.counts_unanswered = true;
  api.lookups = {{.steps = {{"/v2/sales/{/id}", "/answer"}},
                  .items = "/answer/sale",
                  .events = paid_or_trial}};
  return api;
}

}  // namespace tl::server
