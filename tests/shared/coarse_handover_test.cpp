// SPDX-License-Identifier: Apache-2.0
// The hand-over without consent: what it may hold, and that only this reads back.
#include "throughline/coarse_handover.hpp"

#include "catch.hpp"
#include "shared/core_text.hpp"

#include <string>

using tl::Channel;
using tl::CoarseHandover;
using tl::test::written;

namespace {

std::string coarse_text(const CoarseHandover& handover) {
  return written([&](tl::Out& out) { write_coarse_token(handover, out); });
}

bool is_coarse(const CoarseHandover& handover) {
  return tl::is_coarse_handover(handover);
}

bool reads_coarse(std::string_view token) {
  char buffer[tl::kMaxCoarseToken];
  tl::Out arena(buffer, sizeof buffer);
  return tl::parse_coarse_token(token, arena).ok();
}

}  // namespace

TEST_CASE("a coarse token names channel, source and campaign", "[coarse]") {
  CHECK(coarse_text({Channel::paid_search, "google", "spring"}) ==
        "tl0_paid_search_Z29vZ2xl_c3ByaW5n");
  CHECK(coarse_text({Channel::direct, "", ""}) == "tl0_direct__");
}

TEST_CASE("a coarse token reads back, whatever the campaign", "[coarse]") {
  for (const char* campaign :
       {"", "a", "ab", "abc", "what?~?", "\xC3\xBF\xC3\xBF", "Fr\xC3\xBChling 2026"}) {
    const CoarseHandover said{Channel::organic_social, "t.co", campaign};
    REQUIRE(is_coarse(said));
    char buffer[tl::kMaxCoarseToken];
    tl::Out arena(buffer, sizeof buffer);
    const auto read = tl::parse_coarse_token(coarse_text(said), arena);
    INFO(coarse_text(said));
    REQUIRE(read.ok());
    CHECK(read.value().channel == said.channel);
    CHECK(read.value().source == said.source);
    CHECK(read.value().campaign == said.campaign);
  }
}

TEST_CASE("what one person alone may have is no coarse hand-over", "[coarse]") {
  CHECK_FALSE(is_coarse({Channel::email, "", "jane@mail.example"}));
  CHECK_FALSE(is_coarse({Channel::email, "", "a\nb"}));
  CHECK_FALSE(is_coarse({Channel::email, "", "\xFF"}));
  CHECK_FALSE(is_coarse({Channel::email, "Jane Roe", ""}));
  CHECK_FALSE(is_coarse({Channel::internal, "", ""}));
  CHECK_FALSE(is_coarse({Channel::unknown, "", ""}));
  CHECK(is_coarse({Channel::email, "", std::string(139, 'x')}));
  CHECK_FALSE(is_coarse({Channel::email, "", std::string(150, 'x')}));
}

TEST_CASE("anything that is not exactly a coarse token is refused", "[coarse]") {
  CHECK(reads_coarse("tl0_email_bmV3cw_c3ByaW5n"));
  for (const char* text :
       {"", "tl0_", "tl0_email", "tl0_email_", "tl0_mail__", "tl0_email_bmV3cw=_", "tl1_email__",
        "tl0_email_bmV3cx_c3ByaW5n", "tl0_email_bmV3cw_c3ByaW5", "tl0_email_ bmV3cw_",
        "tl0_email__YUBi", "tl0_email_QQ_", "tl0_internal__", "tl0_EMAIL__"}) {
    INFO(text);
    CHECK_FALSE(reads_coarse(text));
  }
}
