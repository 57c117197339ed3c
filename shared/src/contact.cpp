// SPDX-License-Identifier: Apache-2.0
// The part of contact normalisation that every receiver agrees on. Blanks at the ends are
// ECMAScript's (String.prototype.trim), because pages and the vendors' own scripts trim with it.
#include "throughline/contact.hpp"

#include "throughline/text.hpp"

namespace tl {
namespace {

constexpr std::size_t kLongestEmail = 254;  // RFC 5321, erratum 1690
// Of +, country code and number: E.164 allows fifteen digits, and fewer than seven are no number.
constexpr std::size_t kShortest = 8;
constexpr std::size_t kLongest = 16;

// U+1680, 205F, 3000, FEFF
constexpr std::string_view kOtherBlanks = "\xE1\x9A\x80|\xE2\x81\x9F|\xE3\x80\x80|\xEF\xBB\xBF";

// Bytes of the blank at the front, 0 when there is none. All of U+2000-203F counts: the zero-width
// and direction marks in it come with pasted text, and no address ends in its dashes and quotes.
std::size_t blank_at(std::string_view text) {
  if (static_cast<std::uint8_t>(text[0]) <= ' ') return 1;
  const auto two = text.substr(0, 2);
  if (two == "\xC2\xA0") return 2;  // U+00A0
  return two == "\xE2\x80" || find_word(kOtherBlanks, text.substr(0, 3)) >= 0 ? 3 : 0;
}

}  // namespace

Result<std::string_view> normalise_email(std::string_view raw, Out& out) {
  const Error bad_email{ErrorKind::invalid, "bad_email"};
  const std::size_t mark = out.size();
  std::size_t domain = 0;  // its position, 0 before the @
  bool has_gap = false, has_dot = false;
  char last = '.';
  while (!raw.empty()) {
    if (const std::size_t size = blank_at(raw)) {
      has_gap = out.size() > mark;
      raw.remove_prefix(size < raw.size() ? size : raw.size());
      continue;
    }
    const char c = raw[0];
    if (has_gap || (c == '@' && (domain > 0 || out.size() == mark))) return bad_email;
    if (c == '.' && domain > 0 && out.size() > domain) has_dot = true;
    last = ascii_lower(c);
    out.put(last);
    if (c == '@') domain = out.size();
    raw.remove_prefix(1);
  }
  const auto email = out.since(mark);
  if (!has_dot || last == '.' || email.size() > kLongestEmail || out.overflowed()) return bad_email;
  return email;
}

Result<std::string_view> normalise_phone_e164(std::string_view raw, Out& out) {
  const Error bad_phone{ErrorKind::invalid, "bad_phone"};
  const std::size_t mark = out.size();
  out.put('+');
  int zeros_due = 2;  // of a 00 prefix; a plus sign stands for both
  for (std::size_t i = 0; i < raw.size(); ++i) {
    const char c = raw[i];
    const bool is_first = out.size() == mark + 1;
    if (c == '+' && zeros_due == 2) {
      zeros_due = 0;
    } else if (c == '0' && is_first) {
      if (--zeros_due < 0) return bad_phone;
    } else if (c >= '0' && c <= '9') {
      if (zeros_due > 0) return bad_phone;
      out.put(c);
    } else if (!is_first && raw.substr(i, 3) == "(0)") {
      i += 2;
    } else if (static_cast<signed char>(c) >= '0' || contains("#*,+", {&c, 1})) {
      return bad_phone;  // a letter, or an extension that would be dialled as more digits
    }
  }
  const std::size_t size = out.size() - mark;
  if (size < kShortest || size > kLongest || out.overflowed()) return bad_phone;
  return out.since(mark);
}

void write_sha256_hex(std::string_view text, Out& out) {
  const Digest digest = sha256(text);
  out.put_hex(digest.data(), digest.size());
}

}  // namespace tl
