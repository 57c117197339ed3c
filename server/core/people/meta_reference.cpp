// SPDX-License-Identifier: Apache-2.0
// The reference algorithm step by step: trim and lower-case, pass hashes through, one rule a key,
// hash. Patterns are written out as scanners: std::regex knows neither the character sets nor the
// lengths of ECMAScript.
#include "server/core/people/meta_reference.hpp"

#include "server/core/access/secret_box.hpp"
#include "server/core/classify/country_codes.hpp"
#include "server/core/text/ascii.hpp"
#include "server/core/text/ecma_text.hpp"
#include "throughline/hash.hpp"

#include <algorithm>
#include <array>

namespace tl::server {
namespace {

constexpr std::array<std::string_view, 18> kNames = {
    "em",      "ph",      "fn",     "ln", "db",   "ge",   "ct",   "st",          "zp",
    "country", "f5first", "f5last", "fi", "dobd", "dobm", "doby", "app_user_id", "external_id"};

bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}
bool is_alnum(char c) {
  return is_digit(c) || is_lower(c);
}

bool is_hash(std::string_view text) {
  return (text.size() == 64 || text.size() == 32) &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); });
}

ServerError refused(std::string_view key, std::string_view why) {
  return invalid("bad_meta_value", std::string(key) + ": " + std::string(why));
}

// npm email-validator 2.0.4 on lower-cased text:
//   ^[set](\.?[set or `])*@[alnum](-*\.?[alnum])*\.[alpha](-?[alnum])+$
// where set is alnum and -!#$%&'*+/=?^_{|}~, lengths 254, 64 and 63.
bool is_email_local(std::string_view local) {
  constexpr std::string_view kSigns = "-!#$%&'*+/=?^_{|}~";
  const auto in_set = [&](char c) { return is_alnum(c) || kSigns.find(c) != kSigns.npos; };
  if (local.empty() || local.size() > 64 || !in_set(local.front())) return false;
  for (std::size_t i = 1; i < local.size(); ++i) {
    if (local[i] == '.' && ++i == local.size()) return false;
    if (!in_set(local[i]) && local[i] != '`') return false;
  }
  return true;
}

bool is_email_domain(std::string_view domain) {
  const auto last_dot = domain.rfind('.');
  if (last_dot == domain.npos) return false;
  const std::string_view top = domain.substr(last_dot + 1);
  if (top.size() < 2 || !is_lower(top.front()) || top.find("--") != top.npos) return false;
  if (top.back() == '-' ||
      !std::all_of(top.begin(), top.end(), [](char c) { return is_alnum(c) || c == '-'; }))
    return false;

  const std::string_view rest = domain.substr(0, last_dot);
  if (rest.empty() || !is_alnum(rest.front()) || !is_alnum(rest.back())) return false;
  for (std::size_t i = 0; i < rest.size(); ++i) {
    if (is_alnum(rest[i]) || rest[i] == '-') continue;
    if (rest[i] != '.' || !is_alnum(rest[i + 1])) return false;
  }
  for (std::size_t from = 0; from <= domain.size();) {
    const auto dot = std::min(domain.find('.', from), domain.size());
    if (dot - from > 63) return false;
    from = dot + 1;
  }
  return true;
}

bool is_email(std::string_view text) {
  const auto at = text.find('@');
  return text.size() <= 254 && at != text.npos && is_email_local(text.substr(0, at)) &&
         is_email_domain(text.substr(at + 1));
}

std::string_view without_leading_zeros(std::string_view text, std::size_t most) {
  std::size_t zeros = 0;
  while (zeros < most && zeros < text.size() && text[zeros] == '0') ++zeros;
  return text.substr(zeros);
}

// ^1\d{10}$ for North America, else ^\d{1,4}\d{2,3}\d{4,}$; brackets are gone by now.
bool is_international(std::string_view text) {
  const std::string_view number = without_leading_zeros(text, 2);
  if (!std::all_of(number.begin(), number.end(), is_digit)) return false;
  if (number.starts_with('0')) return false;
  return number.starts_with('1') ? number.size() == 11 : number.size() >= 7;
}

Outcome<std::string> phone(std::string text) {
  constexpr std::string_view kIgnored = "-@#<>'\",; ()+";
  std::erase_if(text, [&](char c) { return is_lower(c) || kIgnored.find(c) != kIgnored.npos; });
  if (is_international(text)) text = without_leading_zeros(text, 2);
  const std::size_t length = utf16_length(text);
  if (length < 7 || length > 16) return refused("ph", "a phone number has 7 to 16 characters");
  return text;
}

std::optional<std::string> gender(std::string text) {
  std::erase_if(text, [](char c) { return !is_lower(c); });
  if (text == "f" || text == "female") return "f";
  if (text == "m" || text == "male") return "m";
  return {};
}

template <class Keep>
std::string filtered(std::string_view text, Keep keep) {
  std::u32string kept = decode_utf8(text);
  std::erase_if(kept, [&](char32_t c) { return !keep(c); });
  return encode_utf8(kept);
}

