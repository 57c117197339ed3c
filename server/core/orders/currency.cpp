// SPDX-License-Identifier: Apache-2.0
#include "server/core/orders/currency.hpp"

#include "server/core/text/ascii.hpp"

#include <array>
#include <cstddef>
#include <limits>

namespace tl::server {
namespace {

struct Exponent {
  std::string_view code;
  int decimals;
};

constexpr std::array kExceptions = {
    Exponent{"BIF", 0}, Exponent{"CLP", 0}, Exponent{"DJF", 0}, Exponent{"GNF", 0},
    Exponent{"ISK", 0}, Exponent{"JPY", 0}, Exponent{"KMF", 0}, Exponent{"KRW", 0},
    Exponent{"PYG", 0}, Exponent{"RWF", 0}, Exponent{"UGX", 0}, Exponent{"UYI", 0},
    Exponent{"VND", 0}, Exponent{"VUV", 0}, Exponent{"XAF", 0}, Exponent{"XOF", 0},
    Exponent{"XPF", 0}, Exponent{"BHD", 3}, Exponent{"IQD", 3}, Exponent{"JOD", 3},
    Exponent{"KWD", 3}, Exponent{"LYD", 3}, Exponent{"OMR", 3}, Exponent{"TND", 3},
    Exponent{"CLF", 4}, Exponent{"UYW", 4},
};

// ISO 4217 list one, and what left it since 2020: money that was told before stays readable.
constexpr std::string_view kCurrencies =
    "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BOV BRL BSD BTN BWP BYN "
    "BZD CAD CDF CHE CHF CHW CLF CLP CNY COP COU CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR "
    "FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY "
    "KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU "
    "MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON "
    "RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP "
    "TRY TTD TWD TZS UAH UGX USD USN UYI UYU UYW UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER "
    "ZAR ZMW ZWG "
    "ANG BGN CUC HRK SLL ZWL ";

// number * 10 + digit, false on overflow.
bool append_digit(std::int64_t& number, char digit) {
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
  const std::int64_t value = digit - '0';
  if (number > (kMax - value) / 10) return false;
  number = number * 10 + value;
  return true;
}

ServerError bad_amount(std::string_view text, std::string_view why) {
  return invalid("bad_amount", "the amount \"" + std::string(text.substr(0, 40)) + "\" " +
                                   std::string(why) +
                                   "; write a decimal text such as \"25.00\", or amount_minor");
}

}  // namespace

int currency_exponent(std::string_view code) {
  for (const auto& entry : kExceptions)
    if (entry.code == code) return entry.decimals;
  return 2;
}

Outcome<std::string> parse_currency(std::string_view text) {
  std::string code;
  for (const char c : text) {
    if (c >= 'a' && c <= 'z')
      code += static_cast<char>(c - 'a' + 'A');
    else if (c >= 'A' && c <= 'Z')
      code += c;
    else
      code += '?';
  }
  // With its blank, so that no code is found across two of them.
  if (code.size() != 3 || kCurrencies.find(code + ' ') == std::string_view::npos)
    return invalid("bad_currency", "the currency \"" + std::string(text.substr(0, 40)) +
                                       "\" is no ISO 4217 code; write one of its codes, e.g. EUR");
  return code;
}

Outcome<std::int64_t> parse_decimal_amount(std::string_view text, std::string_view currency) {
  const int decimals = currency_exponent(currency);
  std::size_t at = 0;
  const bool is_negative = !text.empty() && text[0] == '-';
  if (is_negative) at = 1;
  std::int64_t minor = 0;
  std::size_t whole_digits = 0;
  for (; at < text.size() && is_digit(text[at]); ++at, ++whole_digits)
    if (!append_digit(minor, text[at])) return bad_amount(text, "is too large");
  if (whole_digits == 0) return bad_amount(text, "is no decimal number");
  int written = 0;
  if (at < text.size() && text[at] == '.') {
    ++at;
    if (at == text.size()) return bad_amount(text, "ends in a point");
    for (; at < text.size() && is_digit(text[at]); ++at) {
      if (written == decimals) {
        if (text[at] != '0')
          return bad_amount(text, "has more decimals than " + std::string(currency) + " (" +
                                      std::to_string(decimals) + ")");
        continue;
      }
      if (!append_digit(minor, text[at])) return bad_amount(text, "is too large");
      ++written;
    }
  }
  if (at != text.size()) return bad_amount(text, "is no decimal number");
  for (; written < decimals; ++written)
    if (!append_digit(minor, '0')) return bad_amount(text, "is too large");
  return is_negative ? -minor : minor;
}

std::optional<std::int64_t> round_decimal_amount(std::string_view text, std::string_view currency) {
  const bool is_negative = !text.empty() && text[0] == '-';
  if (is_negative || (!text.empty() && text[0] == '+')) text.remove_prefix(1);
  std::string digits;
  int exponent = currency_exponent(currency);
  const auto take_digits = [&text, &digits] {
    const std::size_t before = digits.size();
    for (; !text.empty() && is_digit(text[0]); text.remove_prefix(1)) digits += text[0];
    return digits.size() - before;
  };
  take_digits();
  if (!text.empty() && text[0] == '.') {
    text.remove_prefix(1);
    exponent -= static_cast<int>(take_digits());
  }
  if (digits.empty() || digits.size() > 400) return std::nullopt;
  if (!text.empty() && (text[0] == 'e' || text[0] == 'E')) {
    text.remove_prefix(1);
    const bool is_down = !text.empty() && text[0] == '-';
    if (is_down || (!text.empty() && text[0] == '+')) text.remove_prefix(1);
    std::int64_t power = 0;
    if (text.empty() || text.size() > 3) return std::nullopt;
    for (; !text.empty() && is_digit(text[0]); text.remove_prefix(1))
      if (!append_digit(power, text[0])) return std::nullopt;
    exponent += static_cast<int>(is_down ? -power : power);
  }
  if (!text.empty()) return std::nullopt;
  bool rounds_up = false;
  for (; exponent < 0; ++exponent) {
    if (digits.empty()) return 0;
    rounds_up = digits.back() >= '5';
    digits.pop_back();
  }
  std::int64_t minor = 0;
  for (const char digit : digits)
    if (!append_digit(minor, digit)) return std::nullopt;
  if (rounds_up && minor < kMaxAmountMinor) ++minor;
  const auto shifted = shift_amount(minor, exponent);
  if (!shifted) return std::nullopt;
  return is_negative ? -*shifted : *shifted;
}

std::optional<std::int64_t> shift_amount(std::int64_t amount, int shift) {
  for (; shift > 0 && amount != 0; --shift)
    if (__builtin_mul_overflow(amount, std::int64_t{10}, &amount)) return std::nullopt;
  if (shift >= 0) return amount;
  std::int64_t divisor = 1;
  for (; shift < 0; ++shift)
    if (__builtin_mul_overflow(divisor, std::int64_t{10}, &divisor)) return 0;
  const std::int64_t rest = amount % divisor;
  const std::int64_t quotient = amount / divisor;
  if (rest >= divisor - rest) return quotient + 1;
  if (-rest >= divisor + rest) return quotient - 1;
  return quotient;
}

std::string write_decimal_amount(std::int64_t amount_minor, std::string_view currency) {
  const auto decimals = static_cast<std::size_t>(currency_exponent(currency));
  // The magnitude of the smallest int64 does not fit an int64.
  const std::uint64_t magnitude = amount_minor < 0 ? 0 - static_cast<std::uint64_t>(amount_minor)
                                                   : static_cast<std::uint64_t>(amount_minor);
  std::string digits = std::to_string(magnitude);
  if (digits.size() <= decimals) digits.insert(0, decimals + 1 - digits.size(), '0');
  if (decimals > 0) digits.insert(digits.size() - decimals, 1, '.');
  return amount_minor < 0 ? "-" + digits : digits;
}

}  // namespace tl::server
