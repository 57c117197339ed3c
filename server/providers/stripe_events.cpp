// SPDX-License-Identifier: Apache-2.0
#include "server/providers/stripe_events.hpp"

#include "server/providers/stripe_fields.hpp"
#include "server/providers/stripe_money.hpp"
#include "server/providers/webhook_fields.hpp"

#include <nlohmann/json.hpp>

namespace tl::server {
namespace {

using nlohmann::json;
using Kind = OrderChange::Kind;

constexpr std::uint8_t kSessionRank = 4, kInvoiceRank = 3, kIntentRank = kPaymentRank,
                       kChargeRank = 1;

Outcome<OrderChange> read_session(OrderChange change, const json& object, const SiteConfig& site) {
  const std::string mode = text_at(object, "mode");
  const std::string session = text_at(object, "id");
  if (mode == "subscription") {
    add_alias(change, id_at(object, "invoice"));
    add_alias(change, session);
    change.subscription_id = id_at(object, "subscription");
    if (!change.subscription_id.empty()) add_alias(change, change.subscription_id + "#first");
    change.subscription = SubscriptionRole::first;
    change.half = SaleHalf::bill;  // the session names no intent, its invoice has one
  } else {
    change.half = SaleHalf::whole;
    add_alias(change, id_at(object, "payment_intent"));
    add_alias(change, session);
    add_alias(change, id_at(object, "invoice"));
  }
  change.customer_id = id_at(object, "customer");
  change.customer = {first_text_at(object, {"customer_details/email", "customer_email"}),
                     text_at(object, "customer_details/phone"),
                     text_at(object, "customer_details/name"),
                     text_at(object, "customer_details/address/country")};
  take_ids(change, ids_in_metadata(field_at(object, "metadata"), site));
  take_ids(change, ids_in_token(text_at(object, "client_reference_id")));
  // A session in setup mode saves a card; nothing is sold.
  if (mode == "setup") {
    ignore(change, "secondary_event");
    return change;
  }
  if (change.event_type == "checkout.session.expired") {
    ignore(change, "unpaid");
    return change;
  }
  auto amount = money_at(change, object, "amount_total", change.currency);
  if (!amount.ok()) return amount.error();
  change.amount_minor = amount.value();
  change.amount_rank = kSessionRank;
  if (change.event_type == "checkout.session.async_payment_failed") {
    change.kind = Kind::failed;
    change.reason = "payment_failed";
  } else if (change.event_type == "checkout.session.completed" &&
             text_at(object, "payment_status") == "unpaid") {
    change.kind = Kind::pending;
    change.reason = "unpaid";
  } else {
    change.kind = Kind::purchase;
  }
  return change;
}

// The invoice that an intent or a charge pays: by name until 2025-03-31, since late 2025 as the
// order reference that Stripe fills in itself.
std::string invoice_of(const json& object) {
  std::string invoice = id_at(object, "invoice");
  if (!invoice.empty()) return invoice;
  const std::string reference = text_at(object, "payment_details/order_reference");
  return reference.starts_with("in_") ? reference : std::string();
}

SubscriptionRole role_of(const std::string& billing_reason, bool has_subscription) {
  if (billing_reason == "subscription_create") return SubscriptionRole::first;
  if (billing_reason == "subscription_cycle") return SubscriptionRole::renewal;
  if (billing_reason == "subscription_update" || billing_reason == "subscription_threshold")
    return SubscriptionRole::update;
  return has_subscription ? SubscriptionRole::update : SubscriptionRole::none;
}

void read_invoice_lines(OrderChange& change, const json& object, const SiteConfig& site) {
  const json* lines = field_at(object, "lines/data");
  if (lines == nullptr || !lines->is_array()) return;
  for (const auto& line : *lines) {
    take_ids(change, ids_in_metadata(field_at(line, "metadata"), site));
    OrderItem item;
    item.id = id_at(line, "pricing/price_details/product");
    if (item.id.empty()) item.id = id_at(line, "price/product");
    if (item.id.empty()) item.id = id_at(line, "plan/product");
    item.name = text_at(line, "description");
    item.quantity = integer_at(line, "quantity").value_or(1);
    const auto amount = integer_at(line, "amount");
    // A unit price only where the line's amount is a whole multiple of it.
    if (amount && item.quantity > 0 && *amount % item.quantity == 0)
      item.price_minor = from_stripe_amount(*amount / item.quantity, change.currency);
    change.items.push_back(std::move(item));
  }
}

Outcome<OrderChange> read_invoice(OrderChange change, const json& object, const SiteConfig& site) {
  add_alias(change, text_at(object, "id"));
  add_alias(change, id_at(object, "payment_intent"));
  add_alias(change, id_at(object, "charge"));
  // Before 2025-03-31, or with `payments` expanded, an invoice names what paid it.
  if (const json* payments = field_at(object, "payments/data");
      payments != nullptr && payments->is_array())
    for (const auto& payment : *payments) {
      add_alias(change, id_at(payment, "payment/payment_intent"));
      add_alias(change, id_at(payment, "payment/charge"));
    }
  change.half = change.aliases.empty() ? SaleHalf::bill : SaleHalf::whole;
  change.subscription_id = id_at(object, "parent/subscription_details/subscription");
  if (change.subscription_id.empty()) change.subscription_id = id_at(object, "subscription");
  const std::string billing_reason = text_at(object, "billing_reason");
  change.subscription = role_of(billing_reason, !change.subscription_id.empty());
  if (change.subscription == SubscriptionRole::first && !change.subscription_id.empty())
    add_alias(change, change.subscription_id + "#first");
  change.customer_id = id_at(object, "customer");
  change.customer = {text_at(object, "customer_email"), text_at(object, "customer_phone"),
                     text_at(object, "customer_name"), text_at(object, "customer_address/country")};
  take_ids(change, ids_in_metadata(field_at(object, "metadata"), site));
  take_ids(change, ids_in_metadata(field_at(object, "parent/subscription_details/metadata"), site));
  take_ids(change, ids_in_metadata(field_at(object, "subscription_details/metadata"), site));
  auto amount = money_at(change, object, "amount_paid", change.currency);
  if (!amount.ok()) return amount.error();
  change.amount_minor = amount.value();
  change.amount_rank = kInvoiceRank;
  read_invoice_lines(change, object, site);
  change.half_made_ms = stripe_time_ms(object, "status_transitions/finalized_at");
  if (const auto paid_at = stripe_time_ms(object, "status_transitions/paid_at"))
    change.occurred_ms = *paid_at;
  if (change.event_type == "invoice.paid") {
    change.kind = Kind::purchase;
  } else {
    change.kind = Kind::enrich;
    change.reason = "secondary_event";
  }
  return change;
}

Outcome<OrderChange> read_intent(OrderChange change, const json& object, const SiteConfig& site) {
  add_alias(change, text_at(object, "id"));
  add_alias(change, id_at(object, "latest_charge"));
  const std::string invoice = invoice_of(object);
  add_alias(change, invoice);
  if (const json* charges = field_at(object, "charges/data");
      charges != nullptr && charges->is_array())
    for (const auto& charge : *charges) add_alias(change, text_at(charge, "id"));
  change.customer_id = id_at(object, "customer");
  change.customer.email = text_at(object, "receipt_email");
  take_ids(change, ids_in_metadata(field_at(object, "metadata"), site));
  // An intent with the visit's ids was made by the site for a sale of its own, and one with another
  // order reference (a Checkout's product) is no invoice's.
  const bool is_own = change.anonymous_id || change.session_id ||
                      !text_at(object, "payment_details/order_reference").empty();
  change.half = !invoice.empty() ? SaleHalf::named_payment
                : is_own         ? SaleHalf::whole
                                 : SaleHalf::payment;
  change.half_made_ms = stripe_time_ms(object, "created");
  auto amount = money_at(change, object, "amount_received", change.currency);
  if (!amount.ok()) return amount.error();
  change.amount_minor = amount.value();
  change.amount_rank = kIntentRank;
  change.kind = Kind::purchase;
  return change;
}

void read_charge_references(OrderChange& change, const json& object, const SiteConfig& site) {
  add_alias(change, id_at(object, "payment_intent"));
  add_alias(change, text_at(object, "id"));
  add_alias(change, invoice_of(object));
  change.customer_id = id_at(object, "customer");
  change.customer = {first_text_at(object, {"billing_details/email", "receipt_email"}),
                     text_at(object, "billing_details/phone"),
                     text_at(object, "billing_details/name"),
                     text_at(object, "billing_details/address/country")};
  take_ids(change, ids_in_metadata(field_at(object, "metadata"), site));
}

Outcome<OrderChange> read_charge(OrderChange change, const json& object, const SiteConfig& site) {
  read_charge_references(change, object, site);
  auto amount = money_at(change, object, "amount_captured", change.currency);
  if (!amount.ok()) amount = money_at(change, object, "amount", change.currency);
  if (!amount.ok()) return amount.error();
  change.amount_minor = amount.value();
  change.amount_rank = kChargeRank;
  change.kind = Kind::enrich;
  change.reason = "secondary_event";
  return change;
}

Outcome<OrderChange> read_refunded_charge(OrderChange change, const json& object,
                                          const SiteConfig& site) {
  read_charge_references(change, object, site);
  auto total = money_at(change, object, "amount_refunded", change.currency);
  if (!total.ok()) return total.error();
  change.refunded_total_minor = total.value();
  change.kind = Kind::refund;
  change.change_key =
      "refunded_total:" + text_at(object, "id") + ":" + std::to_string(total.value());
  return change;
}

Outcome<OrderChange> read_refund(OrderChange change, const json& object) {
  add_alias(change, id_at(object, "payment_intent"));
  add_alias(change, id_at(object, "charge"));
  auto amount = money_at(change, object, "amount", change.currency);
  if (!amount.ok()) return amount.error();
  change.refund_id = text_at(object, "id");
  change.refund_amount_minor = amount.value();
  change.begun_ms = stripe_time_ms(object, "created");
  change.refund_status = text_at(object, "status");
  if (change.refund_status.empty()) change.refund_status = "succeeded";
  if (change.event_type == "refund.failed") change.refund_status = "failed";
  if (change.refund_status == "pending" || change.refund_status == "requires_action")
    change.reason = "refund_pending";
  change.kind = Kind::refund;
  change.change_key = "refund:" + *change.refund_id + ":" + change.refund_status;
  return change;
}

Outcome<OrderChange> read_dispute(OrderChange change, const json& object) {
  add_alias(change, id_at(object, "payment_intent"));
  add_alias(change, id_at(object, "charge"));
  change.begun_ms = stripe_time_ms(object, "created");
  const std::string status = text_at(object, "status");
  // An inquiry (warning_needs_response, warning_under_review, warning_closed) moves no money; if it
  // becomes a chargeback, the dispute gets another status.
  if (status.starts_with("warning_")) {
    ignore(change, "inquiry");
    return change;
  }
  if (status == "won")
    change.dispute = DisputeState::won;
  else if (status == "lost")
    change.dispute = DisputeState::lost;
  else
    change.dispute = DisputeState::open;
  change.kind =
      change.dispute == DisputeState::open ? OrderChange::Kind::dispute : Kind::dispute_closed;
  change.change_key =
      "dispute:" + text_at(object, "id") + ":" + std::to_string(static_cast<int>(change.dispute));
  if (auto amount = money_at(change, object, "amount", change.currency); amount.ok())
    change.amount_minor = amount.value();
  return change;
}

Outcome<OrderChange> read_invoice_payment(OrderChange change, const json& object) {
  add_alias(change, id_at(object, "invoice"));
  add_alias(change, id_at(object, "payment/payment_intent"));
  add_alias(change, id_at(object, "payment/charge"));
  change.half = SaleHalf::whole;
  change.kind = Kind::enrich;
  change.reason = "secondary_event";
  return change;
}

}  // namespace

Outcome<OrderChange> read_stripe_event(const json& event, const SiteConfig& site) {
  OrderChange change;
  change.event_key = text_at(event, "id");
  change.event_type = text_at(event, "type");
  change.live = flag_at(event, "livemode", true);
  change.occurred_ms = stripe_time_ms(event, "created").value_or(0);
  const json& object = *field_at(event, "data/object");
  // Rarely two event objects describe one change: the type and the object's id tell.
  change.change_key = change.event_type + ":" + text_at(object, "id");

  const std::string& type = change.event_type;
  if (type.starts_with("checkout.session."))
    if (type.ends_with(".completed") || type.ends_with(".async_payment_succeeded") ||
        type.ends_with(".async_payment_failed") || type.ends_with(".expired"))
      return read_session(std::move(change), object, site);
  if (type == "invoice.paid" || type == "invoice.payment_succeeded")
    return read_invoice(std::move(change), object, site);
  if (type == "invoice_payment.paid") return read_invoice_payment(std::move(change), object);
  if (type == "payment_intent.succeeded") return read_intent(std::move(change), object, site);
  if (type == "charge.succeeded") return read_charge(std::move(change), object, site);
  if (type == "charge.refunded") return read_refunded_charge(std::move(change), object, site);
  if (type == "refund.created" || type == "refund.updated" || type == "refund.failed" ||
      type == "charge.refund.updated")
    return read_refund(std::move(change), object);
  if (type.starts_with("charge.dispute.")) return read_dispute(std::move(change), object);
  ignore(change, "unknown_type");
  return change;
}

}  // namespace tl::server
