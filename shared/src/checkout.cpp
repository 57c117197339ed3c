// SPDX-License-Identifier: Apache-2.0
// Where each provider's page takes the ids, as two word lists indexed by CheckoutHost. A key that
// ends in a bracket is a map with one entry a value; any other key holds the packed token. Sources,
// checked 2026-09: Stripe "Payment links, URL parameters"; Polar's checkout link endpoint
// (reference_id alone reaches the metadata); Shopify "Create cart permalinks"; Lemon Squeezy
// "Passing custom data". Whop documents no parameter: its key is what public buy buttons use, best
// effort. Paddle takes custom data only through its script, so its URLs stay as they are.
#include "throughline/checkout.hpp"

#include "throughline/text.hpp"
#include "throughline/url.hpp"

namespace tl {
namespace {

constexpr std::string_view kNames = "none|stripe|whop|polar|shopify|lemonsqueezy|paddle";
constexpr std::string_view kKeys =
    "|client_reference_id|checkout_session_metadata[|reference_id|attributes[|checkout[custom][|";
constexpr std::string_view kFields = "anonymous_id|session_id|checkout_started_at";
constexpr std::uint32_t kToken = 3;

// Their sub-domains count too. kHostKinds: the CheckoutHost of each.
constexpr std::string_view kHosts =
    "buy.stripe.com|book.stripe.com|donate.stripe.com|whop.com|polar.sh|lemonsqueezy.com|paddle."
    "com|"
    "paddle.io";
constexpr std::string_view kHostKinds = "\1\1\1\2\3\5\6\6";

constexpr std::size_t kTokenHead = 78;      // tl1_<36>_<36>_
constexpr std::size_t kMaxTimeDigits = 11;  // base 36; fits an int64 whatever they are
constexpr std::size_t kLongestKey = 64;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// /cart/<variant>:<quantity>… exists on every shop's own domain.
bool is_cart_permalink(std::string_view path) {
  return path.size() > 6 && path.substr(0, 6) == "/cart/" && is_digit(path[6]) &&
         contains(path, ":");
}

void write_base36(std::uint64_t number, Out& out) {
  if (number >= 36) write_base36(number / 36, out);
  const auto digit = static_cast<char>(number % 36);
  out.put(static_cast<char>(digit < 10 ? '0' + digit : 'a' + digit - 10));
}

// The value of kFields, or the packed token for kToken.
void write_field(const Handover& handover, std::uint32_t field, Out& out) {
  if (field == kToken) {
    write_packed_token(handover, out);
  } else if (field == 2) {
    out.put_int(handover.checkout_started_ms);
  } else {
    write_uuid(field == 0 ? handover.anonymous_id : handover.session_id, out);
  }
}

bool has_ids(const Handover& handover) {
  return !handover.anonymous_id.is_nil() && !handover.session_id.is_nil();
}

bool has_key(std::string_view query, std::string_view key) {
  QueryPair pair;
  while (next_pair(query, pair)) {
    char buffer[kLongestKey];
    Out arena(buffer, sizeof buffer);
    if (decode_component(pair.key, sizeof buffer, arena) == key) return true;
  }
  return false;
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

void write_metadata(const Handover& handover, Out& out) {
  out.put('{');
  for (std::uint32_t field = 0; has_ids(handover) && field < 3; ++field) {
    out.put(field == 0 ? "\"" : ",\"");
    out.put(word_at(kFields, field));
    out.put("\":\"");
    write_field(handover, field, out);
    out.put('"');
  }
  out.put('}');
}

std::string_view checkout_host_name(CheckoutHost host) {
  return word_at(kNames, static_cast<std::uint32_t>(host));
}

CheckoutHost parse_checkout_host(std::string_view name) {
  const auto index = find_word(kNames, name);
  return static_cast<CheckoutHost>(index < 0 ? 0 : index);
}

CheckoutHost checkout_host(std::string_view url) {
  const auto parsed = parse_url(url);
  if (!parsed.ok()) return CheckoutHost::none;
  if (is_cart_permalink(parsed.value().path)) return CheckoutHost::shopify;
  auto host = parsed.value().host;
  for (;;) {
    const auto index = find_word(kHosts, host);
    if (index >= 0) return static_cast<CheckoutHost>(kHostKinds[static_cast<std::size_t>(index)]);
    take_until(host, ".");
    if (host.empty()) return CheckoutHost::none;
    host.remove_prefix(1);
  }
}

void decorate_checkout_url(std::string_view url, CheckoutHost host, const Handover& handover,
                           Out& out) {
  const auto key = word_at(kKeys, static_cast<std::uint32_t>(host));
  if (key.empty() || !has_ids(handover)) {
    out.put(url);
    return;
  }
  auto fragment = trim(url);
  auto query = take_until(fragment, "#");
  out.put(query);
  take_until(query, "?");
  char separator = query.empty() ? '?' : '&';
  if (!query.empty()) query.remove_prefix(1);

  const bool is_map = key.back() == '[';
  for (std::uint32_t field = is_map ? 0 : kToken; field <= kToken; ++field) {
    if (is_map && field == kToken) break;
    const std::size_t mark = out.size();
    out.put(separator);
    out.put(key);
    out.put(word_at(kFields, field));
    if (is_map) out.put(']');
    if (has_key(query, out.since(mark + 1))) {
      out.rewind(mark);
      continue;
    }
    separator = '&';
    out.put('=');
    write_field(handover, field, out);
  }
  out.put(fragment);
}

void decorate_checkout_url(std::string_view url, const Handover& handover, Out& out) {
  decorate_checkout_url(url, checkout_host(url), handover, out);
}

}  // namespace tl
