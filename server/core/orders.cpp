// SPDX-License-Identifier: Apache-2.0
#include "server/core/orders.hpp"

#include "server/core/contact_variants.hpp"
#include "server/core/conversion_outbox.hpp"
#include "server/core/conversions.hpp"
#include "server/core/order_fact.hpp"
#include "server/core/order_ledger.hpp"

namespace tl::server {
namespace {

using Kind = OrderChange::Kind;

// What every step of a use case needs to know.
struct UseCase {
  const DestinationTakes& takes;
  const SecretBox* box = nullptr;
  std::int64_t now_ms = 0;
};

// Keeps what destinations need to know of the buyer's contacts while their plain text is at hand.
Outcome<void> keep_contacts(Tables& tables, const SiteConfig& site, const CustomerDetails& customer,
                            const UseCase& by) {
  const std::string country = phone_country(customer, site);
  const std::pair<ContactKind, const std::string*> contacts[] = {
      {ContactKind::email, &customer.email}, {ContactKind::phone, &customer.phone}};
  for (const auto& [kind, plain] : contacts) {
    if (plain->empty()) continue;
    const auto hash = contact_hash(kind, *plain, country);
    if (!hash) continue;
    ContactVariants contact;
    contact.kind = kind;
    contact.hash = *hash;
    contact.variants = contact_variants(kind, *plain, country);
    if (site.contact_storage == "encrypted" && by.box != nullptr)
      contact.plain = by.box->seal(*plain, "contact:" + site.id);
    contact.t_ms = by.now_ms;
    TL_CHECK(tables.people().put_contact(site.id, contact));
  }
  return {};
}

// What the ledger's step means for the conversion and its destinations.
Outcome<void> follow_ledger(Tables& tables, const SiteConfig& site, const LedgerStep& step,
                            const UseCase& by) {
  if (step.order.state != OrderState::paid) return {};
  ConversionDraft draft = draft_of(step.order);
  draft.former_ids = step.former_ids;
  TL_TRY(recorded, record_conversion(tables, site, draft, by.takes, by.now_ms));
  if (!step.refund_event_id) return {};
  return enqueue_conversion(tables.outbox(), site, recorded.conversion, "refund",
                            *step.refund_event_id, by.takes, {by.now_ms, by.now_ms});
}

std::vector<std::string> references_of(const OrderChange& change) {
  std::vector<std::string> references = {change.order_id};
  references.insert(references.end(), change.aliases.begin(), change.aliases.end());
  return references;
}

// The order that the site's own server stated under one of the change's references, unless the
// provider's own order is counted already.
Outcome<std::optional<OrderRow>> find_stated(OrderStore& orders, const std::string& site_id,
                                             const std::string& provider,
                                             const OrderChange& change) {
  std::optional<OrderRow> stated;
  if (!change.live) return stated;
  for (const auto& reference : references_of(change)) {
    TL_TRY(own, orders.find_order(site_id, provider, reference));
    if (own) {
      TL_TRY(counted,
             orders.find_conversion_of_order(site_id, provider, own->order_id, "purchase"));
      if (counted) return std::optional<OrderRow>{};
    }
    if (stated) continue;
    TL_TRY(found, orders.find_order(site_id, kStatedProvider, reference));
    stated = std::move(found);
  }
  return stated;
}

// A provider's news of a sale that the site stated first: the statement stands. Its references are
// kept, so that refunds and disputes, which name the payment, lower the stated order.
Outcome<WebhookResult> apply_to_stated(Tables& tables, const SiteConfig& site,
                                       const OrderRow& stated, const OrderChange& change,
                                       const UseCase& by) {
  LedgerEntry entry;
  entry.site_id = site.id;
  entry.provider = stated.provider;
  for (auto& reference : references_of(change))
    if (reference != stated.order_id) entry.aliases.push_back(std::move(reference));
  const bool is_loss = change.kind == Kind::refund || change.kind == Kind::dispute ||
                       change.kind == Kind::dispute_closed;
  if (!is_loss) {
    for (const auto& alias : entry.aliases)
      TL_CHECK(tables.orders().add_alias(site.id, stated.provider, alias, stated.order_id));
    return WebhookResult{"duplicate", {}, stated.order_id};
  }
  if (!change.currency.empty() && change.currency != stated.currency)
    return WebhookResult{"ignored", "currency_differs", stated.order_id};
  entry.fact = fact_of(change, site);
  entry.fact.order_id = stated.order_id;
  entry.recorded_ms = by.now_ms;
  TL_TRY(step, record_fact(tables.orders(), entry));
  TL_CHECK(follow_ledger(tables, site, step, by));
  if (change.kind != Kind::refund) return WebhookResult{"dispute", {}, stated.order_id};
  return WebhookResult{change.reason.empty() ? "refund" : "ignored", change.reason,
                       stated.order_id};
}

Outcome<WebhookResult> apply_change(Tables& tables, const SiteConfig& site,
                                    const std::string& provider, const OrderChange& change,
                                    const UseCase& by) {
  WebhookResult result{"ignored", change.reason, change.order_id};
  if (change.kind == Kind::ignored) return result;
  if (change.order_id.empty()) {
    result.reason = "no_reference";
    return result;
  }
  TL_TRY(stated, find_stated(tables.orders(), site.id, provider, change));
  if (stated) return apply_to_stated(tables, site, *stated, change, by);
  if (change.live) TL_CHECK(keep_contacts(tables, site, change.customer, by));
  LedgerEntry entry;
  entry.site_id = site.id;
  entry.provider = provider;
  entry.fact = fact_of(change, site);
  entry.aliases = change.aliases;
  entry.recorded_ms = by.now_ms;
  TL_TRY(step, record_fact(tables.orders(), entry));
  TL_CHECK(follow_ledger(tables, site, step, by));
  result.order_id = step.order.order_id;
  switch (change.kind) {
    case Kind::purchase:
      result.result = "purchase";
      break;
    case Kind::pending:
      // The money may have been told before the news that it is awaited.
      result.result = step.order.state == OrderState::pending ? "pending" : "ignored";
      break;
    case Kind::refund:
      if (change.reason.empty()) result.result = "refund";
      break;
    case Kind::dispute:
    case Kind::dispute_closed:
      result.result = "dispute";
      break;
    case Kind::ignored:
    case Kind::failed:
    case Kind::enrich:
      break;
  }
  return result;
}

ServerError differs(const StatedConversion& stated) {
  return fail(ErrorKind::conflict, "conversion_differs",
              "the " + stated.kind + " \"" + stated.reference +
                  "\" was stated before with other content; the first one stands. Send a refund to "
                  "lower an amount, or use another id");
}

OrderChange change_of(const StatedConversion& stated) {
  OrderChange change;
  change.order_id = stated.reference;
  change.event_type = "stated_" + stated.kind;
  change.currency = stated.currency;
  change.occurred_ms = stated.occurred_ms;
  change.customer = stated.customer;
  if (stated.kind == "refund") {
    change.kind = Kind::refund;
    change.refund_id = stated.refund_id;
    change.refund_amount_minor = stated.amount_minor;
    change.refund_status = "succeeded";
    change.change_key = "refund:" + stated.refund_id + ":succeeded";
    return change;
  }
  change.kind = Kind::purchase;
  change.change_key = "stated:purchase";
  change.amount_minor = stated.amount_minor;
  constexpr std::uint8_t kHighestRank = 4;
  change.amount_rank = kHighestRank;
  change.anonymous_id = stated.anonymous_id;
  change.session_id = stated.session_id;
  change.items = stated.items;
  return change;
}

// What a provider told of the same sale: the conversion that counts it already.
Outcome<std::optional<ConversionRow>> find_counted_elsewhere(OrderStore& orders,
                                                             const std::string& site_id,
                                                             const std::string& reference) {
  TL_TRY(order, orders.find_order_by_reference(site_id, reference));
  if (!order || !order->live) return std::optional<ConversionRow>{};
  return orders.find_conversion_of_order(site_id, order->provider, order->order_id, "purchase");
}

// An order or a refund of one: through the same ledger as a provider's.
Outcome<StatedResult> record_stated_order(Tables& tables, const SiteConfig& site,
                                          const StatedConversion& stated, const UseCase& by) {
  StatedResult result;
  const bool is_refund = stated.kind == "refund";
  TL_TRY(known, tables.orders().find_order(site.id, kStatedProvider, stated.reference));
  if (!known && !is_refund) {
    TL_TRY(counted, find_counted_elsewhere(tables.orders(), site.id, stated.reference));
    if (counted) {
      result.order_id = counted->order_id;
      result.conversion_id = counted->id;
      return result;
    }
  }
  if (!known && is_refund) {
    TL_TRY(elsewhere, tables.orders().find_order_by_reference(site.id, stated.reference));
    known = std::move(elsewhere);
    if (!known)
      return fail(ErrorKind::not_found, "unknown_order",
                  "no order \"" + stated.reference +
                      "\" is known of which something could be refunded; state the purchase first");
  }
  if (is_refund && !known->currency.empty() && known->currency != stated.currency)
    return invalid("currency_differs", "the refund is in " + stated.currency +
                                           ", but the order was paid in " + known->currency);
  const OrderChange change = change_of(stated);
  const std::string provider = known ? known->provider : std::string(kStatedProvider);
  if (known) {
    TL_TRY(changes, tables.orders().changes_of(site.id, provider, known->order_id));
    for (const auto& row : changes) {
      if (row.change_key != change.change_key) continue;
      const OrderFact earlier = read_fact(row);
      if (earlier.digest && *earlier.digest != stated.digest) return differs(stated);
      TL_TRY(conversion, tables.orders().find_conversion_of_order(site.id, provider,
                                                                  known->order_id, "purchase"));
      result.order_id = known->order_id;
      if (conversion) result.conversion_id = conversion->id;
      return result;
    }
  }
  TL_CHECK(keep_contacts(tables, site, stated.customer, by));
  LedgerEntry entry;
  entry.site_id = site.id;
  entry.provider = provider;
  entry.fact = fact_of(change, site);
  entry.fact.user_id = stated.user_id;
  entry.fact.self_reported = stated.self_reported;
  entry.fact.stated_consent = stated.consent;
  entry.fact.digest = stated.digest;
  entry.recorded_ms = by.now_ms;
  TL_TRY(step, record_fact(tables.orders(), entry));
  TL_CHECK(follow_ledger(tables, site, step, by));
  TL_TRY(conversion, tables.orders().find_conversion_of_order(site.id, provider,
                                                              step.order.order_id, "purchase"));
  result.is_new = true;
  result.order_id = step.order.order_id;
  if (conversion) result.conversion_id = conversion->id;
  return result;
}

// A lead, signup or own conversion: no order stands behind it.
Outcome<StatedResult> record_stated_event(Tables& tables, const SiteConfig& site,
                                          const StatedConversion& stated, const UseCase& by) {
  StatedResult result;
  result.order_id = stated.reference;
  TL_TRY(known, tables.orders().find_conversion_of_order(site.id, kStatedProvider, stated.reference,
                                                         stated.kind));
  if (known) {
    if (known->request_digest != stated.digest) return differs(stated);
    result.conversion_id = known->id;
    return result;
  }
  TL_CHECK(keep_contacts(tables, site, stated.customer, by));
  const std::string country = phone_country(stated.customer, site);
  ConversionDraft draft;
  draft.kind = stated.kind;
  draft.provider = kStatedProvider;
  draft.order_id = stated.reference;
  draft.amount_minor = stated.amount_minor;
  draft.net_minor = stated.amount_minor;
  draft.currency = stated.currency;
  draft.occurred_ms = stated.occurred_ms;
  draft.first_told_ms = stated.occurred_ms;
  draft.anonymous_id = stated.anonymous_id;
  draft.session_id = stated.session_id;
  if (!stated.customer.email.empty())
    draft.email_hash = contact_hash(ContactKind::email, stated.customer.email, {});
  if (!stated.customer.phone.empty())
    draft.phone_hash = contact_hash(ContactKind::phone, stated.customer.phone, country);
  if (!stated.user_id.empty())
    draft.user_id_hash = contact_hash(ContactKind::user_id, stated.user_id, {});
  draft.is_browser_hint = false;
  draft.self_reported = stated.self_reported;
  draft.stated_consent = stated.consent;
  draft.request_digest = stated.digest;
  TL_TRY(recorded, record_conversion(tables, site, draft, by.takes, by.now_ms));
  result.is_new = true;
  result.conversion_id = recorded.conversion.id;
  return result;
}

}  // namespace

Outcome<WebhookResult> Orders::receive_webhook(const SiteConfig& site, InboxEntry entry,
                                               const std::vector<OrderChange>& changes) {
  const UseCase by{takes_, box_, clock_.now_ms()};
  entry.site_id = site.id;
  WebhookResult result;
  const auto written = store_.write([&](Tables& tables) -> Outcome<void> {
    result = {"ignored", {}, {}};
    TL_TRY(earlier, tables.orders().receive(entry));
    if (earlier) {
      result = {"duplicate", {}, earlier->order_id};
      return tables.operations().count(site.id, "webhook_duplicate", 1);
    }
    for (std::size_t i = 0; i < changes.size(); ++i) {
      TL_TRY(applied, apply_change(tables, site, entry.provider, changes[i], by));
      // Of a batch the first change that counted speaks.
      if (i == 0 || (result.result == "ignored" && applied.result != "ignored"))
        result = std::move(applied);
    }
    entry.result = result.result;
    entry.order_id = result.order_id;
    TL_CHECK(tables.orders().set_inbox_result(entry));
    return tables.operations().count(site.id, "webhook_accepted", 1);
  });
  if (!written.ok()) return written.error();
  return result;
}

Outcome<StatedResult> Orders::receive_stated(const SiteConfig& site,
                                             const StatedConversion& stated) {
  const UseCase by{takes_, box_, clock_.now_ms()};
  StatedResult result;
  const auto written = store_.write([&](Tables& tables) -> Outcome<void> {
    const bool is_order = stated.kind == "purchase" || stated.kind == "refund";
    TL_TRY(recorded, is_order ? record_stated_order(tables, site, stated, by)
                              : record_stated_event(tables, site, stated, by));
    result = std::move(recorded);
    return tables.operations().count(
        site.id, result.is_new ? "conversion_accepted" : "conversion_duplicate", 1);
  });
  if (!written.ok()) return written.error();
  return result;
}

}  // namespace tl::server
