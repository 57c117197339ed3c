// SPDX-License-Identifier: Apache-2.0
// Donorbox: Donorbox-Signature: <seconds>,<hex>; a list with one donation. Refunds are a cumulative
// total that an update of the donation tells. Links pass utm parameters alone, so the packed token
// travels as utm_content.
// Sources: Donorbox's help pages on custom webhooks as public receivers quote them, 2026-08
// (header and tolerance unverified), repository donorbox/donorbox-api and its wiki ("Filters",
// "Pagination"), 2026-11; facts: payments, 2 and 13.
#include "server/core/orders/collected_sales.hpp"
#include "server/providers/api_description.hpp"
#include "server/providers/described_provider.hpp"

namespace tl::server {

std::unique_ptr<Provider> make_donorbox() {
  PaymentDescription donorbox;
  donorbox.name = "donorbox";
  SignatureRule signature;
  signature.form = SignatureRule::Form::time_and_mac;
  signature.header = "Donorbox-Signature";
  signature.signed_text = "{timestamp}.{body}";
  signature.tolerance_s = 300;
  donorbox.signatures = {signature};
  donorbox.split = "/";
  donorbox.event_type = {"/action", "=new"};
  donorbox.amounts = PaymentDescription::Amounts::decimal;
  donorbox.first_values = {"true:true"};
  donorbox.renewal_values = {"true:false"};
  donorbox.fields.order_id = {"/id"};
  donorbox.charge_id = {"/stripe_charge_id"};
  donorbox.fields.amount = {"/amount"};
  donorbox.fields.currency = {"/currency"};
  donorbox.fields.refunded_total = {"/amount_refunded"};
  donorbox.fields.subscription = {"{/recurring}:{/first_recurring_donation}"};
  donorbox.fields.customer_id = {"/donor/id"};
  donorbox.fields.email = {"/donor/email"};
  donorbox.fields.phone = {"/donor/phone"};
  donorbox.fields.name = {"{/donor/first_name} {/donor/last_name}", "/donor/name"};
  donorbox.fields.occurred_at = {"/donation_date"};
  donorbox.fields.token = {"/utm_content"};
  const std::vector<std::string> donations = {"new", "update", "create", "created", "updated"};
  donorbox.events = {
      {.types = donations, .role = EventRole::pending, .when = {"/status=pending|processing"}},
      {.types = donations, .role = EventRole::failed, .when = {"/status=failed|canceled"}},
      {.types = donations, .role = EventRole::paid, .rank = kShopRank},
      {.types = donations,
       .role = EventRole::refund,
       .when = {"/amount_refunded", "/amount_refunded!=0|0.0|0.00"},
       .is_beside = true},
  };
  return described(std::move(donorbox));
}

// GET /api/v1/donations by the day on which they were given, of a time zone that is not said; an
// item is the webhook's donation.
ApiDescription donorbox_api() {
  ApiDescription api;
  api.base_url = "https://donorbox.org";
  api.key_form = "Basic {basic}";  // the account's e-mail:API key
  api.form.item_at = "/0";
  api.form.type_at = "/0/action";
  OrderListing donations;
  donations.name = "donations";
  donations.path = "/api/v1/donations?per_page=100&order=asc&date_from={day_before}";
  donations.page_parameter = "page";
  donations.time = {"/donation_date"};
  donations.events = {{.type = "update", .when = {"/status!=pending|processing|failed|canceled"}}};
  api.listings = {std::move(donations)};
  return api;
}

}  // namespace tl::server
