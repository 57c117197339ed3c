// SPDX-License-Identifier: Apache-2.0
// Gumroad: form posts without a signature, so a secret token travels in the address registered
// there. Parameters of the product's link come back as url_params. Prices are cents.
// Sources: Gumroad's help page "Ping", its API reference (resource subscriptions), 2026-08; facts:
// payments, 13.
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
  gumroad.default_currency = "USD";  // older pings name none
  gumroad.first_values = {"first"};
  gumroad.renewal_values = {"true"};
  gumroad.fields.order_id = {"/sale_id"};
  gumroad.fields.amount = {"/price"};
  gumroad.fields.currency = {"/currency"};
  gumroad.fields.refunded_total = {"/refunded_amount", "/amount_refunded", "/price"};
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
      {.types = {"refund"}, .role = EventRole::refund},
      {.types = {"sale"}, .role = EventRole::paid},
      std::move(lost),
      std::move(won),
      {.types = {"cancellation", "subscription_*"}},
  };
  return described(std::move(gumroad));
}

}  // namespace tl::server
