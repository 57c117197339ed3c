// SPDX-License-Identifier: Apache-2.0
// The refunds of an order as steps in time: when how much of it went back. A pure function of the
// order's facts, whatever their order of arrival; the steps together are what counts as refunded:
//   by refund id (its furthest status counts: failed > succeeded > pending) or as the cumulative
//   maximum, whichever is more, never both added; clamped to the amount.
// Of what a shop and who collected for it tell by ids the greater sum counts.
// Where a provider lists all refunds of a sale, one of its own that a later list lacks was taken
// back.
// Money that is collected after the sale counts and never comes goes back like a refund, its id
// begins with kCollectionId: pending means collected, succeeded that it failed, failed that it was
// collected after all. It may fail and be collected again and again: what was told last in time
// counts, of one moment the furthest. Together they take back no more than was not collected.
// Steps are in (t, refund id) order; what only a cumulative total told has no id and comes last.
#pragma once

#include "server/core/orders/order_fact.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tl::server {

inline constexpr std::string_view kCollectionId = "collection:";

struct RefundStep {
  std::int64_t t_ms = 0;
  std::int64_t amount_minor = 0;  // > 0
  std::string refund_id;
};

struct FoldedRefunds {
  std::vector<RefundStep> steps;
  std::int64_t reported_total_minor = 0;  // cumulative maximum as reported
};

// `facts` in order_fold's order; `currency` and `amount_minor` of the paid order (amount 0 while it
// is not paid).
FoldedRefunds fold_refunds(const std::vector<OrderFact>& facts, std::string_view currency,
                           std::int64_t amount_minor);

std::int64_t sum_of(const std::vector<RefundStep>& steps);

// [[t_ms, amount_minor, "refund id"], …], "[]" without any. An unreadable text gives none.
std::string write_refund_steps(const std::vector<RefundStep>& steps);
std::vector<RefundStep> read_refund_steps(std::string_view text);

}  // namespace tl::server
