// SPDX-License-Identifier: Apache-2.0
// exp(x) = 2^k * exp(r) with k = round(x / ln 2) and |r| <= ln 2 / 2. ln 2 is split into a high
// part with 21 zero bits at its end, so that k * high is exact for every k that occurs, and the low
// rest (the split of Cody and Waite). exp(r) is its Taylor sum to r^13 / 13!, whose rest is below
// 2^-57.
#include "models/exp.hpp"

#include <cfloat>
#include <cstring>

namespace tl::models {
namespace {

static_assert(FLT_EVAL_METHOD == 0, "doubles must be evaluated as doubles");

constexpr double kInverseLn2 = 0x1.71547652b82fep+0;
constexpr double kLn2High = 0x1.62e42fee00000p-1;
constexpr double kLn2Low = 0x1.a39ef35793c76p-33;
constexpr double kLowest = -708.0;

// 1/13! … 1/2!
constexpr double kTaylor[] = {1.0 / 6227020800, 1.0 / 479001600, 1.0 / 39916800, 1.0 / 3628800,
                              1.0 / 362880,     1.0 / 40320,     1.0 / 5040,     1.0 / 720,
                              1.0 / 120,        1.0 / 24,        1.0 / 6,        1.0 / 2};

// 2^k for -1022 <= k <= 0, from its bits.
double power_of_two(int k) {
  const auto bits = static_cast<std::uint64_t>(k + 1023) << 52;
  double value = 0;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

}  // namespace

double exp_of_negative(double x) {
  if (!(x >= kLowest)) return 0;
  const int k = static_cast<int>(x * kInverseLn2 - 0.5);  // towards zero, so to the nearest
  const double r = (x - k * kLn2High) - k * kLn2Low;

  double sum = 0;
  for (const double coefficient : kTaylor) sum = (sum + coefficient) * r;
  // sum is now (exp(r) - 1 - r) / r.
  return (1 + (r + r * sum)) * power_of_two(k);
}

std::uint64_t quantised_exp(double x) {
  const double scaled = exp_of_negative(x) * 0x1p40;
  const auto whole = static_cast<std::uint64_t>(scaled);
  return scaled - static_cast<double>(whole) >= 0.5 ? whole + 1 : whole;
}

}  // namespace tl::models
