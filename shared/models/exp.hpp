// SPDX-License-Identifier: Apache-2.0
// The one exp() of the models. The C libraries' differ in the last bit from each other (and with
// fused multiply-add from themselves), which would move a cent between touches; this one uses
// nothing but IEEE multiply, add and subtract, so every build gives the same bits. Accuracy: within
// 1 unit in the last place for x in [-708, 0], tested against a decimal reference.
#pragma once

#include <cstdint>

namespace tl::models {

// x <= 0; exactly 1 at 0; 0 below -708 (the smallest normal double); not-a-number gives 0.
double exp_of_negative(double x);

// 2^40 * exp(x) rounded to the nearest integer: 2^40 at 0, 0 below about -28.4.
std::uint64_t quantised_exp(double x);

}  // namespace tl::models
