// SPDX-License-Identifier: Apache-2.0
#include "server/core/orders/order_steps.hpp"

#include "server/core/attribution/conversions.hpp"
#include "server/core/attribution/late_evidence.hpp"
#include "server/core/durations.hpp"
#include "server/core/orders/order_fact.hpp"
#include "server/core/outbox/conversion_outbox.hpp"
#include "server/core/people/contact_variants.hpp"

#include <algorithm>
#include <limits>

namespace tl::server {
namespace {

// How long destinations wait for what may still complete the sale. A lone payment may turn out to
// be a bill's, and is not to be reported under an id of its own; a payment that is whole by the ids
// it carries may be a checkout's, whose session follows at once and knows the buyer's contacts.
// Few destinations can be told that a sale has grown: payments that come together are told as one.
std::int64_t companion_hold_ms(const ChangedSale& sale) {
  if (sale.is_in_parts) return 15 * kSecondMs;
  if (sale.half == SaleHalf::payment || sale.half == SaleHalf::named_payment) return 15 * kSecondMs;
  const bool may_be_a_checkouts =
      sale.half == SaleHalf::whole && sale.order.amount_rank == kPaymentRank;
  return may_be_a_checkouts ? 3 * kSecondMs : 0;
}

// None while the sale is unpaid.
Outcome<std::optional<ConversionRow>> record_sale(Tables& tables, const SiteConfig& site,
                                                  const ChangedSale& sale, const OrderUseCase& by) {
  if (sale.order.state != OrderState::paid) return std::optional<ConversionRow>{};
  TL_TRY(draft, draft_of(tables.orders(), sale.order));
  draft.former = sale.former;
  draft.hold_ms = std::max(companion_hold_ms(sale), by.least_hold_ms);
  TL_TRY(recorded, record_conversion(tables, site, draft, by.takes, by.now_ms));
  return std::optional(std::move(recorded.conversion));
}

// What was told of a subscription itself, its payments have too (draft_of).
Outcome<void> follow_subscription(Tables& tables, const SiteConfig& site, const OrderRow& order,
                                  std::int64_t now_ms) {
  TL_TRY(payments,
         tables.orders().earliest_of_subscription(site.id, order.provider, order.subscription_id,
                                                  std::numeric_limits<std::uint32_t>::max()));
  for (const auto& payment : payments) {
    TL_TRY(row, tables.orders().find_conversion_of_order(site.id, payment.provider,
                                                         payment.order_id, "purchase"));
    if (row) TL_CHECK(restate_conversion(tables, site, *row, now_ms));
  }
  return {};
}

// Destinations that wait for the sale hear of its refund after it.
Outcome<std::int64_t> due_after(OutboxStore& outbox, const ConversionRow& sale,
                                std::int64_t now_ms) {
  TL_TRY(rows, outbox.deliveries_of_event(sale.site_id, sale.id));
  std::int64_t due_ms = now_ms;
  for (const auto& row : rows)
    if (row.state == DeliveryState::queued && row.attempts == 0)
      due_ms = std::max(due_ms, row.next_attempt_ms);
  return due_ms;
}

// What the step means to conversions and destinations.
Outcome<void> follow_ledger(Tables& tables, const SiteConfig& site, const LedgerStep& step,
                            const OrderUseCase& by) {
  TL_TRY(own, record_sale(tables, site, step, by));
  if ((step.is_new_fact || step.is_fuller) && tells_subscription(step.order))
    TL_CHECK(follow_subscription(tables, site, step.order, by.now_ms));
  std::vector<Id128> apart;
  if (own) apart.push_back(own->id);
  for (const auto& sale : step.parted) {
    TL_TRY(other, record_sale(tables, site, sale, by));
    if (other) apart.push_back(other->id);
  }
  for (const auto& from : apart)
    for (const auto& other : apart)
      if (from != other)
        TL_CHECK(part_deliveries(tables.outbox(), site.id, from, other, by.now_ms));
  if (!own || !step.refund_event_id) return {};
  if (step.is_restated)
    return restate_sale(tables.outbox(), site, *own, *step.refund_event_id, by.takes, by.now_ms);
  const auto name = step.is_reversal ? kRefundReversed : std::string_view("refund");
  TL_TRY(due_ms, due_after(tables.outbox(), *own, by.now_ms));
  return enqueue_conversion(tables.outbox(), site, *own, name, *step.refund_event_id, by.takes,
                            {by.now_ms, due_ms});
}

}  // namespace

Outcome<void> keep_contacts(Tables& tables, const SiteConfig& site, const CustomerDetails& customer,
                            const OrderUseCase& by) {
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

Outcome<LedgerStep> tell_ledger(Tables& tables, const SiteConfig& site, const LedgerEntry& entry,
                                const CustomerDetails& customer, bool keeps_contacts,
                                const OrderUseCase& by) {
  TL_TRY(step, record_fact(tables.orders(), entry, by.box));
  if (keeps_contacts && !step.is_erased) TL_CHECK(keep_contacts(tables, site, customer, by));
  TL_CHECK(follow_ledger(tables, site, step, by));
  return step;
}

}  // namespace tl::server
