// SPDX-License-Identifier: Apache-2.0
// One rule a key, in the order of Meta's documentation page.
#include "server/core/people/meta_cleaning.hpp"

#include "server/core/access/secret_box.hpp"
#include "server/core/classify/country_codes.hpp"
#include "server/core/people/phone_number.hpp"
#include "server/core/text/ecma_text.hpp"

#include <utf8proc.h>

#include <array>
#include <charconv>
#include <string>
#include <vector>

namespace tl::server {
namespace {

bool is_punctuation(char32_t c) {
  switch (utf8proc_category(static_cast<utf8proc_int32_t>(c))) {
    case UTF8PROC_CATEGORY_PC:
    case UTF8PROC_CATEGORY_PD:
    case UTF8PROC_CATEGORY_PS:
    case UTF8PROC_CATEGORY_PE:
    case UTF8PROC_CATEGORY_PI:
    case UTF8PROC_CATEGORY_PF:
    case UTF8PROC_CATEGORY_PO:
      return true;
    default:
      return c == U'`' || c == U'\u00B4';  // symbols by category, apostrophes by use
  }
}

// Lower-cased, without punctuation; blanks collapse to one, or go altogether.
std::string plain_words(std::string_view value, bool keeps_blanks) {
  std::u32string words;
  for (const char32_t c : decode_utf8(ecma_lower(ecma_trim(value)))) {
    if (is_punctuation(c)) continue;
    if (!is_ecma_space(c)) {
      words += c;
    } else if (keeps_blanks && !words.empty() && words.back() != U' ') {
      words += U' ';
    }
  }
  return ecma_trim(encode_utf8(words));
}

bool is_date(int year, int month, int day) {
  constexpr std::array<int, 12> kDays = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return year >= 1900 && year <= 2100 && month >= 1 && month <= 12 && day >= 1 &&
         day <= kDays[static_cast<std::size_t>(month - 1)];
}

std::string two_digits(int number) {
  return (number < 10 ? "0" : "") + std::to_string(number);
}

// 1990-05-07, 1990/5/7, 19900507; with a dot the day leads (7.5.1990), with a slash or dash the
// month does (5/7/1990, Meta's own example) unless it cannot be one (25/12/1990).
std::optional<std::string> birth_date(std::string_view value) {
  const std::string text = ecma_trim(value);
  std::vector<int> parts;
  std::vector<std::size_t> widths;
  char separator = 0;
  for (std::size_t at = 0; at < text.size();) {
    int number = 0;
    const auto [end, error] = std::from_chars(text.data() + at, text.data() + text.size(), number);
    if (error != std::errc{} || number < 0) return {};
    const auto width = static_cast<std::size_t>(end - text.data()) - at;
    parts.push_back(number);
    widths.push_back(width);
    at += width;
    if (at == text.size()) break;
    if (text[at] != '-' && text[at] != '/' && text[at] != '.' && text[at] != ' ') return {};
    if (separator == 0) separator = text[at];
    while (at < text.size() && (text[at] == separator || text[at] == ' ')) ++at;
  }

  int year = 0, month = 0, day = 0;
  if (parts.size() == 1 && widths[0] == 8) {
    year = parts[0] / 10000, month = parts[0] / 100 % 100, day = parts[0] % 100;
  } else if (parts.size() == 3 && widths[0] == 4) {
    year = parts[0], month = parts[1], day = parts[2];
  } else if (parts.size() == 3 && widths[2] == 4) {
    const bool day_leads = separator == '.' || parts[0] > 12;
    year = parts[2], month = parts[day_leads ? 1 : 0], day = parts[day_leads ? 0 : 1];
  }
  if (!is_date(year, month, day)) return {};
  return std::to_string(year) + two_digits(month) + two_digits(day);
}

std::optional<std::string> country_code(std::string_view value) {
  const std::string text = ecma_lower(ecma_trim(value));
  std::string upper = text;
  for (char& c : upper)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  if (is_country_code(upper)) return text;
  if (const auto code = country_code_of_name(text)) return std::string(*code);
  return {};
}

std::string state(std::string_view value, std::string_view country) {
  const std::string words = plain_words(value, true);
  if (country.empty() || country == "us" || country == "ca")
    if (const auto code = state_code_of_name(words, country)) return std::string(*code);
  return plain_words(value, false);
}

// The first five digits in the United States; elsewhere the reference's own rule is enough.
std::string zip(std::string_view value, std::string_view country) {
  std::string text = ecma_lower(ecma_trim(value));
  if (country != "us") return text;
  std::string digits;
  for (const char c : text)
    if (c >= '0' && c <= '9' && digits.size() < 5) digits += c;
  return digits.size() == 5 ? digits : std::string();
}

std::optional<std::string> cleaned_text(MetaKey key, std::string_view value,
                                        std::string_view country) {
  switch (key) {
    case MetaKey::ph: {
      const auto e164 = phone_to_e164(value, country);
      if (!e164) return {};
      return e164->substr(1);
    }
    case MetaKey::fn:
    case MetaKey::ln:
      return plain_words(value, true);
    case MetaKey::ct:
      return plain_words(value, false);
    case MetaKey::st:
      return state(value, country);
    case MetaKey::db:
      return birth_date(value);
    case MetaKey::zp:
      return zip(value, country);
    case MetaKey::country:
      return country_code(value);
    default:
      return std::string(value);
  }
}

bool is_sha256_hex(std::string_view text) {
  return text.size() == 64 && from_hex(text).has_value();
}

}  // namespace

std::optional<MetaValue> meta_cleaned(MetaKey key, std::string_view value,
                                      std::string_view country) {
  if (key == MetaKey::external_id) {
    if (value.empty()) return {};
    const Digest digest = sha256(value);
    return MetaValue{std::string(value), to_hex(digest)};
  }
  const std::string hash = ecma_lower(ecma_trim(value));
  if (is_sha256_hex(hash)) return MetaValue{hash, hash};

  const auto text = cleaned_text(key, value, ecma_lower(country));
  if (!text) return {};
  auto reference = meta_reference(key, *text);
  if (!reference.ok() || !reference.value().text || reference.value().text->empty()) return {};
  return std::move(reference).value();
}

}  // namespace tl::server
