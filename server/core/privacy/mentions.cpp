// SPDX-License-Identifier: Apache-2.0
#include "server/core/privacy/mentions.hpp"

#include "server/core/access/secret_box.hpp"
#include "server/core/people/contact_variants.hpp"
#include "server/core/people/phone_number.hpp"
#include "server/core/text/ascii.hpp"
#include "throughline/text.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace tl::server {
namespace {

constexpr std::size_t kHexOfId = 32, kHexOfHash = 64;
// A shorter word stands in too many values that are not about the person.
constexpr std::size_t kLeastIdBytes = 4, kMostIdBytes = 255;

std::string lowered(std::string_view text) {
  std::string copy(text);
  for (char& c : copy) c = ascii_lower(c);
  return copy;
}

std::string hex_bytes(const std::uint8_t* bytes, std::size_t size) {
  return to_hex({reinterpret_cast<const char*>(bytes), size});
}

bool is_in_address(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte > ' ' && byte != 0x7f &&
         std::string_view("\"'<>()[]{},;:\\=&?/|`").find(c) == std::string_view::npos;
}
bool is_word(char c) {
  return is_digit(c) || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z') || (c & 0x80) != 0;
}
bool is_alnum(char c) {
  return is_word(c) && (c & 0x80) == 0;
}
bool is_in_number(char c) {
  return is_digit(c) || std::string_view("+ -().").find(c) != std::string_view::npos;
}

std::string digits_of(std::string_view text) {
  std::string digits;
  for (const char c : text)
    if (is_digit(c)) digits += c;
  return digits;
}

// The longest local part and domain, and in how many places of them an address is tried.
constexpr std::size_t kMostLocal = 64, kMostDomain = 255, kMostBegins = 16, kMostEnds = 8;

// The nearest first: after a mark, up to another "@".
std::vector<std::size_t> begins_of_address(std::string_view text, std::size_t at) {
  std::vector<std::size_t> begins;
  std::size_t begin = at;
  while (begin > 0 && at - begin < kMostLocal && begins.size() < kMostBegins) {
    if (text[begin - 1] == '@' || !is_in_address(text[begin - 1])) break;
    --begin;
    if (begin == 0 || !is_word(text[begin - 1])) begins.push_back(begin);
  }
  return begins;
}

// Where the last label may be a top-level domain, or the whole is over.
std::vector<std::size_t> ends_of_address(std::string_view text, std::size_t at) {
  std::vector<std::size_t> ends;
  std::size_t label = at + 1;  // where the last one begins
  bool has_dot = false, is_top = true;
  std::size_t end = at + 1;
  for (; end < text.size() && end - at <= kMostDomain && ends.size() < kMostEnds; ++end) {
    const char c = text[end];
    if (c == '@' || !is_in_address(c)) break;
    const bool is_over = has_dot && is_top && end - label >= 2;
    if (is_over && (is_digit(c) || !is_word(c))) ends.push_back(end);
    if (c == '.') {
      has_dot = is_top = true;
      label = end + 1;
    } else if (is_digit(c) || !is_word(c)) {
      is_top = text.substr(label, 4) == "xn--";
    }
  }
  while (end > at + 1 && !is_word(text[end - 1])) --end;  // the sentence's own marks
  if (end > at + 1 && (ends.empty() || ends.back() != end)) ends.push_back(end);
  return ends;
}

// E.164 has at most 15; and the groups of digits in which a number is written.
constexpr std::size_t kLeastDigits = 7, kMostDigits = 15, kMostDigitGroups = 6;

std::vector<std::string_view> groups_of_digits(std::string_view run) {
  std::vector<std::string_view> groups;
  for (std::size_t at = 0; at < run.size(); ++at) {
    const std::size_t begin = at;
    while (at < run.size() && is_digit(run[at])) ++at;
    if (at > begin) groups.push_back(run.substr(begin, at - begin));
  }
  return groups;
}

// `plus_is_blank`: as a form writes it, once.
std::string percent_decoded(std::string_view text, bool plus_is_blank) {
  std::string plain;
  plain.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int high = i + 2 < text.size() && text[i] == '%' ? hex_value(text[i + 1]) : -1;
    const int low = high >= 0 ? hex_value(text[i + 2]) : -1;
    if (low >= 0) {
      plain += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      plain += plus_is_blank && text[i] == '+' ? ' ' : text[i];
    }
  }
  return plain;
}

// Shorter than an address; and behind how many of its alphabets' marks, and how long, one is tried.
constexpr std::size_t kLeastBase64 = 10, kMostMarks = 16, kMostBase64 = 1024;

