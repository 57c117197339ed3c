// SPDX-License-Identifier: Apache-2.0
// At each moment the refunded total is max(succeeded so far, reported so far without what later
// failed of it); it never falls, so its rises are the steps. A cumulative total holds a refund that
// failed in the end only if it was reported while that refund was under way.

#include "server/core/orders/order_refunds.hpp"

#include "server/core/orders/collected_sales.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

namespace tl::server {
namespace {

struct Refund {
  std::int64_t amount_minor = 0;
  int progress = 0;
  std::optional<std::int64_t> made_ms, succeeded_ms, failed_ms;  // earliest
  std::int64_t last_ms = 0;                                      // of a collection
  std::set<std::string_view> tellers;                            // OrderFact::teller
};

// Position of a refund's status on its way: a bank may still send a succeeded refund back.
int refund_progress(const std::string& status) {
  if (status == "succeeded") return 1;
  if (status == "failed" || status == "canceled") return 2;
  return 0;
}

void take_earliest(std::optional<std::int64_t>& into, std::int64_t t_ms) {
  into = std::min(into.value_or(t_ms), t_ms);
}

// What a total that `teller` reported at `t_ms` held of its refunds that failed after all.
std::int64_t failed_within(const std::map<std::string, Refund>& by_id, std::string_view teller,
                           std::int64_t t_ms) {
  std::int64_t failed = 0;
  for (const auto& [id, refund] : by_id)
    if (refund.progress == 2 && refund.tellers.contains(teller) && *refund.made_ms <= t_ms &&
        t_ms <= *refund.failed_ms)
      failed += refund.amount_minor;
  return failed;
}

bool is_collection(std::string_view id) {
  return id.starts_with(kCollectionId);
}

// The next word on a collection, in order of time.
void follow_collection(Refund& refund, int progress, std::int64_t t_ms) {
  if (t_ms == refund.last_ms) progress = std::max(progress, refund.progress);
  if (progress == 1 && refund.progress != 1) refund.succeeded_ms = t_ms;
  refund.progress = progress;
  refund.last_ms = t_ms;
}

// Refunds that a list lacks which is later than the last that has them have failed. A list says
// nothing of refunds that its teller never told.
void drop_unlisted(std::map<std::string, Refund>& by_id, const std::vector<OrderFact>& facts,
                   std::string_view teller) {
  std::map<OrderFact::ListMoment, std::set<std::string>> lists;
  for (const auto& fact : facts) {
    if (!fact.listed_refunds || fact.teller != teller) continue;
    const auto& ids = fact.listed_refunds->ids;
    for (const auto& moment : {fact.listed_first_at(), fact.listed_last_at()})
      lists[moment].insert(ids.begin(), ids.end());
  }
  for (auto& [id, refund] : by_id) {
    if (!refund.tellers.contains(teller)) continue;
    bool was_listed = false;
    std::optional<std::int64_t> lacking_ms;
    for (const auto& [moment, ids] : lists)
      if (ids.contains(id)) {
        take_earliest(refund.made_ms, moment.first);
        if (refund.succeeded_ms) take_earliest(refund.succeeded_ms, moment.first);
        was_listed = true;
        lacking_ms.reset();
      } else if (!lacking_ms && (was_listed || moment.first > *refund.made_ms)) {
        lacking_ms = moment.first;
      }
    if (!lacking_ms) continue;
    refund.progress = 2;
    take_earliest(refund.failed_ms, *lacking_ms);
  }
}

// What failed collections may take back of `amount_minor`: all but what was collected.
std::int64_t uncollected(const std::map<std::string, Refund>& by_id, std::int64_t amount_minor) {
  for (const auto& [id, refund] : by_id)
    if (is_collection(id) && refund.progress != 1) amount_minor -= refund.amount_minor;
  return std::max<std::int64_t>(amount_minor, 0);
}

}  // namespace

FoldedRefunds fold_refunds(const std::vector<OrderFact>& facts, std::string_view currency,
                           std::int64_t amount_minor) {
  FoldedRefunds folded;
  const bool has_shop = std::any_of(facts.begin(), facts.end(),
                                    [](const auto& fact) { return is_shop(fact.teller); });
  std::map<std::string, Refund> by_id;
  std::map<std::int64_t, std::map<std::string_view, std::int64_t>> reported;  // cumulative totals
  std::set<std::string_view> listing;                                         // tellers
  for (const auto& fact : facts) {
    if (fact.listed_refunds) listing.insert(fact.teller);
    if (fact.kind != OrderChange::Kind::refund) continue;
    // Another currency cannot be a part of this amount.
    if (!currency.empty() && fact.currency != currency) continue;
    if (fact.refunded_total_minor) {
      auto& total = reported[fact.occurred_ms][fact.teller];
      total = std::max(total, *fact.refunded_total_minor);
      folded.reported_total_minor = std::max(folded.reported_total_minor, total);
    }
    if (!fact.refund_id || !fact.refund_amount_minor) continue;
    Refund& refund = by_id[*fact.refund_id];
    refund.tellers.insert(fact.teller);
    const int progress = refund_progress(fact.refund_status);
    if (progress > refund.progress || refund.amount_minor == 0)
      refund.amount_minor = *fact.refund_amount_minor;
    take_earliest(refund.made_ms, fact.begun_ms.value_or(fact.occurred_ms));
    if (progress == 2) take_earliest(refund.failed_ms, fact.occurred_ms);
    if (is_collection(*fact.refund_id)) {
      follow_collection(refund, progress, fact.occurred_ms);
      continue;
    }
    refund.progress = std::max(refund.progress, progress);
    if (progress == 1) take_earliest(refund.succeeded_ms, fact.occurred_ms);
  }

  for (const auto teller : listing) drop_unlisted(by_id, facts, teller);

  std::map<std::int64_t, std::map<std::string, const Refund*>> succeeded;
  std::set<std::int64_t> times;
  for (const auto& [id, refund] : by_id) {
    if (refund.progress == 1) succeeded[*refund.succeeded_ms][id] = &refund;
    if (refund.progress == 1) times.insert(*refund.succeeded_ms);
  }
  for (const auto& [t_ms, totals] : reported) times.insert(t_ms);

  std::int64_t by_ids = 0, by_collectors_ids = 0, by_total = 0, refunded = 0;
  const std::int64_t most = std::max<std::int64_t>(amount_minor, 0);
  std::int64_t may_fail = uncollected(by_id, most);
  const auto rise = [&](std::int64_t t_ms, const std::string& id) {
    const auto now =
        std::clamp<std::int64_t>(std::max({by_ids, by_collectors_ids, by_total}), 0, most);
    if (now > refunded) folded.steps.push_back({t_ms, now - refunded, id});
    refunded = std::max(refunded, now);
  };
  for (const std::int64_t t_ms : times) {
    if (const auto found = succeeded.find(t_ms); found != succeeded.end())
      for (const auto& [id, refund] : found->second) {
        const std::int64_t amount = refund->amount_minor;
        const std::int64_t back = is_collection(id) ? std::min(amount, may_fail) : amount;
        if (is_collection(id)) may_fail -= back;
        const bool is_collectors = has_shop && refund->tellers.contains(kCollector);
        (is_collectors ? by_collectors_ids : by_ids) += back;
        rise(t_ms, id);
      }
    if (const auto found = reported.find(t_ms); found != reported.end()) {
      for (const auto& [teller, total] : found->second)
        by_total = std::max(by_total, total - failed_within(by_id, teller, t_ms));
      rise(t_ms, {});
    }
  }
  return folded;
}

std::int64_t sum_of(const std::vector<RefundStep>& steps) {
  std::int64_t sum = 0;
  for (const auto& step : steps) sum += step.amount_minor;
  return sum;
}

std::string write_refund_steps(const std::vector<RefundStep>& steps) {
  nlohmann::json list = nlohmann::json::array();
  for (const auto& step : steps) list.push_back({step.t_ms, step.amount_minor, step.refund_id});
  return list.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::vector<RefundStep> read_refund_steps(std::string_view text) {
  std::vector<RefundStep> steps;
  if (text.empty() || text == "[]") return steps;
  const auto list = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!list.is_array()) return steps;
  for (const auto& step : list)
    if (step.is_array() && step.size() == 3 && step[0].is_number_integer() &&
        step[1].is_number_integer() && step[2].is_string())
      steps.push_back(
          {step[0].get<std::int64_t>(), step[1].get<std::int64_t>(), step[2].get<std::string>()});
  return steps;
}

}  // namespace tl::server
