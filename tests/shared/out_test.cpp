// SPDX-License-Identifier: Apache-2.0
// Out and JsonWriter: overflow is remembered and never cuts a text; JSON is valid whatever goes in.
#include "throughline/out.hpp"

#include "catch.hpp"
#include "throughline/json_writer.hpp"

#include <cstdint>
#include <limits>
#include <string>

using tl::JsonWriter;
using tl::Out;

namespace {
std::string json_string(std::string_view text) {
  char buffer[256];
  Out out(buffer, sizeof buffer);
  JsonWriter(out).string(text);
  return std::string(out.view());
}
}  // namespace

TEST_CASE("a text that does not fit is not written at all", "[out]") {
  char buffer[5];
  Out out(buffer, sizeof buffer);
  out.put("abc");
  out.put("de\xC3\xA9");
  CHECK(out.view() == "abc");
  CHECK(out.overflowed());

  out.put('x');
  out.put("y");
  CHECK(out.view() == "abc");
  out.rewind(1);
  out.put('z');
  CHECK(out.view() == "a");
  CHECK(out.overflowed());
}

TEST_CASE("a buffer can be filled to the last byte", "[out]") {
  char buffer[3];
  Out out(buffer, sizeof buffer);
  out.put("ab");
  out.put('c');
  CHECK_FALSE(out.overflowed());
  out.put("");
  CHECK_FALSE(out.overflowed());
  out.put('d');
  CHECK(out.overflowed());
}

TEST_CASE("numbers are written in decimal up to both ends", "[out]") {
  char buffer[64];
  Out out(buffer, sizeof buffer);
  out.put_int(std::numeric_limits<std::int64_t>::min());
  out.put(' ');
  out.put_int(std::numeric_limits<std::int64_t>::max());
  out.put(' ');
  out.put_int(0);
  CHECK(out.view() == "-9223372036854775808 9223372036854775807 0");
}

TEST_CASE("bytes are written as lower-case hex", "[out]") {
  const std::uint8_t bytes[] = {0x00, 0x9f, 0xAB};
  char buffer[8];
  Out out(buffer, sizeof buffer);
  out.put_hex(bytes, 3);
  CHECK(out.view() == "009fab");
}

TEST_CASE("JSON strings are escaped and repaired", "[json]") {
  CHECK(json_string("plain") == R"("plain")");
  CHECK(json_string("a\"b\\c/") == R"("a\"b\\c/")");
  CHECK(json_string({"\0\t\n\x1f", 4}) == R"("\u0000\u0009\u000a\u001f")");
  CHECK(json_string("\xE2\x80\xA8\xE2\x80\xA9\xE2\x80\xAA") == "\"\\u2028\\u2029\xE2\x80\xAA\"");
  CHECK(json_string("\xF0\x9F\x98\x80 \xC3\xA9") == "\"\xF0\x9F\x98\x80 \xC3\xA9\"");
  CHECK(json_string("\xFF"
                    "a\xC3") ==
        "\"\xEF\xBF\xBD"
        "a\xEF\xBF\xBD\"");
}

TEST_CASE("commas separate members and nothing else", "[json]") {
  char buffer[128];
  Out out(buffer, sizeof buffer);
  JsonWriter json(out);
  json.open_object();
  json.key("a");
  json.number(-1);
  json.key("b");
  json.open_object();
  json.close_object();
  json.key("c");
  json.open_object();
  json.key("d");
  json.raw("[1]");
  json.close_object();
  json.key("e");
  json.string("");
  json.close_object();
  CHECK(out.view() == R"({"a":-1,"b":{},"c":{"d":[1]},"e":""})");
}
