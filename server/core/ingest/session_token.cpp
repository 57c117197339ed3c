// SPDX-License-Identifier: Apache-2.0
// Payload of a session token, 65 bytes, numbers big-endian:
//   version 1 | anonymous_id 16 | session_id 16 | index 4 | start 8 | last seen 8 | issued 8 |
//   consent 4 (storage, marketing, ad personalisation, opted out)
// The MAC covers everything before it ("v1.<key id>.<payload>") under the site's own key, so a
// token of another site has a wrong MAC. The key id names the server secret it came from.

#include "server/core/ingest/session_token.hpp"

#include <cstddef>
#include <mutex>

namespace tl::server {
namespace {

constexpr std::size_t kMacBytes = 16;
constexpr std::size_t kPayloadBytes = 1 + 16 + 16 + 4 + 8 + 8 + 8 + 4;
constexpr char kPayloadVersion = 1;

void put_number(std::string& out, std::uint64_t number, int bytes) {
  for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8)
    out += static_cast<char>((number >> shift) & 255);
}
void put_id(std::string& out, const Id128& id) {
  out.append(reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size());
}

class TokenReader {
 public:
  explicit TokenReader(std::string_view bytes) : bytes_(bytes) {}
  std::uint64_t number(int count) {
    std::uint64_t value = 0;
    for (; count > 0; --count) value = (value << 8) | static_cast<unsigned char>(bytes_[at_++]);
    return value;
  }
  std::int64_t time() { return static_cast<std::int64_t>(number(8)); }
  Id128 id() {
    Id128 value;
    for (auto& byte : value.bytes) byte = static_cast<std::uint8_t>(number(1));
    return value;
  }
  // Out-of-range numbers are no choice of ours; the MAC makes them impossible but for a bug.
  Choice choice() {
    const auto value = number(1);
    return value <= 2 ? static_cast<Choice>(value) : Choice::unknown;
  }

 private:
  std::string_view bytes_;
  std::size_t at_ = 0;
};

std::string key_id(const SecretBox& box) {
  const Digest digest = box.derive("token-key-id");
  return "k" + to_hex({reinterpret_cast<const char*>(digest.data()), 2});
}

ServerError bad_token(const char* why) {
  return fail(ErrorKind::unauthenticated, "bad_token",
              std::string("the session token ") + why +
                  "; drop it and send the next batch without one to be given a new one");
}

}  // namespace

TokenIssuer::Keys::Keys(const SecretBox& box) : box_(box), id_(key_id(box)) {}

TokenIssuer::TokenIssuer(const SecretBox& box) : keys_(box) {
  for (const SecretBox* older = box.previous(); older != nullptr; older = older->previous())
    previous_.emplace_back(*older);
}

// Sites are few and each has one key, so keys are kept for good.
std::string TokenIssuer::Keys::mac_of(std::string_view site_id, std::string_view text) const {
  const auto cut = [](const Digest& mac) {
    return std::string(reinterpret_cast<const char*>(mac.data()), kMacBytes);
  };
  {
    const std::shared_lock lock(mutex_);
    if (const auto found = site_keys_.find(site_id); found != site_keys_.end())
      return cut(found->second.mac(text));
  }
  const std::unique_lock lock(mutex_);
  const auto made = site_keys_.try_emplace(std::string(site_id), box_.derive("token", site_id));
  return cut(made.first->second.mac(text));
}

std::string TokenIssuer::issue(const SessionToken& token) const {
  std::string payload;
  payload.reserve(kPayloadBytes);
  payload += kPayloadVersion;
  put_id(payload, token.anonymous_id);
  put_id(payload, token.session_id);
  put_number(payload, token.session_index, 4);
  put_number(payload, static_cast<std::uint64_t>(token.session_start_ms), 8);
  put_number(payload, static_cast<std::uint64_t>(token.last_seen_ms), 8);
  put_number(payload, static_cast<std::uint64_t>(token.issued_ms), 8);
  payload += static_cast<char>(token.consent.storage);
  payload += static_cast<char>(token.consent.marketing);
  payload += static_cast<char>(token.consent.ad_personalisation);
  payload += token.consent.opted_out_of_sale ? '\1' : '\0';

  std::string text = "v1." + keys_.id() + "." + to_base64url(payload);
  const std::string mac = keys_.mac_of(token.site_id, text);
  text += '.';
  text += to_base64url(mac);
  return text;
}

Outcome<SessionToken> TokenIssuer::check(std::string_view text, std::string_view site_id) const {
  const std::size_t last_dot = text.rfind('.');
  if (last_dot == std::string_view::npos || !text.starts_with("v1."))
    return bad_token("is not of the form v1.<key>.<payload>.<mac>");
  const std::string_view signed_part = text.substr(0, last_dot);
  const std::size_t second_dot = signed_part.find('.', 3);
  if (second_dot == std::string_view::npos)
    return bad_token("is not of the form v1.<key>.<payload>.<mac>");

  const auto key = signed_part.substr(3, second_dot - 3);
  const Keys* keys = key == keys_.id() ? &keys_ : nullptr;
  for (const auto& older : previous_)
    if (keys == nullptr && key == older.id()) keys = &older;
  if (keys == nullptr)
    return fail(ErrorKind::unauthenticated, "unknown_token_key",
                "the session token was signed with a key that this server no longer has; drop it "
                "and send the next batch without one to be given a new one");
  const auto mac = from_base64url(text.substr(last_dot + 1));
  if (!mac || !equal_in_constant_time(*mac, keys->mac_of(site_id, signed_part)))
    return bad_token("was not signed by this server for this site");

  const auto payload = from_base64url(signed_part.substr(second_dot + 1));
  if (!payload || payload->size() != kPayloadBytes)
    return bad_token("has a payload of another size");
  TokenReader reader(*payload);
  if (reader.number(1) != kPayloadVersion) return bad_token("has a payload of another version");
  SessionToken token;
  token.site_id = site_id;
  token.anonymous_id = reader.id();
  token.session_id = reader.id();
  token.session_index = static_cast<std::uint32_t>(reader.number(4));
  token.session_start_ms = reader.time();
  token.last_seen_ms = reader.time();
  token.issued_ms = reader.time();
  token.consent.storage = reader.choice();
  token.consent.marketing = reader.choice();
  token.consent.ad_personalisation = reader.choice();
  token.consent.opted_out_of_sale = reader.number(1) != 0;
  return token;
}

}  // namespace tl::server
