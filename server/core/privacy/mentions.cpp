// SPDX-License-Identifier: Apache-2.0
#include "server/core/privacy/mentions.hpp"

#include "server/core/access/secret_box.hpp"
#include "server/core/people/contact_variants.hpp"
#include "server/core/text/ascii.hpp"
#include "throughline/text.hpp"

#include <algorithm>

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
bool is_in_number(char c) {
  return is_digit(c) || std::string_view("+ -().").find(c) != std::string_view::npos;
}

std::string digits_of(std::string_view text) {
  std::string digits;
  for (const char c : text)
    if (is_digit(c)) digits += c;
  return digits;
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

// As it stands, and decoded as often as somebody may have encoded it.
template <class Test>
bool any_reading(std::string_view text, const Test& test) {
  constexpr int kMostEncodings = 5;
  if (text.empty()) return false;
  if (test(text)) return true;
  std::string plain(text);
  for (int i = 0; i < kMostEncodings && plain.find('%') != std::string::npos; ++i) {
    plain = percent_decoded(plain, /*plus_is_blank=*/i == 0);
    if (test(plain)) return true;
  }
  return false;
}

}  // namespace

void Mentions::add(const Id128& id) {
  hex_.insert(hex_bytes(id.bytes.data(), id.bytes.size()));
}

void Mentions::add(const ContactRef& contact, bool is_own) {
  contacts_.insert(contact);
  if (is_own && contact.kind == ContactKind::user_id) own_user_ids_.insert(contact.hash);
  hex_.insert(hex_bytes(contact.hash.data(), contact.hash.size()));
  has_phones_ = has_phones_ || contact.kind == ContactKind::phone;
}

void Mentions::add_text(std::string_view text) {
  if (!text.empty()) texts_.insert(lowered(text));
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
  if (texts_.empty()) return false;
  const std::string low = lowered(text);
  return std::any_of(texts_.begin(), texts_.end(), [&](const std::string& wanted) {
    return low.find(wanted) != std::string::npos;
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

bool Mentions::has_email(std::string_view text) const {
  if (contacts_.empty()) return false;
  for (auto at = text.find('@'); at != std::string_view::npos; at = text.find('@', at + 1)) {
    std::size_t begin = at, end = at + 1;
    while (begin > 0 && is_in_address(text[begin - 1])) --begin;
    while (end < text.size() && is_in_address(text[end])) ++end;
    while (end > at && !is_word(text[end - 1])) --end;  // the sentence's own marks
    // In "form-ann@shop.example" the address may begin after the dash as well.
    for (; begin < at; ++begin) {
      const bool is_start = begin == 0 || !is_word(text[begin - 1]);
      if (!is_start) continue;
      const auto hash = contact_hash(ContactKind::email, text.substr(begin, end - begin), {});
      if (hash && contacts_.contains({ContactKind::email, *hash})) return true;
      for (const auto& mailbox : mailbox_hashes(text.substr(begin, end - begin)))
        if (texts_.contains(to_hex(mailbox))) return true;
    }
  }
  return false;
}

bool Mentions::has_phone(std::string_view text) const {
  if (!has_phones_) return false;
  constexpr std::size_t kLeast = 7, kMost = 15;  // digits; E.164 has at most 15
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (!is_digit(text[at]) && text[at] != '+') continue;
    std::size_t end = at, digits = 0;
    while (end < text.size() && is_in_number(text[end])) digits += is_digit(text[end++]) ? 1U : 0U;
    if (digits >= kLeast && digits <= kMost) {
      const auto number = text.substr(at, end - at);
      const auto hash = contact_hash(ContactKind::phone, number, country_);
      if (hash && contacts_.contains({ContactKind::phone, *hash})) return true;
      // E.164 without its "+", as many systems write it.
      if (contacts_.contains({ContactKind::phone, sha256("+" + digits_of(number))})) return true;
    }
    at = end;
  }
  return false;
}

}  // namespace tl::server
