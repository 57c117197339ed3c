// SPDX-License-Identifier: Apache-2.0
#include "server/attribute/decimal.hpp"

#include <charconv>
#include <cmath>

namespace tl::server::attribute {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

}  // namespace

bool parse_count(std::string_view text, std::uint64_t& count) {
  std::uint64_t number = 0;
  std::size_t at = 0;
  for (; at < text.size() && is_digit(text[at]); ++at) {
    if (at == 18) return false;  // no count of people
    number = number * 10 + static_cast<std::uint64_t>(text[at] - '0');
  }
  if (at == 0) return false;
  if (at < text.size() && text[at] == '.')
    for (++at; at < text.size() && text[at] == '0'; ++at) {
    }
  count = number;
  return at == text.size();
}

bool parse_amount(std::string_view text, double& amount) {
  // Up to 15 digits and 10^22 are exact doubles, so one division rounds once.
  constexpr double kPowers[] = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
  const bool is_negative = !text.empty() && text.front() == '-';
  std::uint64_t digits = 0;
  std::size_t count = 0, decimals = 0, at = is_negative ? 1 : 0;
  bool has_point = false;
  for (; at < text.size() && count <= 15; ++at) {
    if (is_digit(text[at])) {
      digits = digits * 10 + static_cast<std::uint64_t>(text[at] - '0');
      ++count;
      decimals += has_point;
    } else if (text[at] == '.' && !has_point) {
      has_point = true;
    } else {
      break;
    }
  }
  if (at == text.size() && count > 0 && count <= 15) {
    const double magnitude = static_cast<double>(digits) / kPowers[decimals];
    amount = is_negative ? -magnitude : magnitude;
    return true;
  }
  const bool has_plus = !text.empty() && text.front() == '+';
  if (has_plus && text.size() > 1 && text[1] == '-') return false;
  const char* const begin = text.data() + (has_plus ? 1 : 0);
  const auto [end, error] = std::from_chars(begin, text.data() + text.size(), amount);
  return error == std::errc() && end == text.data() + text.size() && std::isfinite(amount);
}

void append_number(double number, std::string& text) {
  char room[40];
  const auto end = std::to_chars(room, room + sizeof room, number, std::chars_format::general, 17);
  text.append(room, end.ptr);
}

}  // namespace tl::server::attribute
