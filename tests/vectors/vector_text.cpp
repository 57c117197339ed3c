// SPDX-License-Identifier: Apache-2.0
#include "vectors/vector_text.hpp"

#include "throughline/contact.hpp"
#include "throughline/text.hpp"

#include <array>

namespace tl::vectors {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::size_t kLongestResult = 4096;

// Standard base64 with padding.
std::string to_base64(std::string_view bytes) {
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::string_view group = bytes.substr(i, 3);
    std::uint32_t bits = 0;
    for (std::size_t k = 0; k < 3; ++k)
      bits = bits << 8 | (k < group.size() ? static_cast<std::uint8_t>(group[k]) : 0U);
    for (std::size_t k = 0; k < 4; ++k)
      text += k <= group.size() ? kAlphabet[bits >> (18 - 6 * k) & 63] : '=';
  }
  return text;
}

std::string from_base64(std::string_view text) {
  std::string bytes;
  std::uint32_t bits = 0;
  int held = 0;
  for (const char c : text) {
    const std::size_t value = kAlphabet.find(c);
    if (value == std::string_view::npos) break;
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    held += 6;
    if (held < 8) continue;
    held -= 8;
    bytes += static_cast<char>(bits >> held & 0xFF);
  }
  return bytes;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    bool is_valid = false;
    text.remove_prefix(utf8_step(text, is_valid));
    if (!is_valid) return false;
  }
  return true;
}

}  // namespace

std::string text_of(const Json& json) {
  if (json.is_string()) return json.get<std::string>();
  std::string text;
  if (json.is_array()) {
    for (const Json& part : json) text += text_of(part);
  } else if (json.contains("b64")) {
    text = from_base64(json["b64"].get<std::string>());
  } else {
    const auto part = json["rep"].get<std::string>();
    for (auto left = json["n"].get<std::size_t>(); left > 0; --left) text += part;
  }
  return text;
}

std::string text_of(const Json& object, const char* name) {
  return object.contains(name) ? text_of(object[name]) : std::string();
}

std::int64_t number_of(const Json& object, const char* name, std::int64_t otherwise) {
  if (!object.contains(name)) return otherwise;
  const Json& number = object[name];
  if (!number.is_string()) return number.get<std::int64_t>();
  // Through the unsigned magnitude, so that the smallest int64 is readable too.
  const auto text = number.get<std::string>();
  const bool is_negative = text[0] == '-';
  std::uint64_t magnitude = 0;
  for (const char c : text)
    if (c != '-') magnitude = magnitude * 10 + static_cast<std::uint64_t>(c - '0');
  return static_cast<std::int64_t>(is_negative ? 0 - magnitude : magnitude);
}

Json json_of(std::string_view text) {
  if (text.size() > kLongestResult) {
    std::array<char, 64> room;
    Out hex(room.data(), room.size());
    write_sha256_hex(text, hex);
    return {{"bytes", text.size()}, {"sha256", std::string(hex.view())}};
  }
  if (!is_utf8(text)) return {{"b64", to_base64(text)}};
  return std::string(text);
}

}  // namespace tl::vectors
