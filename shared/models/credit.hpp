// SPDX-License-Identifier: Apache-2.0
// Splitting an integer by weights so that the shares sum exactly (largest remainder), and the net
// value that refunds leave. Credit is always a function of the net value, never a running sum of
// roundings: the row of a refund is split(net after) - split(net before), and at net 0 all is 0.
// Example: 10000 over 1:1:1 is 3334, 3333, 3333; after a refund of 3333 it is 2223, 2222, 2222.
#pragma once

#include "throughline/result.hpp"

#include <cstdint>
#include <span>

namespace tl::models {

inline constexpr std::size_t kMaxShares = 500;
inline constexpr std::int64_t kWholeConversionMicro = 1'000'000;

// shares[i] = amount * weights[i] / sum, each rounded towards zero; what is left goes one by one to
// the largest fractions, the earlier touch first when equal. A negative amount is split as its
// magnitude. Exact for every int64. Errors: invalid (no_weight: none or all zero, too_many_shares,
// share_count: the spans differ in size).
Result<void> split_exactly(std::int64_t amount, std::span<const std::uint64_t> weights,
                           std::span<std::int64_t> shares);

// What is left of an order's value after cumulative refunds, which are clamped to the value.
std::int64_t net_value(std::int64_t value_minor, std::int64_t refunded_minor);

}  // namespace tl::models
