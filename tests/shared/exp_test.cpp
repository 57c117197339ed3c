// SPDX-License-Identifier: Apache-2.0
// exp() against a reference computed with 60-digit decimals (Python's decimal module, prec 60): the
// double nearest to the true value, and round-half-up of 2^40 times it.
#include "models/exp.hpp"

#include "catch.hpp"

#include <cmath>
#include <limits>

namespace {

struct Reference {
  double x, exp;
  std::uint64_t quantised;
};

constexpr Reference kReferences[] = {
    {0x0.0p+0, 0x1.0000000000000p+0, 1099511627776},
    {-0x1.0000000000000p-60, 0x1.0000000000000p+0, 1099511627776},
    {-0x1.0000000000000p-2, 0x1.8ebef9eac820bp-1, 856300516708},
    {-0x1.0000000000000p-1, 0x1.368b2fc6f960ap-1, 666887512957},
    {-0x1.0000000000000p+0, 0x1.78b56362cef38p-2, 404487723188},
    {-0x1.4000000000000p+0, 0x1.25618372a584fp-2, 315015355561},
    {-0x1.0000000000000p+1, 0x1.152aaa3bf81ccp-3, 148802717567},
    {-0x1.0000000000000p+2, 0x1.2c155b8213cf4p-6, 20138257928},
    {-0x1.4000000000000p+3, 0x1.7cd79b5647c9bp-15, 49917751},
    {-0x1.b800000000000p+4, 0x1.40e111f58fa5bp-40, 1},
    {-0x1.c800000000000p+4, 0x1.d82dee15411b1p-42, 0},
    {-0x1.6800000000000p+6, 0x1.1d8508fa8246ap-130, 0},
    {-0x1.5900000000000p+8, 0x1.34bb5fd56a155p-498, 0},
    {-0x1.5e00000000000p+9, 0x1.14f2b0fb9307fp-1010, 0},
    {-0x1.6200000000000p+9, 0x1.7c8ab2288c9abp-1022, 0},
    {-0x1.f555555555555p+1, 0x1.462971cb2549bp-6, 21888354093},
    {-0x1.62e42fefa39efp-2, 0x1.6a09e667f3bcdp-1, 777472127994},
    {-0x1.4cb5ecf0a9650p+2, 0x1.6a09e667f3bcep-8, 6074001000},
    {-0x1.c6b3e92bc1e99p+4, 0x1.0007440ee095cp-41, 1},
    {-0x1.b8432f5589dc5p+3, 0x1.1c44c6d9454edp-20, 1164364},
    {-0x1.a560687370384p+4, 0x1.00e971c1bb1adp-38, 4},
    {-0x1.e92974d6f5032p-1, 0x1.89e46a75aa584p-2, 422938582379},
    {-0x1.0f210cb7bf38ap+3, 0x1.b67a01528b139p-13, 229888011},
    {-0x1.cda8e62239d2cp+4, 0x1.4b7fabb92c88cp-42, 0},
    {-0x1.3edf7c706149dp+4, 0x1.2ff4ca386da02p-29, 2432},
    {-0x1.ecf32c8dc3ab4p+1, 0x1.5c3d38ad65fa7p-6, 23369933494},
    {-0x1.4e74234941169p+3, 0x1.e4db8f3a6561ep-16, 31775631},
    {-0x1.a64798a498237p+4, 0x1.e5a0267b95320p-39, 4},
    {-0x1.a721b92a43d20p+3, 0x1.e58957520df94p-20, 1988757},
    {-0x1.b7c9b574caf6ap-1, 0x1.b1c4bd5970785p-2, 465755395676},
    {-0x1.ae2acdc032c1dp+4, 0x1.289fe5ae2d36dp-39, 2},
    {-0x1.d4100118de558p+6, 0x1.22727b1f2d134p-169, 0},
    {-0x1.cba5f539ea855p+8, 0x1.d32439feb2b52p-664, 0},
    {-0x1.bd1e564938a90p+8, 0x1.c70183cef7e92p-643, 0},
    {-0x1.52a57242add49p+8, 0x1.5a7f38045d53bp-489, 0},
    {-0x1.5143d8ff5a0cep+9, 0x1.d045bfc597dbfp-974, 0},
};

}  // namespace

TEST_CASE("exp is within one unit in the last place of the decimal reference", "[exp]") {
  for (const Reference& reference : kReferences) {
    const double value = tl::models::exp_of_negative(reference.x);
    INFO("x = " << reference.x);
    CHECK(value >= std::nextafter(reference.exp, 0.0));
    CHECK(value <= std::nextafter(reference.exp, 2.0));
  }
}

TEST_CASE("quantised weights equal the decimal reference", "[exp]") {
  for (const Reference& reference : kReferences) {
    INFO("x = " << reference.x);
    CHECK(tl::models::quantised_exp(reference.x) == reference.quantised);
  }
}

TEST_CASE("exp is one at zero and zero beyond its range", "[exp]") {
  using tl::models::exp_of_negative;
  CHECK(exp_of_negative(0.0) == 1.0);
  CHECK(exp_of_negative(-0.0) == 1.0);
  CHECK(exp_of_negative(-708.5) == 0.0);
  CHECK(exp_of_negative(-1e300) == 0.0);
  CHECK(exp_of_negative(-std::numeric_limits<double>::infinity()) == 0.0);
  CHECK(exp_of_negative(std::numeric_limits<double>::quiet_NaN()) == 0.0);
}

TEST_CASE("quantised weights never grow with age", "[exp]") {
  std::uint64_t last = tl::models::quantised_exp(0);
  REQUIRE(last == std::uint64_t{1} << 40);
  for (int step = 1; step <= 30000; ++step) {
    const std::uint64_t weight = tl::models::quantised_exp(-step / 1000.0);
    REQUIRE(weight <= last);
    last = weight;
  }
  REQUIRE(last == 0);
}
