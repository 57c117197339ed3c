// SPDX-License-Identifier: Apache-2.0
// The packed token, byte by byte.
#include "throughline/checkout.hpp"

namespace tl {
namespace {

constexpr std::size_t kTokenHead = 78;      // tl1_<36>_<36>_
constexpr std::size_t kMaxTimeDigits = 11;  // base 36; fits an int64 whatever they are

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

void write_base36(std::uint64_t number, Out& out) {
  if (number >= 36) write_base36(number / 36, out);
  const auto digit = static_cast<char>(number % 36);
  out.put(static_cast<char>(digit < 10 ? '0' + digit : 'a' + digit - 10));
}

bool has_ids(const Handover& handover) {
  return !handover.anonymous_id.is_nil() && !handover.session_id.is_nil();
}

}  // namespace

void write_packed_token(const Handover& handover, Out& out) {
  out.put("tl1_");
  write_uuid(handover.anonymous_id, out);
  out.put('_');
  write_uuid(handover.session_id, out);
  out.put('_');
  write_base36(static_cast<std::uint64_t>(handover.checkout_started_ms), out);
}

Result<Handover> parse_packed_token(std::string_view token) {
  const Error bad_token{ErrorKind::invalid, "bad_token"};
  if (token.size() <= kTokenHead || token.size() > kTokenHead + kMaxTimeDigits ||
      token.substr(0, 4) != "tl1_" || token[40] != '_' || token[kTokenHead - 1] != '_') {
    return bad_token;
  }
  for (const char c : token)
    if (c >= 'A' && c <= 'Z') return bad_token;
  const auto anonymous_id = parse_uuid(token.substr(4, 36));
  const auto session_id = parse_uuid(token.substr(41, 36));
  if (!anonymous_id.ok() || !session_id.ok()) return bad_token;
  const Handover ids{anonymous_id.value(), session_id.value(), 0};
  const auto digits = token.substr(kTokenHead);
  if (!has_ids(ids) || (digits.size() > 1 && digits[0] == '0')) return bad_token;

  std::int64_t time_ms = 0;
  for (const char c : digits) {
    if (!is_digit(c) && (c < 'a' || c > 'z')) return bad_token;
    time_ms = time_ms * 36 + (is_digit(c) ? c - '0' : c - 'a' + 10);
  }
  return Handover{ids.anonymous_id, ids.session_id, time_ms};
}

}  // namespace tl
