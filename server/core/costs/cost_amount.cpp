// SPDX-License-Identifier: Apache-2.0
// A text is taken apart into sign, currency and number; the number into groups and decimals.

#include "server/core/costs/cost_amount.hpp"

#include "server/core/orders/currency.hpp"
#include "server/core/text/ascii.hpp"
#include "throughline/text.hpp"

#include <algorithm>
#include <array>

namespace tl::server {
namespace {

// Digits with '.', ',' and '\'' (any blank or apostrophe) between them.
struct BareNumber {
  std::string text;
  std::string currency;  // what stands before or behind, as it stands there
  bool is_negative = false;
};

constexpr std::string_view kGroupMarks[] = {
    " ", "'", "\xC2\xA0", "\xE2\x80\xAF", "\xE2\x80\x89", "\xE2\x80\x99"};
constexpr std::string_view kMinuses[] = {"-", "\xE2\x88\x92"};

template <class Words>
bool drop_any_front(std::string_view& text, const Words& words) {
  for (const std::string_view word : words)
    if (text.starts_with(word)) {
      text.remove_prefix(word.size());
      return true;
    }
  return false;
}

// Trimmed of every kind of blank.
std::string_view bare_of_blanks(std::string_view text) {
  for (bool is_done = false; !is_done;) {
    is_done = true;
    text = trim(text);
    for (const std::string_view blank : kGroupMarks) {
      if (blank == "'" || blank == "\xE2\x80\x99") continue;
      if (text.starts_with(blank)) text.remove_prefix(blank.size()), is_done = false;
      if (text.ends_with(blank)) text.remove_suffix(blank.size()), is_done = false;
    }
  }
  return text;
}

// Takes at most one minus off the front or the end of what stands before the number.
bool take_minus(std::string_view& before, bool& is_negative) {
  for (const std::string_view minus : kMinuses) {
    const bool is_in_front = before.starts_with(minus);
    if (!is_in_front && !before.ends_with(minus)) continue;
    if (is_in_front)
      before.remove_prefix(minus.size());
    else
      before.remove_suffix(minus.size());
    if (is_negative) return false;
    is_negative = true;
    before = bare_of_blanks(before);
  }
  return true;
}

std::optional<BareNumber> bare_number(std::string_view text) {
  BareNumber made;
  text = bare_of_blanks(text);
  if (text.starts_with('(') && text.ends_with(')')) {
    made.is_negative = true;
    text = bare_of_blanks(text.substr(1, text.size() - 2));
  }
  const auto first = std::find_if(text.begin(), text.end(), is_digit);
  if (first == text.end()) return std::nullopt;
  auto start = static_cast<std::size_t>(first - text.begin());
  if (start > 0 && (text[start - 1] == '.' || text[start - 1] == ',')) --start;  // ".5"
  const auto end = text.find_last_of("0123456789") + 1;
  std::string_view before = bare_of_blanks(text.substr(0, start));
  const std::string_view behind = bare_of_blanks(text.substr(end));
  std::string_view body = text.substr(start, end - start);
  if (!take_minus(before, made.is_negative)) return std::nullopt;
  if (!before.empty() && !behind.empty()) return std::nullopt;
  made.currency = before.empty() ? behind : before;
  while (!body.empty()) {
    if (is_digit(body.front()) || body.front() == '.' || body.front() == ',') {
      made.text += body.front();
      body.remove_prefix(1);
    } else if (drop_any_front(body, kGroupMarks)) {
      made.text += '\'';
    } else {
      return std::nullopt;
    }
  }
  return made;
}

// Signs that several currencies have stand for each of them.
struct CurrencySign {
  std::string_view sign, codes;
};
constexpr CurrencySign kCurrencySigns[] = {
    {"\xE2\x82\xAC", "EUR"},
    {"\xC2\xA3", "GBP|EGP|GIP|FKP|SHP|SYP|LBP|SSP"},
    {"\xC2\xA5", "JPY|CNY"},
    {"\xE2\x82\xB9", "INR"},
    {"\xE2\x82\xBA", "TRY"},
    {"\xE2\x82\xBD", "RUB"},
    {"\xE2\x82\xA9", "KRW|KPW"},
    {"\xE2\x82\xB4", "UAH"},
    {"\xE2\x82\xAA", "ILS"},
    {"\xE2\x82\xAB", "VND"},
    {"\xE2\x82\xB1", "PHP"},
    {"\xE0\xB8\xBF", "THB"},
    {"K\xC4\x8D", "CZK"},
    {"z\xC5\x82", "PLN"},
    {"Ft", "HUF"},
    {"lei", "RON|MDL"},
    {"kr", "SEK|NOK|DKK|ISK"},
    {"kr.", "SEK|NOK|DKK|ISK"},
    {"Fr.", "CHF"},
    {"SFr.", "CHF"},
    {"R$", "BRL"},
    {"R", "ZAR"},
    {"Rs", "INR|PKR|LKR|NPR|MUR"},
    {"Rs.", "INR|PKR|LKR|NPR|MUR"},
    {"Rp", "IDR"},
    {"RM", "MYR"},
    {"US$", "USD"},
    {"A$", "AUD"},
    {"C$", "CAD"},
    {"CA$", "CAD"},
    {"NZ$", "NZD"},
    {"HK$", "HKD"},
    {"MX$", "MXN"},
    {"S$", "SGD"},
    {"$",
     "USD|AUD|CAD|NZD|SGD|HKD|MXN|TWD|ARS|CLP|COP|UYU|BSD|BBD|BMD|BND|BZD|DOP|FJD|JMD|KYD|LRD|NAD|"
     "SBD|SRD|TTD|XCD|GYD|ZWL"},
};

bool names_currency(std::string_view text, std::string_view currency) {
  if (text.empty() || equals_ignoring_case(text, currency)) return true;
  for (const auto& known : kCurrencySigns)
    if (known.sign == text) return find_word(known.codes, currency) >= 0;
  return false;
}

bool is_mark(char c) {
  return c == '.' || c == ',';
}
char mark_of(DecimalMark mark) {
  return mark == DecimalMark::point ? '.' : ',';
}
DecimalMark mark_of(char c) {
  return c == '.' ? DecimalMark::point : DecimalMark::comma;
}
DecimalMark opposite_mark(DecimalMark mark) {
  return mark == DecimalMark::point ? DecimalMark::comma : DecimalMark::point;
}

// One mark alone before three digits, behind one to three of which the first is none: "2.500", but
// not "1234,567" and "0,125".
bool may_be_group(std::string_view text) {
  const auto at = text.find_first_of(".,'");
  return at != std::string_view::npos && is_mark(text[at]) && at >= 1 && at <= 3 &&
         text.size() - at - 1 == 3 && text.front() != '0' &&
         text.find_first_of(".,'", at + 1) == std::string_view::npos;
}

// Groups of three digits, the first of one to three; or India's, of two before the last of three.
bool is_grouped(std::string_view whole) {
  char mark = 0;
  std::vector<std::size_t> groups = {0};
  for (const char c : whole) {
    if (is_digit(c)) {
      ++groups.back();
      continue;
    }
    if (mark != 0 && c != mark) return false;
    mark = c;
    groups.push_back(0);
  }
  if (groups.size() == 1) return true;
  if (groups.back() != 3 || groups.front() == 0 || groups.front() > 3) return false;
  const auto are_all = [&](std::size_t size) {
    return std::all_of(groups.begin() + 1, groups.end() - 1,
                       [size](std::size_t group) { return group == size; });
  };
  return are_all(3) || (are_all(2) && groups.front() <= 2);
}

// What a number says of the decimal mark, if anything.
std::optional<DecimalMark> vote(std::string_view text) {
  const auto points = std::count(text.begin(), text.end(), '.');
  const auto commas = std::count(text.begin(), text.end(), ',');
  if (points + commas == 0 || may_be_group(text)) return std::nullopt;
  if (points > 0 && commas > 0) {
    const auto last = text.find_last_of(".,");
    return is_grouped(text.substr(0, last)) ? std::optional(mark_of(text[last])) : std::nullopt;
  }
  const DecimalMark mark = mark_of(points > 0 ? '.' : ',');
  if (points + commas == 1) return mark;
  return is_grouped(text) ? std::optional(opposite_mark(mark)) : std::nullopt;
}

constexpr std::int64_t kMostWhole = 1'000'000'000'000'000;

std::optional<std::int64_t> read_whole(std::string_view whole) {
  if (!is_grouped(whole)) return std::nullopt;
  std::int64_t number = 0;
  for (const char c : whole) {
    if (!is_digit(c)) continue;
    number = number * 10 + (c - '0');
    if (number > kMostWhole) return std::nullopt;
  }
  return number;
}

void count_votes(const std::vector<std::string>& texts, FoundMark& found, bool are_counts) {
  for (const auto& text : texts) {
    const auto bare = bare_number(text);
    if (!bare) continue;
    auto said = vote(bare->text);
    // A count has no thousandths.
    if (are_counts && may_be_group(bare->text))
      said = opposite_mark(mark_of(bare->text[bare->text.find_first_of(".,")]));
    if (!said) continue;
    if (found.mark && *found.mark != *said) found.is_mixed = true;
    if (!found.mark) found.mark = said;
  }
}

}  // namespace

FoundMark find_decimal_mark(const std::vector<std::string>& amounts,
                            const std::vector<std::string>& counts) {
  FoundMark found;
  count_votes(amounts, found, /*are_counts=*/false);
  if (found.is_mixed) return {std::nullopt, true};
  if (found.mark) return found;
  count_votes(counts, found, /*are_counts=*/true);
  return found.is_mixed ? FoundMark{} : found;
}

bool is_ambiguous_amount(std::string_view text, std::string_view currency) {
  const auto bare = bare_number(text);
  return bare && may_be_group(bare->text) && currency_exponent(currency) > 0;
}

std::optional<std::int64_t> read_amount(std::string_view text, std::optional<DecimalMark> mark,
                                        std::string_view currency) {
  const auto bare = bare_number(text);
  if (!bare || !names_currency(bare->currency, currency)) return std::nullopt;
  const std::string_view number = bare->text;
  if (!mark && may_be_group(number)) {
    if (is_ambiguous_amount(text, currency)) return std::nullopt;
    mark = opposite_mark(mark_of(number[number.find_first_of(".,")]));
  }
  const char decimal = mark_of(mark.value_or(vote(number).value_or(DecimalMark::point)));
  const auto at = number.find(decimal);
  const std::string_view fraction =
      at == std::string_view::npos ? std::string_view() : number.substr(at + 1);
  if (!std::all_of(fraction.begin(), fraction.end(), is_digit)) return std::nullopt;
  const auto whole = read_whole(number.substr(0, at));
  if (!whole) return std::nullopt;
  std::int64_t minor = *whole;
  const auto decimals = static_cast<std::size_t>(currency_exponent(currency));
  for (std::size_t i = 0; i < decimals; ++i) {
    if (minor > kMaxAmountMinor) return std::nullopt;
    minor = minor * 10 + (i < fraction.size() ? fraction[i] - '0' : 0);
  }
  if (fraction.size() > decimals && fraction[decimals] >= '5') ++minor;
  if (minor > kMaxAmountMinor) return std::nullopt;
  return bare->is_negative ? -minor : minor;
}

std::optional<std::int64_t> read_count(std::string_view text) {
  text = bare_of_blanks(text);
  if (text.empty() || text == "-" || text == "--") return 0;
  const auto bare = bare_number(text);
  if (!bare || bare->is_negative || !bare->currency.empty()) return std::nullopt;
  std::string_view whole = bare->text;
  // "20.0" and "20,00" of spreadsheets that know no whole numbers.
  const auto at = whole.find_last_of(".,");
  if (at != std::string_view::npos && whole.size() - at <= 3 &&
      whole.find_first_not_of('0', at + 1) == std::string_view::npos)
    whole = whole.substr(0, at);
  return read_whole(whole);
}

}  // namespace tl::server
