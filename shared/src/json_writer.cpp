// SPDX-License-Identifier: Apache-2.0
// Compact JSON text (RFC 8259). U+2028 and U+2029 are escaped so that the text is also JavaScript.
#include "throughline/json_writer.hpp"

#include "throughline/text.hpp"

namespace tl {
namespace {

// Printable ASCII that needs no escaping.
bool is_plain(char c) {
  return c >= ' ' && c < '\x7f' && c != '"' && c != '\\';
}

}  // namespace

void JsonWriter::separate() {
  if (!fresh_ && !after_key_) out_.put(',');
  after_key_ = false;
}

void JsonWriter::key(std::string_view name) {
  separate();
  out_.put('"');
  out_.put(name);
  out_.put("\":");
  after_key_ = true;
  fresh_ = false;
}

void JsonWriter::string(std::string_view text) {
  separate();
  out_.put('"');
  while (!text.empty()) {
    std::size_t plain = 0;
    while (plain < text.size() && is_plain(text[plain])) ++plain;
    out_.put(text.substr(0, plain));
    text.remove_prefix(plain);
    if (text.empty()) break;
    bool is_valid = false;
    const std::size_t length = utf8_step(text, is_valid);
    const std::string_view character = is_valid ? text.substr(0, length) : kReplacement;
    const auto byte = static_cast<std::uint8_t>(character[0]);
    if (byte < ' ') {
      out_.put("\\u00");
      out_.put_hex(&byte, 1);
    } else if (character == "\xE2\x80\xA8" || character == "\xE2\x80\xA9") {
      out_.put(character[2] == '\xA8' ? "\\u2028" : "\\u2029");
    } else {
      if (byte == '"' || byte == '\\') out_.put('\\');
      out_.put(character);
    }
    text.remove_prefix(length);
  }
  out_.put('"');
  fresh_ = false;
}

void JsonWriter::number(std::int64_t number) {
  separate();
  out_.put_int(number);
  fresh_ = false;
}

}  // namespace tl
