// SPDX-License-Identifier: Apache-2.0
// ASCII and UTF-8 text functions. Written for size: they are in the browser's core.
#include "throughline/text.hpp"

namespace tl {

int hex_value(char c) {
  c = ascii_lower(c);
  if (c >= '0' && c <= '9') return c - '0';
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (ascii_lower(a[i]) != ascii_lower(b[i])) return false;
  }
  return true;
}

bool contains(std::string_view text, std::string_view part) {
  for (; text.size() >= part.size(); text.remove_prefix(1)) {
    if (text.substr(0, part.size()) == part) return true;
    if (text.empty()) break;
  }
  return false;
}

bool contains(std::string_view text, char c) {
  for (const char each : text) {
    if (each == c) return true;
  }
  return false;
}

std::string_view take_until(std::string_view& text, std::string_view ends) {
  std::size_t i = 0;
  while (i < text.size() && !contains(ends, text[i])) ++i;
  const auto taken = text.substr(0, i);
  text.remove_prefix(i);
  return taken;
}

std::string_view take_field(std::string_view& text, char end) {
  const auto taken = take_until(text, {&end, 1});
  if (!text.empty()) text.remove_prefix(1);
  return taken;
}

std::string_view trim(std::string_view text) {
  // Controls count as blanks, which takes in tabs and line ends.
  while (!text.empty() && text.front() >= 0 && text.front() <= ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() >= 0 && text.back() <= ' ') text.remove_suffix(1);
  return text;
}

std::string_view lower(std::string_view text, Out& arena) {
  const std::size_t mark = arena.size();
  for (const char c : text) arena.put(ascii_lower(c));
  if (arena.overflowed()) arena.rewind(mark);
  return arena.since(mark);
}

std::string_view word_at(std::string_view list, std::uint32_t index) {
  std::size_t start = 0;
  for (std::size_t end = 0; end <= list.size(); ++end) {
    if (end < list.size() && list[end] != '|') continue;
    if (index-- == 0) return list.substr(start, end - start);
    start = end + 1;
  }
  return {};
}

std::int32_t find_word(std::string_view list, std::string_view word, char separator) {
  std::int32_t index = 0;
  std::size_t start = 0;
  for (std::size_t end = 0; end <= list.size(); ++end) {
    if (end < list.size() && list[end] != separator) continue;
    if (!word.empty() && equals_ignoring_case(list.substr(start, end - start), word)) return index;
    ++index;
    start = end + 1;
  }
  return -1;
}

std::size_t utf8_step(std::string_view text, bool& is_valid) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t lead = byte(0);
  std::size_t length = lead < 0x80 ? 1 : lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  if (lead > 0xF4) length = 0;
  // The second byte's range keeps out overlong forms, surrogates and what lies above U+10FFFF.
  std::uint8_t low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  std::uint8_t high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  std::size_t taken = 1;
  while (taken < length && taken < text.size() && byte(taken) >= low && byte(taken) <= high) {
    ++taken;
    low = 0x80;
    high = 0xBF;
  }
  is_valid = taken == length;
  return taken;
}

std::string_view repair_utf8(std::string_view text, Out& arena, std::size_t limit) {
  const std::size_t mark = arena.size();
  while (!text.empty()) {
    bool is_valid = false;
    const std::size_t length = utf8_step(text, is_valid);
    const auto character = is_valid ? text.substr(0, length) : kReplacement;
    if (arena.size() - mark + character.size() > limit) break;
    arena.put(character);
    text.remove_prefix(length);
  }
  return arena.since(mark);
}

std::string_view cut_utf8(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) return text;
  while (limit > 0 && (static_cast<std::uint8_t>(text[limit]) & 0xC0) == 0x80) --limit;
  return text.substr(0, limit);
}

bool parse_decimal(std::string_view text, std::int64_t& number) {
  std::int64_t value = 0;
  for (const char c : text) {
    const int digit = c - '0';
    if (digit < 0 || digit > 9 || value > (INT64_MAX - digit) / 10) return false;
    value = value * 10 + digit;
  }
  number = value;
  return !text.empty();
}

}  // namespace tl