// What its words say in Base64, of either alphabet: each from where it begins, or from a mark, to
// the next mark or to its end.
template <class Test>
bool any_base64(std::string_view text, const Test& test) {
  const auto is_mark = [](char c) { return c == '+' || c == '/' || c == '-' || c == '_'; };
  const auto says = [&](std::string_view code) {
    if (code.size() < kLeastBase64) return false;
    std::string url(code);
    std::replace(url.begin(), url.end(), '+', '-');
    std::replace(url.begin(), url.end(), '/', '_');
    const auto plain = from_base64url(url);
    return plain && test(*plain);
  };
  for (std::size_t begin = 0, end = 0; begin < text.size(); begin = end + 1) {
    end = begin;
    while (end < text.size() && (is_alnum(text[end]) || is_mark(text[end]))) ++end;
    std::size_t marks = 0;
    for (std::size_t at = begin; end - begin >= kLeastBase64 && at < end && marks < kMostMarks;) {
      std::size_t next = at;
      while (next < end && !is_mark(text[next])) ++next;
      const std::size_t most = at == begin ? end - at : std::min(end - at, kMostBase64);
      if (says(text.substr(at, most)) || (next < end && says(text.substr(at, next - at))))
        return true;
      at = next + 1;
      ++marks;
    }
  }
  return false;
}

// As it stands, and decoded as often as somebody may have encoded it.
template <class Test>
bool any_reading(std::string_view text, const Test& test) {
  constexpr int kMostEncodings = 5;
  if (text.empty()) return false;
  if (test(text) || any_base64(text, test)) return true;
  std::string plain(text);
  for (int i = 0; i < kMostEncodings && plain.find('%') != std::string::npos; ++i) {
    plain = percent_decoded(plain, /*plus_is_blank=*/i == 0);
    if (test(plain) || any_base64(plain, test)) return true;
  }
  return false;
}

}  // namespace

Mentions::Mentions(std::string default_country)
    : country_(std::move(default_country)), calling_code_(tl::server::calling_code(country_)) {}

void Mentions::add(const Id128& id) {
  hex_.insert(hex_bytes(id.bytes.data(), id.bytes.size()));
}

void Mentions::add(const ContactRef& contact, bool is_own) {
  contacts_.insert(contact);
  if (is_own && contact.kind == ContactKind::user_id) own_user_ids_.insert(contact.hash);
  hex_.insert(hex_bytes(contact.hash.data(), contact.hash.size()));
  has_emails_ = has_emails_ || contact.kind == ContactKind::email;
  has_phones_ = has_phones_ || contact.kind == ContactKind::phone;
}

void Mentions::add_text(std::string_view text) {
  if (!text.empty()) texts_.insert(lowered(text));
}

void Mentions::add_address(std::string_view address) {
  if (!address.empty()) addresses_.insert(lowered(address));
}

bool Mentions::in(std::string_view text) const {
  return any_reading(text, [this](std::string_view plain) { return in_plain(plain); });
}

bool Mentions::in_value(std::string_view value) const {
  return any_reading(
      value, [this](std::string_view plain) { return in_plain(plain) || has_user_id(plain); });
}

// The whole value, and the words in it: "to-customer-4711" holds "customer-4711" and "4711".
bool Mentions::has_user_id(std::string_view text) const {
  const auto is_named = [&](std::string_view id) {
    return id.size() >= kLeastIdBytes && contacts_.contains({ContactKind::user_id, sha256(id)});
  };
  if (is_named(text)) return true;
  for (std::size_t begin = 0; begin < text.size(); ++begin) {
    if (!is_word(text[begin]) || (begin > 0 && is_word(text[begin - 1]))) continue;
    const std::size_t last = std::min(text.size(), begin + kMostIdBytes);
    for (std::size_t end = begin + 1; end <= last; ++end)
      if ((end == text.size() || !is_word(text[end])) && is_word(text[end - 1]) &&
          is_named(text.substr(begin, end - begin)))
        return true;
  }
  return false;
}

// Between quotes, or, as a form or a number says it, between the marks that part values.
bool Mentions::says_user_id(std::string_view request) const {
  if (own_user_ids_.empty()) return false;
  const auto holds = [&](std::string_view text, std::string_view marks) {
    for (std::size_t begin = 0; begin < text.size();) {
      const std::size_t end = std::min(text.find_first_of(marks, begin), text.size());
      const std::size_t size = end - begin;
      if (size >= kLeastIdBytes && size <= kMostIdBytes &&
          own_user_ids_.contains(sha256(text.substr(begin, size))))
        return true;
      begin = end + 1;
    }
    return false;
  };
  return any_reading(request, [&](std::string_view plain) {
    return holds(plain, "\"") || holds(plain, "\"{}[],:=&; \t\r\n");
  });
}

