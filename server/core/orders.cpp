// SPDX-License-Identifier: Apache-2.0
#include "server/core/orders.hpp"

#include "server/core/leads.hpp"
#include "server/core/order_fact.hpp"
#include "server/core/order_ledger.hpp"
#include "server/core/order_steps.hpp"
#include "server/core/stated_orders.hpp"

namespace tl::server {
namespace {

using Kind = OrderChange::Kind;

Outcome<WebhookResult> apply_change(Tables& tables, const SiteConfig& site,
                                    const std::string& provider, const OrderChange& change,
                                    const OrderUseCase& by) {
  WebhookResult result{"ignored", change.reason, change.order_id};
  if (change.kind == Kind::ignored) return result;
  if (change.order_id.empty()) {
    result.reason = "no_reference";
    return result;
  }
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
      // A refund in another currency is on record, but can be no part of this amount.
      if (!step.order.currency.empty() && step.order.currency != change.currency)
        result.reason = "currency_differs";
      else if (change.reason.empty())
        result.result = "refund";
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

}  // namespace

Outcome<WebhookResult> Orders::receive_webhook(const SiteConfig& site, InboxEntry entry,
                                               const std::vector<OrderChange>& changes) {
  const OrderUseCase by{takes_, box_, clock_.now_ms()};
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
