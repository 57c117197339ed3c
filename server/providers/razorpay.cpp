// SPDX-License-Identifier: Apache-2.0
// Razorpay: HMAC of the raw body in X-Razorpay-Signature. payment.captured and order.paid both tell
// one sale, with different event ids; the order's id joins them, else the payment's. An order may
// be paid in parts: each is captured, and order.paid tells the sum. Notes that are empty are a
// list. Test or live is the endpoint's: test mode has webhooks of its own. Sources: npm
// razorpay 2.9.8 (webhooks, resources payments, refunds and disputes), Razorpay's documentation
// "Webhooks, best practices", "Fetch all payments", 2026-11; facts: payments, 12.
#include "server/providers/api_description.hpp"
#include "server/providers/described_provider.hpp"

namespace tl::server {
namespace {

OrderFields of_razorpay_refund(const char* status) {
  OrderFields fields;
  fields.order_id = {"/payload/payment/entity/order_id", "/payload/refund/entity/payment_id"};
  fields.aliases = {"/payload/refund/entity/payment_id"};
  fields.currency = {"/payload/refund/entity/currency", "/payload/payment/entity/currency"};
  fields.refund_id = {"/payload/refund/entity/id"};
  fields.refund_amount = {"/payload/refund/entity/amount"};
  fields.refund_status = {status};
  fields.occurred_at = {"/payload/refund/entity/created_at", "/created_at"};
  return fields;
}

OrderFields of_razorpay_dispute() {
  OrderFields fields;
  fields.order_id = {"/payload/payment/entity/order_id", "/payload/dispute/entity/payment_id"};
  fields.aliases = {"/payload/dispute/entity/payment_id"};
  fields.currency = {"/payload/dispute/entity/currency"};
  fields.amount = {"/payload/dispute/entity/amount"};
  fields.dispute_id = {"/payload/dispute/entity/id"};
  fields.dispute_status = {"/payload/dispute/entity/status"};
  fields.begun_at = {"/payload/dispute/entity/created_at"};
  fields.occurred_at = {"/created_at", "/payload/dispute/entity/created_at"};
  return fields;
}

// A list does not say when it was decided: at the latest now, and surely not when it was opened.
OrderFields of_razorpay_decision() {
  OrderFields fields = of_razorpay_dispute();
  fields.occurred_at = {"/created_at"};
  return fields;
}

OrderFields of_razorpay_payment() {
  OrderFields fields;
  fields.amount = {"/payload/payment/entity/amount"};
  fields.part_id = {"/payload/payment/entity/id"};
  return fields;
}

OrderFields of_razorpay_charge() {
  OrderFields fields = of_razorpay_payment();
  fields.subscription_id = {"/payload/subscription/entity/id"};
  fields.subscription = {"/payload/subscription/entity/paid_count"};
  return fields;
}

}  // namespace

std::unique_ptr<Provider> make_razorpay() {
  PaymentDescription razorpay;
  razorpay.name = "razorpay";
  SignatureRule signature;
  signature.header = "X-Razorpay-Signature";
  razorpay.signatures = {signature};
  razorpay.event_id = {"header:x-razorpay-event-id"};
  razorpay.event_type = {"/event"};
  razorpay.first_values = {"0", "1"};
  razorpay.renewal_values = {"*"};
  razorpay.refund_pending_values = {"pending"};
  razorpay.refund_failed_values = {"failed"};
  razorpay.dispute_won_values = {"won", "closed"};
  razorpay.dispute_lost_values = {"lost"};
  razorpay.fields.order_id = {"/payload/payment/entity/order_id", "/payload/order/entity/id",
                              "/payload/payment/entity/id"};
  razorpay.fields.aliases = {"/payload/payment/entity/id"};
  razorpay.fields.amount = {"/payload/order/entity/amount_paid", "/payload/payment/entity/amount"};
  razorpay.fields.currency = {"/payload/payment/entity/currency", "/payload/order/entity/currency"};
  razorpay.fields.customer_id = {"/payload/payment/entity/customer_id",
                                 "/payload/subscription/entity/customer_id"};
  razorpay.fields.email = {"/payload/payment/entity/email"};
  razorpay.fields.phone = {"/payload/payment/entity/contact"};
  razorpay.fields.occurred_at = {"/payload/payment/entity/created_at", "/created_at"};
  razorpay.fields.changed_at = {"/created_at"};
  razorpay.fields.metadata = {"/payload/payment/entity/notes", "/payload/order/entity/notes",
                              "/payload/subscription/entity/notes"};
  razorpay.events = {
      {.types = {"payment.captured"}, .role = EventRole::paid, .fields = of_razorpay_payment()},
      {.types = {"order.paid"}, .role = EventRole::paid, .rank = 2},
      {.types = {"subscription.charged"}, .role = EventRole::paid, .fields = of_razorpay_charge()},
      {.types = {"payment.authorized"}, .role = EventRole::pending},
      {.types = {"payment.failed"}, .role = EventRole::failed},
      {.types = {"refund.processed"},
       .role = EventRole::refund,
       .fields = of_razorpay_refund("=processed")},
      {.types = {"refund.failed"},
       .role = EventRole::refund,
       .fields = of_razorpay_refund("=failed")},
      {.types = {"refund.created", "refund.speed_changed"},
       .role = EventRole::refund,
       .fields = of_razorpay_refund("/payload/refund/entity/status")},
      {.types = {"payment.dispute.won", "payment.dispute.lost", "payment.dispute.closed"},
       .role = EventRole::dispute,
       .fields = of_razorpay_decision()},
      {.types = {"payment.dispute.*"}, .role = EventRole::dispute, .fields = of_razorpay_dispute()},
      {.types = {"payment.*", "order.*", "invoice.*", "subscription.*", "settlement.*",
                 "payment_link.*", "qr_code.*", "virtual_account.*"}},
  };
  return described(std::move(razorpay));
}

// GET /v1/payments, /v1/refunds and /v1/disputes; an item is an entity of the webhook's. Disputes
// cannot be asked for a time.
ApiDescription razorpay_api() {
  ApiDescription api;
  api.base_url = "https://api.razorpay.com";
  api.key_form = "Basic {basic}";  // key id:key secret
  api.form.type_at = "/event";
  const auto listing = [](const std::string& name, const std::string& entity,
                          const std::string& from, std::vector<ItemEvent> events) {
    OrderListing list;
    list.name = name;
    list.path = "/v1/" + name + "?count=100" + from;
    list.items = "/items";
    list.item_at = "/payload/" + entity + "/entity";
    list.paging = OrderListing::Paging::offset;
    list.page_parameter = "skip";
    list.events = std::move(events);
    return list;
  };
  const std::string from = "&from={since_s}";
  api.listings = {
      listing("payments", "payment", from,
              {{.type = "payment.captured", .when = {"/status=captured|refunded"}},
               {.type = "payment.failed", .when = {"/status=failed"}}}),
      listing("refunds", "refund", from,
              {{.type = "refund.processed", .when = {"/status=processed"}},
               {.type = "refund.failed", .when = {"/status=failed"}}}),
      listing("disputes", "dispute", "",
              {{.type = "payment.dispute.created", .when = {"/status=open|under_review"}},
               {.type = "payment.dispute.closed", .when = {"/status=won|lost|closed"}}})};
  return api;
}

}  // namespace tl::server
