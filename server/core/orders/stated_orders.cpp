// SPDX-License-Identifier: Apache-2.0
#include "server/core/orders/stated_orders.hpp"

#include "server/core/attribution/coarse_origin.hpp"
#include "server/core/attribution/conversions.hpp"
#include "server/core/attribution/late_evidence.hpp"
#include "server/core/orders/known_news.hpp"
#include "server/core/orders/known_orders.hpp"
#include "server/core/orders/order_fact.hpp"
#include "server/core/orders/order_ledger.hpp"
#include "server/core/people/contact_variants.hpp"
#include "server/core/privacy/erased_references.hpp"

#include <optional>
#include <utility>
#include <vector>

namespace tl::server {
namespace {

using Kind = OrderChange::Kind;

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
  // The same statement again has the same key; a provider's word on the same has another.
  const std::string key = "stated:" + stated.kind + ":" + stated.reference;
  if (stated.kind == "refund") {
    change.kind = Kind::refund;
    change.refund_id = stated.refund_id;
    change.refund_amount_minor = stated.amount_minor;
    change.refund_status = "succeeded";
    change.change_key = key + ":" + stated.refund_id;
    return change;
  }
  change.kind = Kind::purchase;
  change.change_key = key;
  change.amount_minor = stated.amount_minor;
  change.anonymous_id = stated.anonymous_id;
  change.session_id = stated.session_id;
  change.checkout_started_ms = stated.checkout_started_ms;
  change.coarse = stated.coarse;
  change.items = stated.items;
  return change;
}

// Errors: not_found (unknown_order), invalid (currency_differs).
Outcome<void> check_refund(const StatedConversion& stated, const std::optional<OrderRow>& known) {
  if (!known)
    return fail(ErrorKind::not_found, "unknown_order",
                "no order \"" + stated.reference +
                    "\" is known of which something could be refunded; state the purchase first");
  if (known->currency.empty() || known->currency == stated.currency) return {};
  return invalid("currency_differs", "the refund is in " + stated.currency +
                                         ", but the order was paid in " + known->currency);
}

// Whether the ledger holds this very statement. Errors: conflict (conversion_differs).
Outcome<bool> is_repeated(OrderStore& orders, const OrderRow& known, const KnownOrders& by,
                          OrderFact told, const ErasedReferences& erased,
                          const StatedConversion& stated) {
  TL_TRY(rows, orders.changes_of(known.site_id, known.provider, known.order_id));
  std::vector<PlacedFact> facts;
  for (const auto& row : rows) facts.push_back({read_fact(row)});
  name_as_known(told, facts, by.digests(), erased);
  for (const auto& [fact, place] : facts) {
    if (fact.change_key != told.change_key) continue;
    // What an erased buyer's statement said is forgotten.
    if (!fact.is_erased && fact.digest != stated.digest) return differs(stated);
    return true;
  }
  return false;
}

Outcome<StatedResult> result_of(OrderStore& orders, const OrderRow& order, bool is_new) {
  TL_TRY(conversion, orders.find_conversion_of_order(order.site_id, order.provider, order.order_id,
                                                     "purchase"));
  StatedResult result;
  result.is_new = is_new;
  result.order_id = order.order_id;
  if (conversion) result.conversion_id = conversion->id;
  return result;
}

// An order or a refund of one.
Outcome<StatedResult> record_stated_order(Tables& tables, const SiteConfig& site,
                                          const StatedConversion& stated, const OrderUseCase& by) {
  const bool is_refund = stated.kind == "refund";
  const ErasedReferences erased(by.box, site.id);
  KnownOrders orders(tables.orders(), site.id, erased);
  TL_TRY(known, orders.find_anywhere(stated.reference));
  // A test payment is no sale that the site could mean.
  if (known && !known->live && !is_refund) known.reset();
  if (is_refund) TL_CHECK(check_refund(stated, known));
  OrderFact fact = fact_of(change_of(stated), site);
  if (known) {
    TL_TRY(is_known, is_repeated(tables.orders(), *known, orders, fact, erased, stated));
    if (is_known) return result_of(tables.orders(), *known, /*is_new=*/false);
  }
  LedgerEntry entry;
  entry.site_id = site.id;
  entry.provider = known ? known->provider : std::string(kStatedProvider);
  entry.fact = std::move(fact);
  entry.fact.user_id = stated.user_id;
  entry.fact.self_reported = stated.self_reported;
  entry.fact.stated_consent = stated.consent;
  entry.fact.digest = stated.digest;
  entry.recorded_ms = by.now_ms;
  TL_TRY(step, tell_ledger(tables, site, entry, stated.customer, /*keeps_contacts=*/true, by));
  const bool was_told = known && known->state == OrderState::paid && !is_refund;
  return result_of(tables.orders(), step.order, step.is_new_fact && !was_told);
}

// Also by what stands in the place of a reference that named an erased person.
Outcome<std::optional<ConversionRow>> find_stated_event(OrderStore& orders, const SiteConfig& site,
                                                        const StatedConversion& stated,
                                                        const SecretBox* box) {
  for (const auto& reference : ErasedReferences(box, site.id).forms_of(stated.reference)) {
    auto known = orders.find_conversion_of_order(site.id, kStatedProvider, reference, stated.kind);
    if (!known.ok() || known.value()) return known;
  }
  return std::optional<ConversionRow>{};
}

// A lead, signup or own conversion: no order stands behind it.
Outcome<StatedResult> record_stated_event(Tables& tables, const SiteConfig& site,
                                          const StatedConversion& stated, const OrderUseCase& by) {
  StatedResult result;
  result.order_id = stated.reference;
  TL_TRY(known, find_stated_event(tables.orders(), site, stated, by.box));
  if (known) {
    // What was said of a person who is erased is forgotten.
    TL_TRY(said, draft_of(tables, *known));
    if (!said.is_erased && known->request_digest != stated.digest) return differs(stated);
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
  draft.currency = stated.currency;
  draft.occurred_ms = stated.occurred_ms;
  draft.first_told_ms = stated.occurred_ms;
  draft.anonymous_id = stated.anonymous_id;
  draft.session_id = stated.session_id;
  draft.checkout_started_ms = stated.checkout_started_ms;
  draft.coarse = permitted_coarse(site, stated.coarse);
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

Outcome<StatedResult> record_stated(Tables& tables, const SiteConfig& site,
                                    const StatedConversion& stated, const OrderUseCase& by) {
  const bool is_order = stated.kind == "purchase" || stated.kind == "refund";
  return is_order ? record_stated_order(tables, site, stated, by)
                  : record_stated_event(tables, site, stated, by);
}

}  // namespace tl::server
