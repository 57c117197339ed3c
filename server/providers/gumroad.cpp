// SPDX-License-Identifier: Apache-2.0
// Gumroad: form posts without a signature, so a secret token travels in the address registered
// there. Parameters of the product's link come back as url_params. Prices are cents of US dollars,
// whatever the product's currency, which newer pings name beside. A refund of a part does not say
// how much. Sources: Gumroad's help page "Ping", its API reference ("Sales", resource
// subscriptions), repository antiwork/gumroad (purchase/ping_notification.rb, purchase.rb,
// sales_controller.rb), 2026-11; facts: payments, 13.
#include "server/providers/api_description.hpp"
#include "server/providers/described_provider.hpp"

namespace tl::server {

std::unique_ptr<Provider> make_gumroad() {
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
      {.types = {"sale"}, .role = EventRole::paid},
      std::move(lost),
      std::move(won),
      {.types = {"cancellation", "subscription_*"}},
  };
  return described(std::move(gumroad));
}

// GET /v2/sales, newest first, of purchases that were paid or are in a free trial, which costs
// nothing yet. What the buyer's link brought is not in it: imported sales are joined by e-mail.
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
  const std::string is_charged = "/free_trial_ends_on=";
  sales.events = {{.type = "sale", .when = {is_charged}},
                  {.type = "refund", .when = {is_charged, "/refunded=true"}},
                  {.type = "dispute", .when = {is_charged, "/disputed=true"}},
                  {.type = "dispute_won", .when = {is_charged, "/dispute_won=true"}}};
  api.listings = {std::move(sales)};
  return api;
}

}  // namespace tl::server
