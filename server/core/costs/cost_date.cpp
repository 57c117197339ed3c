// SPDX-License-Identifier: Apache-2.0
#include "server/core/costs/cost_date.hpp"

#include "server/core/reports/report_calendar.hpp"
#include "server/core/text/ascii.hpp"
#include "throughline/text.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace tl::server {
namespace {

std::optional<int> month_of(std::string_view name) {
  static constexpr std::array<std::string_view, 12> kMonths = {
      "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"};
  if (name.size() < 3) return std::nullopt;
  for (std::size_t i = 0; i < kMonths.size(); ++i)
    if (equals_ignoring_case(name.substr(0, 3), kMonths[i])) return static_cast<int>(i) + 1;
  return std::nullopt;
}

// The words and numbers of a date; a time behind it, after a blank or a T, is left out.
std::vector<std::string> date_parts(std::string_view text) {
  std::vector<std::string> parts;
  std::string part;
  for (const char c : text) {
    if (c == ':') break;
    const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (is_digit(c) || (is_letter && (part.empty() || !is_digit(part.back())))) {
      part += c;
      continue;
    }
    if (!part.empty()) parts.push_back(std::move(part));
    part.clear();
    if (parts.size() == 3) break;
  }
  if (!part.empty() && parts.size() < 3) parts.push_back(std::move(part));
  return parts;
}

std::optional<int> number_of(const std::string& text) {
  std::int64_t number = 0;
  if (text.size() > 4 || !parse_decimal(text, number)) return std::nullopt;
  return static_cast<int>(number);
}

std::optional<int> checked_day(int year, int month, int day) {
  std::array<char, 48> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02d-%02d", year, month, day);
  return parse_day(text.data());
}

}  // namespace

std::optional<DateOrder> find_date_order(const std::vector<std::string>& texts) {
  std::optional<DateOrder> found;
  for (const auto& text : texts) {
    if (text.find('/') == std::string::npos) continue;
    const auto parts = date_parts(text);
    if (parts.size() != 3) continue;
    const auto first = number_of(parts[0]), second = number_of(parts[1]);
    if (!first || !second || *first > 31) continue;
    std::optional<DateOrder> said;
    if (*first > 12) said = DateOrder::day_first;
    if (*second > 12) said = DateOrder::month_first;
    if (!said) continue;
    if (found && *found != *said) return std::nullopt;
    found = said;
  }
  return found;
}

std::optional<int> read_date(std::string_view text, std::optional<DateOrder> order) {
  text = trim(text);
  if (text.find(" - ") != std::string_view::npos) return std::nullopt;  // a range
  if (text.size() == 8 && std::all_of(text.begin(), text.end(), is_digit))
    return checked_day(
        (text[0] - '0') * 1000 + (text[1] - '0') * 100 + (text[2] - '0') * 10 + (text[3] - '0'),
        (text[4] - '0') * 10 + (text[5] - '0'), (text[6] - '0') * 10 + (text[7] - '0'));
  const auto parts = date_parts(text);
  if (parts.size() != 3) return std::nullopt;
  const auto first = number_of(parts[0]), second = number_of(parts[1]), third = number_of(parts[2]);
  if (const auto month = month_of(parts[0]); month && second && third)
    return checked_day(*third, *month, *second);
  if (const auto month = month_of(parts[1]); month && first && third)
    return checked_day(*third, *month, *first);
  if (!first || !second || !third) return std::nullopt;
  if (parts[0].size() == 4) return checked_day(*first, *second, *third);
  if (parts[2].size() != 4) return std::nullopt;
  if (text.find('/') == std::string_view::npos) return checked_day(*third, *second, *first);
  if (!order) return std::nullopt;
  return *order == DateOrder::month_first ? checked_day(*third, *first, *second)
                                          : checked_day(*third, *second, *first);
}

}  // namespace tl::server
