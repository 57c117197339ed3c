// SPDX-License-Identifier: Apache-2.0
// JSON of others with a text that was cut inside an emoji.
#include "server/core/text/foreign_json.hpp"

#include "server/http/json_reader.hpp"
#include "tests/server/support.hpp"

using namespace tl::server;

namespace {

std::string repaired(std::string_view json) {
  std::string copy;
  return std::string(with_whole_surrogates(json, copy));
}

}  // namespace

TEST_CASE("half a surrogate pair is replaced, whatever stands around it", "[foreign_json]") {
  CHECK(repaired(R"("A \ud83d")") == R"("A \ufffd")");
  CHECK(repaired(R"("\uD83D\uD83D\uDE00")") == R"("\ufffd\uD83D\uDE00")");
  CHECK(repaired(R"("\ude00\ud83d")") == R"("\ufffd\ufffd")");
  CHECK(repaired(R"("\ud83d\n\ude00")") == R"("\ufffd\n\ufffd")");
  CHECK(repaired(R"({"\ud83d":1})") == R"({"\ufffd":1})");
  CHECK(repaired(R"("\\\ud83d")") == R"("\\\ufffd")");
}

TEST_CASE("what is no half stays as it is written, without a copy", "[foreign_json]") {
  const std::string_view json =
      GENERATE(R"("\ud83d\ude00")", R"("\\ud83d")", R"("\\\\ud83d")", R"("\u00e9 \ud7ff \ue000")",
               R"("\ud83")", R"("\ud83)", R"("\ud8zz")", R"("\)", R"("ud83d")", "");
  std::string copy;
  CHECK(with_whole_surrogates(json, copy).data() == json.data());
}

TEST_CASE("a repair moves no byte, so an error is told at its place", "[foreign_json]") {
  const auto read = http::read_json(R"({"a":"\ud83d","b":nope})");
  REQUIRE_FALSE(read.ok());
  CHECK(read.error().detail == http::read_json(R"({"a":"\u00e9","b":nope})").error().detail);
}
