// SPDX-License-Identifier: Apache-2.0
#include "server/core/orders/order_disputes.hpp"

#include <algorithm>
#include <map>

namespace tl::server {
namespace {

bool is_decision(DisputeState state) {
  return state == DisputeState::won || state == DisputeState::lost;
}

// Whether `fact` says more of its dispute than what is known.
bool stands_for(const OrderFact& fact, const FoldedDispute& known) {
  if (!is_decision(fact.dispute)) return false;
  if (!is_decision(known.state)) return true;
  if (fact.occurred_ms != known.decided_ms) return fact.occurred_ms > known.decided_ms;
  return fact.dispute == DisputeState::won;
}

void take_amount(FoldedDispute& dispute, const OrderFact& fact) {
  if (fact.currency.empty()) return;
  dispute.amount_minor = fact.amount_minor;
  dispute.currency = fact.currency;
}

}  // namespace

std::vector<FoldedDispute> fold_disputes(const std::vector<OrderFact>& facts) {
  std::map<std::string_view, FoldedDispute> by_id;
  for (const auto& fact : facts) {
    if (fact.dispute == DisputeState::none) continue;
    const std::string_view key = fact.change_key;  // "dispute:<id>:<state>", ".<round>"
    const std::string_view id = key.substr(0, key.rfind(':'));
    const auto [at, is_first] = by_id.try_emplace(id);
    FoldedDispute& dispute = at->second;
    if (is_first) dispute.id = id;
    const std::int64_t opened_ms = fact.begun_ms.value_or(fact.occurred_ms);
    dispute.opened_ms = is_first ? opened_ms : std::min(dispute.opened_ms, opened_ms);
    if (stands_for(fact, dispute)) {
      dispute.state = fact.dispute;
      dispute.decided_ms = fact.occurred_ms;
      take_amount(dispute, fact);
    } else if (dispute.currency.empty()) {
      take_amount(dispute, fact);
    }
  }
  std::vector<FoldedDispute> disputes;
  for (auto& [id, dispute] : by_id) disputes.push_back(std::move(dispute));
  return disputes;
}

DisputeState state_of(const std::vector<FoldedDispute>& disputes) {
  for (const auto worst : {DisputeState::lost, DisputeState::open, DisputeState::won})
    if (std::any_of(disputes.begin(), disputes.end(),
                    [worst](const FoldedDispute& dispute) { return dispute.state == worst; }))
      return worst;
  return DisputeState::none;
}

void take_lost(const std::vector<FoldedDispute>& disputes, std::string_view currency,
               std::int64_t paid_minor, std::vector<RefundStep>& steps) {
  std::vector<RefundStep> unsettled = steps;  // what of each refund settled no dispute yet
  std::int64_t left = paid_minor - sum_of(steps);
  for (const auto& dispute : disputes) {
    if (dispute.state != DisputeState::lost) continue;
    const bool is_told = !dispute.currency.empty() && dispute.currency == currency;
    std::int64_t lost = is_told ? std::min(dispute.amount_minor, paid_minor) : paid_minor;
    for (auto& refund : unsettled) {
      if (refund.t_ms < dispute.opened_ms) continue;
      const std::int64_t settled = std::min(refund.amount_minor, lost);
      refund.amount_minor -= settled;
      lost -= settled;
    }
    const RefundStep taken{dispute.decided_ms, std::min(lost, left), dispute.id};
    if (taken.amount_minor <= 0) continue;
    left -= taken.amount_minor;
    const auto later = std::find_if(steps.begin(), steps.end(),
                                    [&](const RefundStep& step) { return step.t_ms > taken.t_ms; });
    steps.insert(later, taken);
  }
}

}  // namespace tl::server
