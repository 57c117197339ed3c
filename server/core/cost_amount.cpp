// SPDX-License-Identifier: Apache-2.0
#include "server/core/cost_amount.hpp"

#include "server/core/ascii.hpp"
#include "server/core/currency.hpp"
#include "server/core/report_calendar.hpp"
#include "throughline/text.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <limits>

namespace tl::server {
namespace {

// Digits, points and commas alone, with the sign in front; none when anything else stands between
// digits. Currency signs, codes and blanks (also U+00A0, U+202F) around and between groups go.
std::optional<std::string> bare_number(std::string_view text) {
  std::string bare;
  bool is_negative = false;
  for (const char c : text) {
    if (is_digit(c) || c == '.' || c == ',') {
      bare += c;
    } else if (c == '-' || c == '(') {
      if (!bare.empty()) return std::nullopt;
      is_negative = true;
    } else if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) {
      // A currency code may stand before or after, never in between: "12 EUR", not "1E5".
      if (!bare.empty() && (c < 'A' || c > 'Z')) return std::nullopt;
    }
  }
  const auto e = text.find_first_of("eE");
  if (e != std::string_view::npos && e > 0 && e + 1 < text.size() && is_digit(text[e - 1]) &&
      (is_digit(text[e + 1]) || text[e + 1] == '-' || text[e + 1] == '+'))
    return std::nullopt;
  if (std::none_of(bare.begin(), bare.end(), is_digit)) return std::nullopt;
  return (is_negative ? "-" : "") + bare;
}

// What a text says of the decimal mark, if anything.
std::optional<DecimalMark> vote(const std::string& bare) {
  const auto points = std::count(bare.begin(), bare.end(), '.');
  const auto commas = std::count(bare.begin(), bare.end(), ',');
  if (points > 0 && commas > 0)
    return bare.rfind('.') > bare.rfind(',') ? DecimalMark::point : DecimalMark::comma;
  if (points + commas == 0) return std::nullopt;
  const char mark = points > 0 ? '.' : ',';
  const auto as_decimal = mark == '.' ? DecimalMark::point : DecimalMark::comma;
  const auto as_group = mark == '.' ? DecimalMark::comma : DecimalMark::point;
  if (points + commas > 1) return as_group;
  const auto at = bare.find(mark);
  const std::size_t before = at - (bare.front() == '-' ? 1 : 0);
  const std::size_t after = bare.size() - at - 1;
  // "1,234" may be either; "1234,567" and "0,125" are no groups of three.
  const bool may_be_group = after == 3 && before >= 1 && before <= 3 && bare[at - before] != '0';
  if (may_be_group) return std::nullopt;
  return as_decimal;
}

}  // namespace

std::optional<DecimalMark> find_decimal_mark(const std::vector<std::string>& texts) {
  std::optional<DecimalMark> found;
  for (const auto& text : texts) {
    const auto bare = bare_number(text);
    const auto said = bare ? vote(*bare) : std::nullopt;
    if (!said) continue;
    if (found && *found != *said) return std::nullopt;
    found = said;
  }
  return found.value_or(DecimalMark::point);
}

std::optional<std::int64_t> read_amount(std::string_view text, DecimalMark mark,
                                        std::string_view currency) {
  const auto bare = bare_number(trim(text));
  if (!bare) return std::nullopt;
  const char decimal = mark == DecimalMark::point ? '.' : ',';
  std::string_view rest = *bare;
  const bool is_negative = rest.starts_with('-');
  if (is_negative) rest.remove_prefix(1);
  const auto at = rest.find(decimal);
  const std::string_view whole = rest.substr(0, at);
  const std::string_view fraction =
      at == std::string_view::npos ? std::string_view() : rest.substr(at + 1);
  if (fraction.find_first_of(".,") != std::string_view::npos) return std::nullopt;
  std::int64_t minor = 0;
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max() / 100'000;
  std::size_t in_group = 0;
  bool has_group = false;
  for (const char c : whole) {
    if (!is_digit(c)) {
      // Groups are three digits, but for the first one.
      if (in_group == 0 || (has_group && in_group != 3) || in_group > 3) return std::nullopt;
      has_group = true;
      in_group = 0;
      continue;
    }
    if (minor > kMost / 10) return std::nullopt;
    minor = minor * 10 + (c - '0');
    ++in_group;
  }
  if (has_group && in_group != 3) return std::nullopt;
  const auto decimals = static_cast<std::size_t>(currency_exponent(currency));
  for (std::size_t i = 0; i < decimals; ++i)
    minor = minor * 10 + (i < fraction.size() ? fraction[i] - '0' : 0);
  if (fraction.size() > decimals && fraction[decimals] >= '5') ++minor;
  return is_negative ? -minor : minor;
}

std::optional<std::int64_t> read_count(std::string_view text) {
  text = trim(text);
  if (text.empty() || text == "-" || text == "--") return 0;
  std::int64_t count = 0;
  constexpr std::int64_t kMost = 1'000'000'000'000'000;
  for (const char c : text) {
    if (is_digit(c)) {
      count = count * 10 + (c - '0');
      if (count > kMost) return std::nullopt;
    } else if (c == '-' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) {
      return std::nullopt;
    }
  }
  return count;
}

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
