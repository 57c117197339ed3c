// SPDX-License-Identifier: Apache-2.0
#include "server/core/costs/cost_date.hpp"

#include "server/core/reports/report_calendar.hpp"
#include "server/core/text/ascii.hpp"
#include "throughline/text.hpp"

#include <array>
#include <cstdio>
#include <re2/re2.h>

namespace tl::server {
namespace {

// Between the parts of a date; the second before a year.
#define TL_SEP "(?:[-/ ]|\\. ?)"
#define TL_SEP_YEAR "(?:[-/ ]|[.,] ?)"
#define TL_TIME                                                                                 \
  "(?:(?:T|,? )(?:[01]?\\d|2[0-3])(?::[0-5]\\d){1,2}(?:\\.\\d+)?(?: ?[AaPp]\\.?[Mm]\\.?)?(?: ?" \
  "(?:Z|UTC|GMT|[-+]\\d\\d:?\\d\\d))?)?"

std::optional<int> month_of(std::string_view name) {
  static constexpr std::array<std::string_view, 12> kMonths = {
      "january", "february", "march",     "april",   "may",      "june",
      "july",    "august",   "september", "october", "november", "december"};
  for (std::size_t i = 0; i < kMonths.size(); ++i)
    if (equals_ignoring_case(name, kMonths[i]) ||
        equals_ignoring_case(name, kMonths[i].substr(0, 3)))
      return static_cast<int>(i) + 1;
  return std::nullopt;
}

std::optional<int> checked_day(int year, int month, int day) {
  std::array<char, 48> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02d-%02d", year, month, day);
  return parse_day(text.data());
}

}  // namespace

std::optional<DateOrder> find_date_order(const std::vector<std::string>& texts) {
  static const RE2 kInDoubt("\\s*(\\d{1,2})/(\\d{1,2})/\\d{4}\\b");
  std::optional<DateOrder> found;
  for (const auto& text : texts) {
    int first = 0, second = 0;
    re2::StringPiece start(text);
    if (!RE2::Consume(&start, kInDoubt, &first, &second) || first > 31) continue;
    std::optional<DateOrder> said;
    if (first > 12) said = DateOrder::day_first;
    if (second > 12) said = DateOrder::month_first;
    if (!said) continue;
    if (found && *found != *said) return std::nullopt;
    found = said;
  }
  return found;
}

std::optional<int> read_date(std::string_view text, std::optional<DateOrder> order) {
  static const RE2 kCompact("(\\d{4})(\\d{2})(\\d{2})" TL_TIME);
  static const RE2 kYearFirst("(\\d{4})" TL_SEP "(\\d{1,2})" TL_SEP "(\\d{1,2})" TL_TIME);
  static const RE2 kNumbers("(\\d{1,2})(" TL_SEP ")(\\d{1,2})" TL_SEP "(\\d{4})" TL_TIME);
  static const RE2 kMonthFirst("([A-Za-z]+)" TL_SEP "(\\d{1,2})" TL_SEP_YEAR "(\\d{4})" TL_TIME);
  static const RE2 kDayFirst("(\\d{1,2})" TL_SEP "([A-Za-z]+)" TL_SEP_YEAR "(\\d{4})" TL_TIME);
  text = trim(text);
  const re2::StringPiece whole(text.data(), text.size());
  int year = 0, first = 0, second = 0;
  std::string word;
  if (RE2::FullMatch(whole, kCompact, &year, &first, &second) ||
      RE2::FullMatch(whole, kYearFirst, &year, &first, &second))
    return checked_day(year, first, second);
  if (RE2::FullMatch(whole, kMonthFirst, &word, &first, &year) ||
      RE2::FullMatch(whole, kDayFirst, &first, &word, &year)) {
    const auto month = month_of(word);
    return month ? checked_day(year, *month, first) : std::nullopt;
  }
  if (!RE2::FullMatch(whole, kNumbers, &first, &word, &second, &year)) return std::nullopt;
  if (word == "/" && !order) return std::nullopt;
  return word == "/" && *order == DateOrder::month_first ? checked_day(year, first, second)
                                                         : checked_day(year, second, first);
}

bool is_date_range(std::string_view text) {
  static const RE2 kDate("(?:\\d{8}|\\d{4}" TL_SEP "\\d{1,2}" TL_SEP "\\d{1,2}|(?:\\d{1,2}" TL_SEP
                         "(?:\\d{1,2}|[A-Za-z]+)|[A-Za-z]+" TL_SEP "\\d{1,2})" TL_SEP_YEAR
                         "\\d{4})");
  static const RE2 kRange("\\s*" + kDate.pattern() + TL_TIME +
                          "[^0-9A-Za-z]*[A-Za-z]{0,5}[^0-9A-Za-z]*" + kDate.pattern() + TL_TIME +
                          "\\s*");
  return RE2::FullMatch(re2::StringPiece(text.data(), text.size()), kRange);
}

#undef TL_SEP
#undef TL_SEP_YEAR
#undef TL_TIME

}  // namespace tl::server
