// SPDX-License-Identifier: Apache-2.0
// The exact split: worked examples of docs/attribution.md, the ends of int64, and properties.
#include "models/credit.hpp"

#include "catch.hpp"
#include "shared/seeded_random.hpp"

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

namespace {

using tl::models::net_value;
using tl::models::split_exactly;
using Shares = std::vector<std::int64_t>;
__extension__ using Wide = __int128;

constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();

Shares split(std::int64_t amount, const std::vector<std::uint64_t>& weights) {
  Shares shares(weights.size());
  REQUIRE(split_exactly(amount, weights, shares).ok());
  return shares;
}

// Wraps around like the sum of the ledger would, which is exact when the true sum fits.
std::int64_t sum(const Shares& shares) {
  std::uint64_t total = 0;
  for (const std::int64_t share : shares) total += static_cast<std::uint64_t>(share);
  return static_cast<std::int64_t>(total);
}

}  // namespace

TEST_CASE("what rounding leaves goes to the largest fractions, the earlier first", "[credit]") {
  CHECK(split(10000, {1, 1, 1}) == Shares{3334, 3333, 3333});
  CHECK(split(6667, {1, 1, 1}) == Shares{2223, 2222, 2222});
  CHECK(split(5000, {1, 1, 1}) == Shares{1667, 1667, 1666});
  CHECK(split(10001, {1, 1, 1, 1, 1}) == Shares{2001, 2000, 2000, 2000, 2000});
  CHECK(split(12999, {2, 1, 2}) == Shares{5200, 2600, 5199});
}

TEST_CASE("a larger amount may lower a share", "[credit]") {
  CHECK(split(10, {6, 6, 2}) == Shares{4, 4, 2});
  CHECK(split(11, {6, 6, 2}) == Shares{5, 5, 1});
}

TEST_CASE("a negative amount is split as its magnitude", "[credit]") {
  CHECK(split(-10000, {1, 1, 1}) == Shares{-3334, -3333, -3333});
  CHECK(split(-11, {6, 6, 2}) == Shares{-5, -5, -1});
}

TEST_CASE("the ends of the integers split exactly", "[credit]") {
  CHECK(split(kMin, {1}) == Shares{kMin});
  CHECK(split(kMax, {1}) == Shares{kMax});
  CHECK(split(kMin, {1, 1}) == Shares{kMin / 2, kMin / 2});
  CHECK(split(kMax, {1, 1}) == Shares{kMax / 2 + 1, kMax / 2});
  CHECK(split(kMin + 1, {1, 1}) == Shares{-(kMax / 2) - 1, -(kMax / 2)});
  constexpr std::uint64_t kHuge = std::numeric_limits<std::uint64_t>::max();
  CHECK(split(kMin, {kHuge, kHuge}) == Shares{kMin / 2, kMin / 2});
  CHECK(split(kMax, {kHuge, 0, 0}) == Shares{kMax, 0, 0});
}

TEST_CASE("zero is split into zeros", "[credit]") {
  CHECK(split(0, {7, 3, 1}) == Shares{0, 0, 0});
}

TEST_CASE("a refund's row is the difference of two splits", "[credit]") {
  const std::vector<std::uint64_t> weights{1, 1, 1};
  const Shares before = split(10000, weights);
  const Shares after_first = split(net_value(10000, 3333), weights);
  const Shares after_second = split(net_value(10000, 5000), weights);
  const Shares after_all = split(net_value(10000, 10000), weights);

  Shares first, second, third;
  for (std::size_t i = 0; i < 3; ++i) {
    first.push_back(after_first[i] - before[i]);
    second.push_back(after_second[i] - after_first[i]);
    third.push_back(after_all[i] - after_second[i]);
  }
  CHECK(first == Shares{-1111, -1111, -1111});
  CHECK(second == Shares{-556, -555, -556});
  CHECK(third == Shares{-1667, -1667, -1666});
  CHECK(after_all == Shares{0, 0, 0});
}

TEST_CASE("refunds never take more than the order's value", "[credit]") {
  CHECK(net_value(5000, 7000) == 0);
  CHECK(net_value(5000, 0) == 5000);
  CHECK(net_value(5000, -3) == 5000);
  CHECK(net_value(0, 10) == 0);
  CHECK(net_value(-500, 10) == -500);
  CHECK(net_value(kMax, kMax - 1) == 1);
}

TEST_CASE("a split without weight or room is refused", "[credit]") {
  Shares shares(3);
  const std::vector<std::uint64_t> zeros(3, 0);
  CHECK(std::string(split_exactly(1, zeros, shares).error().code) == "no_weight");
  CHECK(std::string(split_exactly(1, {}, {}).error().code) == "no_weight");
  const std::vector<std::uint64_t> two{1, 1};
  CHECK(std::string(split_exactly(1, two, shares).error().code) == "share_count");
  const std::vector<std::uint64_t> many(tl::models::kMaxShares + 1, 1);
  Shares room(many.size());
  CHECK(std::string(split_exactly(1, many, room).error().code) == "too_many_shares");
}

TEST_CASE("every split sums to its amount and stays within one unit of its quota", "[credit]") {
  tl::test::SeededRandom random(20260101);
  for (int round = 0; round < 3000; ++round) {
    std::vector<std::uint64_t> weights(1 + random.below(40));
    // Below 2^56, so that the exact comparison fits 128 bits.
    for (std::uint64_t& weight : weights) weight = random.next() >> (8 + random.below(56));
    weights[0] |= 1;
    // From small amounts to the whole range, both signs.
    const std::uint64_t bits = random.next() >> random.below(64);
    const auto amount = static_cast<std::int64_t>(random.below(2) == 0 ? bits : 0 - bits);

    const Shares shares = split(amount, weights);

    REQUIRE(sum(shares) == amount);
    Wide total = 0;
    for (const std::uint64_t weight : weights) total += static_cast<Wide>(weight);
    for (std::size_t i = 0; i < shares.size(); ++i) {
      const Wide error = Wide{shares[i]} * total - Wide{amount} * static_cast<Wide>(weights[i]);
      REQUIRE((error < total && error > -total));
      REQUIRE((shares[i] == 0 || (shares[i] < 0) == (amount < 0)));
    }
  }
}

TEST_CASE("equal weights never differ by more than one unit", "[credit]") {
  for (std::int64_t amount = -70; amount <= 70; ++amount) {
    const Shares shares = split(amount, std::vector<std::uint64_t>(7, 5));
    const auto [low, high] = std::minmax_element(shares.begin(), shares.end());
    REQUIRE(*high - *low <= 1);
    REQUIRE(sum(shares) == amount);
  }
}
