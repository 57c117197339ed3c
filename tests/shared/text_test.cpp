// SPDX-License-Identifier: Apache-2.0
// Text functions. The repair table is Unicode 15, section 3.9, "U+FFFD substitution of maximal
// subparts", with its own examples.
#include "throughline/text.hpp"

#include "catch.hpp"

#include <limits>
#include <string>

using tl::Out;

namespace {
std::string repaired(std::string_view text) {
  char buffer[256];
  Out out(buffer, sizeof buffer);
  return std::string(tl::repair_utf8(text, out));
}
const std::string R = "\xEF\xBF\xBD";
}  // namespace

TEST_CASE("ill-formed UTF-8 becomes U+FFFD, one for each maximal subpart", "[text]") {
  CHECK(repaired("caf\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80") ==
        "caf\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80");
  // Table 3-8: non-shortest forms.
  CHECK(repaired("\xC0\xAF\xE0\x80\xBF\xF0\x81\x82"
                 "A") == R + R + R + R + R + R + R + R + "A");
  // Table 3-9: surrogates.
  CHECK(repaired("\xED\xA0\x80\xED\xBF\xBF\xED\xAF"
                 "A") == R + R + R + R + R + R + R + R + "A");
  // Table 3-10: other ill-formed sequences.
  CHECK(repaired("\xF4\x91\x92\x93\xFF"
                 "A\x80\xBF"
                 "B") == R + R + R + R + R + "A" + R + R + "B");
  // Table 3-11: truncated sequences.
  CHECK(repaired("\xE1\x80\xE2\xF0\x91\x92\xF1\xBF"
                 "A") == R + R + R + R + "A");
  CHECK(repaired("\xF4\x8F\xBF\xBF") == "\xF4\x8F\xBF\xBF");
  CHECK(repaired("\xF5\x80") == R + R);
  CHECK(repaired("\xC3") == R);
}

TEST_CASE("text is cut only between characters", "[text]") {
  CHECK(tl::cut_utf8("abc", 5) == "abc");
  CHECK(tl::cut_utf8("abc", 2) == "ab");
  CHECK(tl::cut_utf8("a\xC3\xA9z", 2) == "a");
  CHECK(tl::cut_utf8("a\xC3\xA9z", 3) == "a\xC3\xA9");
  CHECK(tl::cut_utf8("\xF0\x9F\x98\x80", 3).empty());
}

TEST_CASE("decimal numbers fit or are refused", "[text]") {
  std::int64_t number = 7;
  CHECK(tl::parse_decimal("9223372036854775807", number));
  CHECK(number == std::numeric_limits<std::int64_t>::max());
  for (const auto* bad :
       {"", "-1", "+1", "1 ", "9223372036854775808", "99999999999999999999", "1.0", "0x1"}) {
    CAPTURE(bad);
    CHECK_FALSE(tl::parse_decimal(bad, number));
  }
  CHECK(tl::parse_decimal("007", number));
  CHECK(number == 7);
}

TEST_CASE("word lists are searched by whole words without case", "[text]") {
  CHECK(tl::find_word("alpha|beta||gamma", "BETA") == 1);
  CHECK(tl::find_word("alpha|beta||gamma", "gamma") == 3);
  CHECK(tl::find_word("alpha|beta||gamma", "") == -1);
  CHECK(tl::find_word("alpha|beta", "bet") == -1);
  CHECK(tl::find_word("", "a") == -1);
  CHECK(tl::find_word("lang  q", "q", ' ') == 2);
  CHECK(tl::word_at("a||c", 0) == "a");
  CHECK(tl::word_at("a||c", 1).empty());
  CHECK(tl::word_at("a||c", 2) == "c");
  CHECK(tl::word_at("a||c", 3).empty());
}

TEST_CASE("trim takes blanks and controls but no letters", "[text]") {
  CHECK(tl::trim(" \t a b\r\n") == "a b");
  CHECK(tl::trim("\xC3\xA9 ") == "\xC3\xA9");
  CHECK(tl::trim("   ").empty());
}

TEST_CASE("contains finds parts at both ends", "[text]") {
  CHECK(tl::contains("abc", "bc"));
  CHECK(tl::contains("abc", "ab"));
  CHECK(tl::contains("abc", ""));
  CHECK(tl::contains("", ""));
  CHECK_FALSE(tl::contains("abc", "abcd"));
  CHECK_FALSE(tl::contains("", "a"));
}

TEST_CASE("lower leaves other alphabets alone and a full arena empty", "[text]") {
  char buffer[8];
  Out arena(buffer, sizeof buffer);
  CHECK(tl::lower("A\xC3\x89z", arena) == "a\xC3\x89z");
  CHECK(tl::lower("TOO LONG", arena).empty());
  CHECK(arena.overflowed());
}