std::string place(std::string_view text) {
  return filtered(text, [](char32_t c) {
    return !(c >= U'0' && c <= U'9') && !is_ecma_space(c) && c != U'(' && c != U')' && c != U'.' &&
           c != U'-';
  });
}

std::optional<std::string> zip(std::string_view text) {
  std::string kept = filtered(text, [](char32_t c) { return !is_ecma_space(c); });
  kept.erase(std::min(kept.find('-'), kept.size()));
  if (utf16_length(kept) < 2) return {};
  return kept;
}

// What toUpperCase() makes of the few characters whose upper case is ASCII only then.
std::string ecma_upper_ascii(std::string_view text) {
  std::string upper;
  for (const char32_t c : decode_utf8(text)) {
    switch (c) {
      case 0x0131:
        upper += "I";
        break;
      case 0x017F:
        upper += "S";
        break;
      case 0x00DF:
        upper += "SS";
        break;
      case 0xFB01:
        upper += "FI";
        break;
      case 0xFB05:
      case 0xFB06:
        upper += "ST";
        break;
      default:
        if (c < 0x80)
          upper +=
              is_lower(static_cast<char>(c)) ? static_cast<char>(c - 32) : static_cast<char>(c);
        else
          upper += '?';
    }
  }
  return upper;
}

// parseInt() of lower-cased, trimmed text; none for NaN. Saturates: only the bounds matter.
std::optional<long> ecma_parse_int(std::string_view text) {
  const bool is_negative = text.starts_with('-');
  if (is_negative || text.starts_with('+')) text.remove_prefix(1);
  const long base = text.starts_with("0x") ? 16 : 10;
  if (base == 16) text.remove_prefix(2);
  std::optional<long> number;
  for (const char c : text) {
    const long digit = is_digit(c)                            ? c - '0'
                       : (base == 16 && c >= 'a' && c <= 'f') ? c - 'a' + 10
                                                              : -1;
    if (digit < 0) break;
    number = std::min(number.value_or(0) * base + digit, 1'000'000L);
  }
  if (number && is_negative) number = -*number;
  return number;
}

Outcome<std::string> day_or_month(MetaKey key, std::string text, long most) {
  if (utf16_length(text) == 1) text.insert(0, "0");
  const auto number = ecma_parse_int(text);
  if (number && (*number < 1 || *number > most))
    return refused(meta_key_name(key), "out of range 1 to " + std::to_string(most));
  return text;
}

Outcome<std::optional<std::string>> normalised(MetaKey key, std::string text) {
  using Text = std::optional<std::string>;
  switch (key) {
    case MetaKey::em:
      if (!is_email(text)) return refused("em", "not an e-mail address that Meta accepts");
      return Text(std::move(text));
    case MetaKey::ph: {
      TL_TRY(number, phone(std::move(text)));
      return Text(std::move(number));
    }
    case MetaKey::ge:
      return gender(std::move(text));
    case MetaKey::ct:
    case MetaKey::st:
      return Text(place(text));
    case MetaKey::zp:
      return zip(text);
    case MetaKey::country:
      if (!is_country_code(ecma_upper_ascii(text)))
        return refused("country", "not an ISO 3166-1 alpha-2 code");
      return Text(std::move(text));
    case MetaKey::f5first:
    case MetaKey::f5last:
      return Text(utf16_prefix(text, 5));
    case MetaKey::fi:
      return Text(utf16_prefix(text, 1));
    case MetaKey::dobd:
    case MetaKey::dobm: {
      TL_TRY(number, day_or_month(key, std::move(text), key == MetaKey::dobd ? 31 : 12));
      return Text(std::move(number));
    }
    case MetaKey::doby:
      if (text.size() != 4 || !std::all_of(text.begin(), text.end(), is_digit))
        return refused("doby", "a year has exactly four digits");
      return Text(std::move(text));
    case MetaKey::fn:
    case MetaKey::ln:
    case MetaKey::db:
    case MetaKey::app_user_id:
    case MetaKey::external_id:
      return Text(std::move(text));
  }
  return Text(std::move(text));
}

}  // namespace

std::optional<MetaKey> parse_meta_key(std::string_view name) {
  const auto found = std::find(kNames.begin(), kNames.end(), name);
  if (found == kNames.end()) return {};
  return static_cast<MetaKey>(found - kNames.begin());
}

std::string_view meta_key_name(MetaKey key) {
  return kNames[static_cast<std::size_t>(key)];
}

Outcome<MetaValue> meta_reference(MetaKey key, std::string_view value) {
  // external_id goes as it is: the SDK neither trims nor hashes it.
  if (key == MetaKey::external_id) {
    if (value.empty()) return MetaValue{};
    return MetaValue{std::string(value), std::string(value)};
  }
  std::string text = ecma_lower(ecma_trim(value));
  if (text.empty()) return MetaValue{};
  if (is_hash(text)) return MetaValue{text, text};

  TL_TRY(result, normalised(key, std::move(text)));
  if (!result) return MetaValue{};
  const Digest digest = sha256(*result);
  return MetaValue{result, to_hex(digest)};
}

}  // namespace tl::server
