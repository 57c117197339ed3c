// SPDX-License-Identifier: Apache-2.0
#include "server/core/orders/webhook_signature.hpp"

#include "server/core/access/secret_box.hpp"
#include "throughline/text.hpp"

namespace tl::server {
namespace {

// The entities that PHP's wp_specialchars_decode() resolves.
std::string without_entities(std::string_view text) {
  static constexpr std::pair<std::string_view, char> kEntities[] = {
      {"&amp;", '&'}, {"&lt;", '<'},   {"&gt;", '>'},    {"&quot;", '"'}, {"&#x22;", '"'},
      {"&#34;", '"'}, {"&#034;", '"'}, {"&#039;", '\''}, {"&#39;", '\''}, {"&#x27;", '\''}};
  std::string plain;
  while (!text.empty()) {
    std::size_t taken = 1;
    char written = text.front();
    for (const auto& [entity, character] : kEntities)
      if (text.starts_with(entity)) {
        taken = entity.size();
        written = character;
      }
    plain += written;
    text.remove_prefix(taken);
  }
  return plain;
}

std::optional<std::string> key_bytes(KeyForm form, std::string_view secret) {
  switch (form) {
    case KeyForm::utf8:
      return std::string(secret);
    case KeyForm::base64_after_prefix: {
      const auto underscore = secret.rfind('_');
      return from_base64(underscore == std::string_view::npos ? secret
                                                              : secret.substr(underscore + 1));
    }
    case KeyForm::hex:
      return from_hex(secret);
    case KeyForm::utf8_without_entities:
      return without_entities(secret);
  }
  return std::nullopt;
}

std::string mac_of(MacHash hash, std::string_view key, std::string_view message) {
  if (hash == MacHash::sha512) return hmac_sha512(key, message);
  const Digest digest = hmac_sha256(key, message);
  return {digest.begin(), digest.end()};
}

}  // namespace

bool is_key(KeyForm form, std::string_view secret) {
  const auto key = key_bytes(form, trim(secret));
  return key && !key->empty();
}

bool any_mac_matches(const MacScheme& scheme, std::string_view signed_bytes,
                     const std::vector<std::string>& secrets,
                     const std::vector<std::string_view>& signatures) {
  std::vector<std::string> given;
  for (const auto signature : signatures) {
    auto decoded =
        scheme.encoding == MacEncoding::hex ? from_hex(signature) : from_base64(signature);
    if (decoded && !decoded->empty()) given.push_back(std::move(*decoded));
  }
  bool matches = false;
  for (const auto& configured : secrets) {
    const std::string_view secret = trim(configured);
    if (secret.empty()) continue;
    const auto key = key_bytes(scheme.key, secret);
    if (!key || key->empty()) continue;
    const std::string expected = mac_of(scheme.hash, *key, signed_bytes);
    for (const auto& signature : given)
      matches = equal_in_constant_time(expected, signature) || matches;
  }
  return matches;
}

Outcome<void> check_timestamp(std::int64_t signed_at_s, std::int64_t now_ms,
                              const TimeWindow& window) {
  if (window.tolerance_s == 0) return {};
  const std::int64_t now_s = now_ms / 1000;
  const std::string limit = std::to_string(window.tolerance_s) + " s";
  if (now_s > signed_at_s && now_s - signed_at_s > window.tolerance_s)
    return fail(ErrorKind::unauthenticated, "stale_timestamp",
                "the webhook was signed more than " + limit +
                    " ago; check this server's clock, or whether an old request is being replayed");
  if (!window.allows_future && signed_at_s > now_s && signed_at_s - now_s > window.tolerance_s)
    return fail(
        ErrorKind::unauthenticated, "future_timestamp",
        "the webhook was signed more than " + limit + " in the future; check this server's clock");
  return {};
}

std::vector<std::pair<std::string_view, std::string_view>> split_signature_header(
    std::string_view header, char separator) {
  std::vector<std::pair<std::string_view, std::string_view>> pieces;
  while (true) {
    const auto end = header.find(separator);
    const std::string_view piece = header.substr(0, end);
    const auto equals = piece.find('=');
    if (equals == std::string_view::npos)
      pieces.emplace_back(piece, std::string_view{});
    else
      pieces.emplace_back(piece.substr(0, equals), piece.substr(equals + 1));
    if (end == std::string_view::npos) return pieces;
    header.remove_prefix(end + 1);
  }
}

}  // namespace tl::server
