// SPDX-License-Identifier: Apache-2.0
#include "server/core/orders/orders.hpp"

#include "server/core/durations.hpp"
#include "server/core/leads/leads.hpp"
#include "server/core/orders/order_fact.hpp"
#include "server/core/orders/order_ledger.hpp"
#include "server/core/orders/order_steps.hpp"
#include "server/core/orders/stated_orders.hpp"

#include <algorithm>

namespace tl::server {
namespace {

using Kind = OrderChange::Kind;

// More than this wait only while the provider's API is away or, of what is not proven, somebody
// makes ids up: that has a room of its own.
constexpr std::int64_t kMostLookups = 10'000;
// Destinations wait as long for what a look-up adds to a sale that its webhook tells.
constexpr std::int64_t kLookupHoldMs = 15 * kSecondMs;

// Only adds to what its event tells itself.
bool is_additive(const OrderChange& change) {
  return change.kind == Kind::lookup && !change.reason.empty();
}

// What only the provider's API tells is looked up later (order_lookups.hpp).
Outcome<WebhookResult> ask_provider(Tables& tables, const InboxEntry& entry,
                                    const OrderChange& change, const OrderUseCase& by) {
  // What only adds to a sale leaves the event's own result, and is let go where it is known or
  // there is no room: the sale counts without it.
  if (is_additive(change)) {
    TL_TRY(order, tables.orders().find_order(entry.site_id, entry.provider, change.order_id));
    if (order && order->email_hash) return WebhookResult{"ignored", {}, change.order_id};
  }
  TL_TRY(waiting, tables.fetches().count_lookups(entry.site_id, entry.provider, change.is_proven,
                                                 by.now_ms - kLookupPatienceMs));
  if (waiting >= kMostLookups && is_additive(change))
    return WebhookResult{"ignored", {}, change.order_id};
  if (waiting >= kMostLookups)
    return ServerError{ErrorKind::unavailable, "too_many_lookups",
                       "too many payments wait to be fetched from " + entry.provider +
                           "; check its api_key and base_url",
                       60'000};
  LookupRow lookup;
  lookup.site_id = entry.site_id;
  lookup.provider = entry.provider;
  lookup.key = change.change_key;
  lookup.subject = change.order_id;
  lookup.event_type = change.event_type;
  if (!is_additive(change)) lookup.inbox_key = entry.event_key;
  lookup.live = change.live;
  lookup.is_proven = change.is_proven;
  lookup.asked_ms = lookup.next_attempt_ms = by.now_ms;
  TL_CHECK(tables.fetches().ask(lookup));
  return WebhookResult{"lookup", {}, change.order_id};
}

// The webhook came again before what it named was told.
Outcome<void> ask_again(Tables& tables, const InboxEntry& entry, std::string_view earlier_result,
                        const std::vector<OrderChange>& changes, const OrderUseCase& by) {
  if (earlier_result != "lookup" && earlier_result != "pending" && earlier_result != "ignored")
    return {};
  for (const auto& change : changes) {
    if (change.kind != Kind::lookup) continue;
    TL_TRY(asked, ask_provider(tables, entry, change, by));
    static_cast<void>(asked);
  }
  return {};
}

Outcome<WebhookResult> apply_change(Tables& tables, const SiteConfig& site, InboxEntry& entry,
                                    const OrderChange& change, const OrderUseCase& by) {
  WebhookResult result{"ignored", change.reason, change.order_id};
  if (change.kind == Kind::ignored) return result;
  if (change.kind == Kind::lookup) return ask_provider(tables, entry, change, by);
  if (change.order_id.empty()) {
    result.reason = "no_reference";
    return result;
  }
  LedgerEntry told;
  told.site_id = site.id;
  told.provider = entry.provider;
  told.fact = fact_of(change, site);
  told.recorded_ms = by.now_ms;
  TL_TRY(step, tell_ledger(tables, site, told, change.customer, change.live, by));
  entry.is_scrubbed = entry.is_scrubbed || step.is_erased;
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
      // A refund in another currency is on record, but can be no part of this amount.
      if (!step.order.currency.empty() && step.order.currency != change.currency)
        result.reason = "currency_differs";
      else if (change.reason.empty() && step.order.state != OrderState::failed)
        result.result = "refund";
      break;
    case Kind::dispute:
    case Kind::dispute_closed:
      result.result = "dispute";
      break;
    case Kind::ignored:
    case Kind::unreadable:
    case Kind::failed:
    case Kind::enrich:
    case Kind::lookup:
      break;
  }
  return result;
}

}  // namespace

Outcome<WebhookResult> Orders::receive_webhook(const SiteConfig& site, InboxEntry entry,
                                               const std::vector<OrderChange>& changes,
                                               const std::string& counted) {
  OrderUseCase by{takes_, box_, clock_.now_ms()};
  if (std::any_of(changes.begin(), changes.end(), is_additive)) by.least_hold_ms = kLookupHoldMs;
  entry.site_id = site.id;
  WebhookResult result;
  const auto written = store_.write([&](Tables& tables) -> Outcome<void> {
    result = {"ignored", {}, {}};
    entry.is_scrubbed = false;
    // What anybody could have sent says no more than the look-up keeps.
    const bool is_kept = changes.empty() || changes.front().is_proven;
    std::optional<InboxEntry> earlier;
    if (is_kept) {
      TL_TRY(found, tables.orders().receive(entry));
      earlier = std::move(found);
    }
    if (earlier) {
      result = {"duplicate", {}, earlier->order_id};
      TL_CHECK(ask_again(tables, entry, earlier->result, changes, by));
      return tables.operations().count(site.id, counted + "_duplicate", 1);
    }
    for (std::size_t i = 0; i < changes.size(); ++i) {
      TL_TRY(applied, apply_change(tables, site, entry, changes[i], by));
      // Of a batch the first change that counted speaks.
      if (i == 0 || (result.result == "ignored" && applied.result != "ignored"))
        result = std::move(applied);
    }
    entry.result = result.result;
    entry.order_id = result.order_id;
    if (is_kept) TL_CHECK(tables.orders().set_inbox_result(entry));
    return tables.operations().count(site.id, counted + "_accepted", 1);
  });
  if (!written.ok()) return written.error();
  return result;
}

Outcome<StatedResult> Orders::receive_stated(const SiteConfig& site,
                                             const StatedConversion& stated) {
  const OrderUseCase by{takes_, box_, clock_.now_ms()};
  StatedResult result;
  const auto written = store_.write([&](Tables& tables) -> Outcome<void> {
    TL_TRY(recorded, record_stated(tables, site, stated, by));
    result = std::move(recorded);
    return tables.operations().count(
        site.id, result.is_new ? "conversion_accepted" : "conversion_duplicate", 1);
  });
  if (!written.ok()) return written.error();
  return result;
}

Outcome<LeadResult> Orders::receive_lead(const SiteConfig& site, const LeadStatement& told) {
  const OrderUseCase by{takes_, box_, clock_.now_ms()};
  // A browser's lead is counted with what browsers send, a server's with what servers state.
  const std::string counted = told.word == LeadWord::server ? "conversion_" : "";
  LeadResult result;
  const auto written = store_.write([&](Tables& tables) -> Outcome<void> {
    TL_TRY(recorded, record_lead(tables, site, told, by));
    result = recorded;
    return tables.operations().count(site.id, counted + (result.is_new ? "accepted" : "duplicate"),
                                     1);
  });
  if (!written.ok()) return written.error();
  return result;
}

}  // namespace tl::server