bool Mentions::in_plain(std::string_view text) const {
  if (has_hex(text) || has_email(text) || has_phone(text)) return true;
  if (texts_.empty() && addresses_.empty()) return false;
  const std::string low = lowered(text);
  if (has_address(low)) return true;
  return std::any_of(texts_.begin(), texts_.end(), [&](const std::string& wanted) {
    return low.find(wanted) != std::string::npos;
  });
}

// "ann@shop.example" is not in "joann@shop.example".
bool Mentions::has_address(std::string_view low) const {
  const auto is_apart = [&](std::size_t begin, std::size_t end) {
    return (begin == 0 || !is_word(low[begin - 1])) && (end >= low.size() || !is_word(low[end]));
  };
  return std::any_of(addresses_.begin(), addresses_.end(), [&](const std::string& wanted) {
    for (auto at = low.find(wanted); at != std::string_view::npos; at = low.find(wanted, at + 1))
      if (is_apart(at, at + wanted.size())) return true;
    return false;
  });
}

// Runs of hex digits, over dashes, as ids are written: every window that can be an id or a hash.
bool Mentions::has_hex(std::string_view text) const {
  if (hex_.empty()) return false;
  std::string run;
  const auto holds = [&] {
    for (const std::size_t size : {kHexOfId, kHexOfHash})
      for (std::size_t at = 0; at + size <= run.size(); ++at)
        if (hex_.contains(run.substr(at, size))) return true;
    return false;
  };
  for (const char c : text) {
    if (hex_value(c) >= 0) {
      run += ascii_lower(c);
    } else if (c != '-') {
      if (run.size() >= kHexOfId && holds()) return true;
      run.clear();
    }
  }
  return run.size() >= kHexOfId && holds();
}

bool Mentions::is_email(std::string_view text) const {
  const auto hash = contact_hash(ContactKind::email, text, {});
  if (hash && contacts_.contains({ContactKind::email, *hash})) return true;
  if (texts_.empty()) return false;
  const auto mailboxes = mailbox_hashes(text);
  return std::any_of(mailboxes.begin(), mailboxes.end(),
                     [this](const Digest& mailbox) { return texts_.contains(to_hex(mailbox)); });
}

// In "form-ann@shop.example-1" the address may begin after the first dash, and end before the last.
bool Mentions::has_email(std::string_view text) const {
  if (!has_emails_ && texts_.empty()) return false;
  for (auto at = text.find('@'); at != std::string_view::npos; at = text.find('@', at + 1)) {
    const auto ends = ends_of_address(text, at);
    if (ends.empty()) continue;
    for (const auto begin : begins_of_address(text, at))
      for (const auto end : ends)
        if (is_email(text.substr(begin, end - begin))) return true;
  }
  return false;
}

// Digits alone: with the country's code, as E.164 without its "+", with the zeros that stand for
// either.
bool Mentions::is_phone(std::string_view digits) const {
  const auto is_known = [this](std::string_view code, std::string_view number) {
    return contacts_.contains(
        {ContactKind::phone, sha256("+" + std::string(code) + std::string(number))});
  };
  if (is_known({}, digits)) return true;
  if (digits.starts_with("00")) return is_known({}, digits.substr(2));
  if (calling_code_.empty()) return false;
  return is_known(calling_code_, digits) ||
         (digits.starts_with('0') && is_known(calling_code_, digits.substr(1)));
}

// Whatever groups of digits, with marks between them, may be a number: in "2026-11-27-420777123456"
// the last one.
bool Mentions::has_phone(std::string_view text) const {
  if (!has_phones_) return false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (!is_digit(text[at]) && text[at] != '+') continue;
    std::size_t end = at;
    while (end < text.size() && is_in_number(text[end])) ++end;
    const auto run = text.substr(at, end - at);
    const auto groups = groups_of_digits(run);
    std::size_t all = 0;
    for (const auto& group : groups) all += group.size();
    if (all >= kLeastDigits && all <= kMostDigits) {
      // With all that is known of how a country writes its numbers.
      const auto hash = contact_hash(ContactKind::phone, run, country_);
      if (hash && contacts_.contains({ContactKind::phone, *hash})) return true;
      if (is_phone(digits_of(run))) return true;
    }
    for (std::size_t first = 0; first < groups.size(); ++first) {
      std::string digits;
      const std::size_t last = std::min(groups.size(), first + kMostDigitGroups);
      for (std::size_t next = first; next < last && digits.size() <= kMostDigits; ++next) {
        digits += groups[next];
        if (digits.size() >= kLeastDigits && digits.size() <= kMostDigits && is_phone(digits))
          return true;
      }
    }
    at = end;
  }
  return false;
}

}  // namespace tl::server
