// SPDX-License-Identifier: Apache-2.0
// Hand-over of the ids: the packed token.
#include "throughline/checkout.hpp"

#include "catch.hpp"
#include "shared/core_text.hpp"
#include "shared/seeded_random.hpp"

#include <string>
#include <vector>

using tl::test::written;

namespace {

using tl::Handover;

constexpr std::string_view kToken =
    "tl1_01a0b1c2-d3e4-7f50-8a6b-7c8d9eafb0c1_01a0b1c2-d3e4-7f50-8a6b-000000000002_mubbs7ln";

Handover handover() {
  return {tl::parse_uuid("01a0b1c2-d3e4-7f50-8a6b-7c8d9eafb0c1").value(),
          tl::parse_uuid("01a0b1c2-d3e4-7f50-8a6b-000000000002").value(), 1790000000123};
}

std::string token_of(const Handover& ids) {
  return written([&](tl::Out& out) { write_packed_token(ids, out); });
}

}  // namespace

TEST_CASE("the packed token has 86 characters of the allowed alphabet", "[checkout]") {
  const std::string token = token_of(handover());

  CHECK(token == kToken);
  CHECK(token.size() == 86);
  for (const char c : token)
    CHECK(std::string_view("abcdefghijklmnopqrstuvwxyz0123456789-_").find(c) !=
          std::string_view::npos);
}

TEST_CASE("a packed token reads back", "[checkout]") {
  tl::test::SeededRandom random(36);
  for (int round = 0; round < 500; ++round) {
    Handover ids = handover();
    ids.anonymous_id.bytes[0] = static_cast<std::uint8_t>(random.next());
    ids.session_id.bytes[9] = static_cast<std::uint8_t>(random.next());
    ids.checkout_started_ms = static_cast<std::int64_t>(random.next() >> (8 + random.below(56)));

    const auto parsed = tl::parse_packed_token(token_of(ids));
    REQUIRE(parsed.ok());
    REQUIRE(parsed.value().anonymous_id == ids.anonymous_id);
    REQUIRE(parsed.value().session_id == ids.session_id);
    REQUIRE(parsed.value().checkout_started_ms == ids.checkout_started_ms);
  }
  CHECK(tl::parse_packed_token(token_of({handover().anonymous_id, handover().session_id, 0})).ok());
}

TEST_CASE("anything that is not exactly a token is refused", "[checkout]") {
  const std::string good(kToken);
  std::vector<std::string> bad{"",
                               "tl1_",
                               good.substr(0, 78),
                               good + "-",
                               good + "0000",
                               " " + good,
                               good + " ",
                               "tl2_" + good.substr(4),
                               "TL1_" + good.substr(4),
                               good.substr(0, 78) + "0" + good.substr(78),
                               good.substr(0, 78) + "MUBBS7LN",
                               good.substr(0, 78) + "-1",
                               good.substr(0, 78) + std::string(12, 'z')};
  std::string changed = good;
  changed[40] = '-';
  bad.push_back(changed);
  changed = good;
  changed[4] = 'g';
  bad.push_back(changed);
  changed = good;
  changed[6] = 'A';
  bad.push_back(changed);
  changed = good;
  changed[80] = '\0';
  bad.push_back(changed);
  bad.push_back(token_of({{}, handover().session_id, 1}));
  bad.push_back(token_of({handover().anonymous_id, {}, 1}));
  bad.push_back(token_of({handover().anonymous_id, handover().session_id, -1}));
  for (const std::string& token : bad) {
    INFO(token);
    const auto parsed = tl::parse_packed_token(token);
    REQUIRE_FALSE(parsed.ok());
    CHECK(std::string(parsed.error().code) == "bad_token");
  }
  CHECK(tl::parse_packed_token(good.substr(0, 78) + std::string(11, 'z')).ok());
}
