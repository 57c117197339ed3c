// SPDX-License-Identifier: Apache-2.0
// SHA-256 (FIPS 180-4), 128-bit ids and the field-wise hash from which ids are derived.
// Ids are 16 bytes inside and lower-case dashed UUIDs on every surface (RFC 9562).
#pragma once

#include "throughline/out.hpp"
#include "throughline/result.hpp"

#include <array>
#include <cstdint>
#include <string_view>

namespace tl {

using Digest = std::array<std::uint8_t, 32>;

class Sha256 {
 public:
  Sha256();
  void update(const void* data, std::size_t size);
  void update(std::string_view text) { update(text.data(), text.size()); }
  void put(std::uint8_t byte);
  Digest finish();  // once

 private:
  void block();
  std::array<std::uint32_t, 8> state_;
  std::array<std::uint32_t, 16> words_;
  std::uint64_t total_ = 0;
};

Digest sha256(std::string_view text);

inline std::string_view view_of(const Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

struct Id128 {
  std::array<std::uint8_t, 16> bytes{};

  friend bool operator==(const Id128& a, const Id128& b) { return a.bytes == b.bytes; }
  friend bool operator!=(const Id128& a, const Id128& b) { return !(a == b); }
  friend bool operator<(const Id128& a, const Id128& b) { return a.bytes < b.bytes; }
  [[nodiscard]] bool is_nil() const { return *this == Id128{}; }
  // The 48-bit Unix milliseconds of a UUIDv7.
  [[nodiscard]] std::int64_t time_ms() const;
};

void write_uuid(const Id128& id, Out& out);  // 36 characters
// Reads 32 hex digits of any case, with dashes as in a UUID or without; false for anything else.
bool read_id(std::string_view text, bool is_dashed, Id128& id);
// Dashed, any case. Errors: invalid (bad_uuid).
inline Result<Id128> parse_uuid(std::string_view text) {
  Id128 id;
  if (!read_id(text, true, id)) return Error{ErrorKind::invalid, "bad_uuid"};
  return id;
}
// 32 hex digits without dashes (the page nonce on the wire). Errors: invalid (bad_nonce).
inline Result<Id128> parse_hex128(std::string_view text) {
  Id128 id;
  if (!read_id(text, false, id)) return Error{ErrorKind::invalid, "bad_nonce"};
  return id;
}

// SHA-256 over a sequence of length-prefixed fields (u32 little-endian + bytes), first a domain
// tag.
class FieldHash {
 public:
  explicit FieldHash(std::string_view domain) { add(domain); }
  FieldHash& add(std::string_view text);
  FieldHash& add(const Id128& id);
  FieldHash& add_u32(std::uint32_t number);  // as 4 little-endian bytes
  Digest finish() { return hash_.finish(); }

 private:
  void put_u32(std::uint32_t number);
  Sha256 hash_;
};

// UUIDv7 shape: 48 bits of t_ms, version 7, variant 10, the rest from the digest's first bytes.
Id128 uuid_v7(std::int64_t t_ms, const Digest& digest);
// UUIDv8 shape: all bits but version and variant from the digest's first bytes.
Id128 uuid_v8(const Digest& digest);

// Derived ids, architecture section 4. `site` is the site id.
Id128 derive_anonymous_id(std::string_view site, const Id128& page_nonce,
                          std::int64_t consent_t_ms);
// `previous`: the previous session id, or the page nonce for the first session (index 1).
// Time bits: `start_ms` floored to the minute.
Id128 derive_session_id(std::string_view site, const Id128& anonymous_id, const Id128& previous,
                        std::uint32_t session_index, std::int64_t start_ms);
Id128 derive_event_id(std::string_view site, const Id128& session_id, const Id128& page_nonce,
                      std::uint32_t seq, std::string_view name, std::int64_t t_ms);
// `kind` is purchase, refund, lead … ; deterministic per (site, provider, order id, kind).
Id128 derive_order_event_id(std::string_view site, std::string_view provider,
                            std::string_view order_id, std::string_view kind);

}  // namespace tl
