// SPDX-License-Identifier: Apache-2.0
// Meta's reference normalisation of customer data, exactly as its own server-side SDK does it: what
// we hash must be what Meta's side hashes. It has traps of its own (dots stay in phone numbers, any
// date format passes), so messy input goes through meta_cleaning.hpp first; this layer leaves
// cleaned input unchanged.
// Source: npm facebook-nodejs-business-sdk 24.0.1, run; tests/vendor/ compares value by value.
#pragma once

#include "server/core/outcome.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tl::server {

// Keys of user_data, in Meta's spelling.
enum class MetaKey : std::uint8_t {
  em,
  ph,
  fn,
  ln,
  db,
  ge,
  ct,
  st,
  zp,
  country,
  f5first,
  f5last,
  fi,
  dobd,
  dobm,
  doby,
  app_user_id,
  external_id,
};

std::optional<MetaKey> parse_meta_key(std::string_view name);
std::string_view meta_key_name(MetaKey key);

// A value ready to be sent. No text and no hash: the SDK makes null of it and nothing is sent.
struct MetaValue {
  std::optional<std::string> text;  // what was hashed
  std::string sent;                 // hex of SHA-256; the input itself when it was hashed already
};

// `value`: UTF-8, 64 or 32 hex digits pass as they are. Errors: invalid (bad_meta_value), where the
// SDK throws.
Outcome<MetaValue> meta_reference(MetaKey key, std::string_view value);

}  // namespace tl::server
