// SPDX-License-Identifier: Apache-2.0
// Square: HMAC of the webhook's address exactly as registered, followed by the raw body. A payment
// counts when it is COMPLETED, whichever event says so; an order may have several. The invoice that
// bills a subscription names the order of its payment. reference_id (40 characters) has room for
// the anonymous id alone. The sandbox has applications of its own. Sources: npm square 46.0.0
// WebhooksHelper, Square's webhook reference, repository square/connect-api-specification
// (ListPayments, ListPaymentRefunds, ListDisputes), 2026-11; facts: payments, 12.
#include "server/providers/api_description.hpp"
#include "server/providers/described_provider.hpp"

namespace tl::server {
namespace {

OrderFields of_square_refund() {
  OrderFields fields;
  fields.order_id = {"/data/object/refund/payment_id"};
  fields.currency = {"/data/object/refund/amount_money/currency"};
  fields.refund_id = {"/data/object/refund/id"};
  fields.refund_amount = {"/data/object/refund/amount_money/amount"};
  fields.refund_status = {"/data/object/refund/status"};
  fields.occurred_at = {"/data/object/refund/created_at", "/created_at"};
  return fields;
}

OrderFields of_square_invoice() {
  OrderFields fields;
  fields.order_id = {"/data/object/invoice/order_id"};
  fields.subscription_id = {"/data/object/invoice/subscription_id"};
  fields.occurred_at = {"/created_at"};
  return fields;
}

OrderFields of_square_dispute() {
  OrderFields fields;
  fields.order_id = {"/data/object/dispute/disputed_payment/payment_id"};
  fields.currency = {"/data/object/dispute/amount_money/currency"};
  fields.amount = {"/data/object/dispute/amount_money/amount"};
  fields.dispute_id = {"/data/object/dispute/id", "/data/object/dispute/dispute_id"};
  fields.dispute_status = {"/data/object/dispute/state"};
  fields.begun_at = {"/data/object/dispute/created_at"};
  // A list says in updated_at since when its state is this one.
  fields.occurred_at = {"/created_at", "/data/object/dispute/updated_at"};
  return fields;
}

}  // namespace

std::unique_ptr<Provider> make_square() {
  PaymentDescription square;
  square.name = "square";
  SignatureRule signature;
  signature.header = "x-square-hmacsha256-signature";
  signature.scheme = {MacHash::sha256, MacEncoding::base64, KeyForm::utf8};
  signature.signed_text = "{url}{body}";
  square.signatures = {signature};
  square.event_id = {"/event_id"};
  square.event_type = {"/type"};
  square.refund_pending_values = {"PENDING"};
  square.refund_failed_values = {"REJECTED", "FAILED"};
  square.dispute_won_values = {"WON"};
  square.dispute_lost_values = {"LOST", "ACCEPTED"};
  square.fields.order_id = {"/data/object/payment/id"};
  square.fields.aliases = {"/data/object/payment/order_id"};
  square.fields.part_id = {"/data/object/payment/id"};
  square.fields.amount = {"/data/object/payment/total_money/amount",
                          "/data/object/payment/amount_money/amount"};
  square.fields.currency = {"/data/object/payment/total_money/currency",
                            "/data/object/payment/amount_money/currency"};
  square.fields.customer_id = {"/data/object/payment/customer_id"};
  square.fields.email = {"/data/object/payment/buyer_email_address"};
  square.fields.country = {"/data/object/payment/billing_address/country"};
  square.fields.occurred_at = {"/data/object/payment/created_at", "/created_at"};
  square.fields.changed_at = {"/data/object/payment/updated_at", "/created_at"};
  square.fields.anonymous_id = {"/data/object/payment/reference_id"};
  const std::vector<std::string> payments = {"payment.created", "payment.updated"};
  square.events = {
      {.types = payments,
       .role = EventRole::paid,
       .when = {"/data/object/payment/status=COMPLETED"}},
      {.types = payments,
       .role = EventRole::failed,
       .when = {"/data/object/payment/status=FAILED|CANCELED"}},
      {.types = payments, .role = EventRole::pending},
      {.types = {"refund.created", "refund.updated"},
       .role = EventRole::refund,
       .when = {"/data/object/refund/payment_id"},  // an unlinked refund is of no sale
       .fields = of_square_refund()},
      // An inquiry moves no money.
      {.types = {"dispute.*"},
       .when = {"/data/object/dispute/state=INQUIRY_EVIDENCE_REQUIRED|INQUIRY_PROCESSING|"
                "INQUIRY_CLOSED"}},
      // Of its evidence there is no payment in it.
      {.types = {"dispute.*"},
       .role = EventRole::dispute,
       .when = {"/data/object/dispute/disputed_payment/payment_id"},
       .fields = of_square_dispute()},
      {.types = {"invoice.payment_made"},
       .role = EventRole::enrich,
       .when = {"/data/object/invoice/order_id"},
       .fields = of_square_invoice()},
      {.types = {"order.*", "invoice.*", "customer.*", "payout.*", "subscription.*"}},
  };
  return described(std::move(square));
}

// GET /v2/payments and /v2/refunds as they changed, and /v2/disputes, which cannot be asked for a
// time; each of one location. An item is the webhook's object.
ApiDescription square_api() {
  ApiDescription api;
  api.base_url = "https://connect.squareup.com";
  api.form.type_at = "/type";
  const auto listing = [](const std::string& name, const std::string& object,
                          const std::string& query, std::vector<ItemEvent> events) {
    OrderListing list;
    list.name = name;
    list.path = "/v2/" + name + "?location_id={account}" + query;
    list.items = "/" + name;
    list.may_lack = true;
    list.item_at = "/data/object/" + object;
    list.paging = OrderListing::Paging::answer;
    list.page_parameter = "cursor";
    list.cursor = "/cursor";
    list.events = std::move(events);
    return list;
  };
  const std::string changed =
      "&limit=100&updated_at_begin_time={since}&sort_field=UPDATED_AT&sort_order=ASC";
  api.listings = {
      listing("payments", "payment", changed,
              {{.type = "payment.updated", .when = {"/status=COMPLETED|FAILED|CANCELED"}}}),
      listing("refunds", "refund", changed, {{.type = "refund.updated"}}),
      listing("disputes", "dispute", "", {{.type = "dispute.state.updated"}})};
  return api;
}

}  // namespace tl::server
