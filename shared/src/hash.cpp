// SPDX-License-Identifier: Apache-2.0
// SHA-256 as in FIPS 180-4 section 6.2, with the message schedule kept as a ring of 16 words, and
// the ids that are derived from it. Ids must never change for the same facts: tests/vectors pins
// them.
#include "throughline/hash.hpp"

#include "throughline/text.hpp"

#include <cstring>

namespace tl {
namespace {

constexpr std::uint32_t kRound[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

constexpr std::uint32_t rotate(std::uint32_t word, int by) {
  return (word >> by) | (word << (32 - by));
}

// 32 hex digits, with dashes as in a UUID or without.
bool read_id(std::string_view text, bool is_dashed, Id128& id) {
  std::size_t digits = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_dashed && i >= 8 && i <= 23 && i % 5 == 3) {
      if (text[i] != '-') return false;
      continue;
    }
    const int value = hex_value(text[i]);
    if (value < 0 || digits == 32) return false;
    auto& byte = id.bytes[digits++ / 2];
    byte = static_cast<std::uint8_t>(byte << 4 | value);
  }
  return digits == 32;
}

void set_version(Id128& id, int version) {
  id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0F) | version << 4);
  id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3F) | 0x80);
}

}  // namespace

Sha256::Sha256()
    : state_{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
             0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19} {}

void Sha256::block(const std::uint8_t* bytes) {
  std::uint32_t words[16];
  std::uint32_t v[8];  // a…h
  std::memcpy(v, state_.data(), sizeof v);
  for (std::uint32_t i = 0; i < 64; ++i) {
    std::uint32_t& word = words[i % 16];
    if (i < 16) {
      word = 0;
      for (int k = 0; k < 4; ++k) word = word << 8 | *bytes++;
    } else {
      const std::uint32_t w1 = words[(i + 1) % 16];
      const std::uint32_t w14 = words[(i + 14) % 16];
      word += (rotate(w1, 7) ^ rotate(w1, 18) ^ w1 >> 3) + words[(i + 9) % 16] +
              (rotate(w14, 17) ^ rotate(w14, 19) ^ w14 >> 10);
    }
    const std::uint32_t t1 = v[7] + (rotate(v[4], 6) ^ rotate(v[4], 11) ^ rotate(v[4], 25)) +
                             ((v[4] & v[5]) ^ (~v[4] & v[6])) + kRound[i] + word;
    const std::uint32_t t2 = (rotate(v[0], 2) ^ rotate(v[0], 13) ^ rotate(v[0], 22)) +
                             ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));
    std::memmove(v + 1, v, sizeof v - sizeof v[0]);
    v[4] += t1;
    v[0] = t1 + t2;
  }
  for (std::size_t i = 0; i < 8; ++i) state_[i] += v[i];
}

void Sha256::update(const void* data, std::size_t size) {
  const auto* bytes = static_cast<const std::uint8_t*>(data);
  for (; size > 0; --size) {
    pending_[total_++ % 64] = *bytes++;
    if (total_ % 64 == 0) block(pending_.data());
  }
}

Digest Sha256::finish() {
  const std::uint64_t bits = total_ * 8;
  const std::uint8_t one = 0x80;
  const std::uint8_t zero = 0;
  update(&one, 1);
  while (total_ % 64 != 56) update(&zero, 1);
  for (int shift = 56; shift >= 0; shift -= 8) {
    const auto byte = static_cast<std::uint8_t>(bits >> shift);
    update(&byte, 1);
  }
  Digest digest;
  for (std::size_t i = 0; i < digest.size(); ++i) {
    digest[i] = static_cast<std::uint8_t>(state_[i / 4] >> (24 - i % 4 * 8));
  }
  return digest;
}

Digest sha256(std::string_view text) {
  Sha256 hash;
  hash.update(text);
  return hash.finish();
}

std::int64_t Id128::time_ms() const {
  std::int64_t time = 0;
  for (std::size_t i = 0; i < 6; ++i) time = time << 8 | bytes[i];
  return time;
}

void write_uuid(const Id128& id, Out& out) {
  for (std::size_t i = 0; i < 16; ++i) {
    if (i >= 4 && i <= 10 && i % 2 == 0) out.put('-');
    out.put_hex(&id.bytes[i], 1);
  }
}

Result<Id128> parse_hex128(std::string_view text) {
  Id128 id;
  if (!read_id(text, false, id)) return Error{ErrorKind::invalid, "bad_nonce"};
  return id;
}

Result<Id128> parse_uuid(std::string_view text) {
  Id128 id;
  if (!read_id(text, true, id)) return Error{ErrorKind::invalid, "bad_uuid"};
  return id;
}

FieldHash& FieldHash::add(std::string_view text) {
  const auto size = static_cast<std::uint32_t>(text.size());
  for (int shift = 0; shift < 32; shift += 8) {
    const auto byte = static_cast<std::uint8_t>(size >> shift);
    hash_.update(&byte, 1);
  }
  hash_.update(text);
  return *this;
}

FieldHash& FieldHash::add(const Id128& id) {
  return add({reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size()});
}

FieldHash& FieldHash::add_u32(std::uint32_t number) {
  char bytes[4];
  for (int i = 0; i < 4; ++i) bytes[i] = static_cast<char>(number >> i * 8);
  return add({bytes, sizeof bytes});
}

Id128 uuid_v7(std::int64_t t_ms, const Digest& digest) {
  Id128 id;
  for (int i = 0; i < 6; ++i) {
    id.bytes[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(t_ms >> (40 - i * 8));
  }
  std::memcpy(id.bytes.data() + 6, digest.data(), 10);
  set_version(id, 7);
  return id;
}

Id128 uuid_v8(const Digest& digest) {
  Id128 id;
  std::memcpy(id.bytes.data(), digest.data(), id.bytes.size());
  set_version(id, 8);
  return id;
}

Id128 derive_anonymous_id(std::string_view site, const Id128& page_nonce,
                          std::int64_t consent_t_ms) {
  return uuid_v7(consent_t_ms, FieldHash("tl-aid").add(site).add(page_nonce).finish());
}

Id128 derive_session_id(std::string_view site, const Id128& anonymous_id, const Id128& previous,
                        std::uint32_t session_index, std::int64_t start_ms) {
  FieldHash hash("tl-sid");
  hash.add(site).add(anonymous_id).add(previous).add_u32(session_index);
  return uuid_v7(start_ms - start_ms % 60000, hash.finish());
}

Id128 derive_event_id(std::string_view site, const Id128& session_id, const Id128& page_nonce,
                      std::uint32_t seq, std::string_view name, std::int64_t t_ms) {
  FieldHash hash("tl-evt");
  hash.add(site).add(session_id).add(page_nonce).add_u32(seq).add(name);
  return uuid_v7(t_ms, hash.finish());
}

Id128 derive_order_event_id(std::string_view site, std::string_view provider,
                            std::string_view order_id, std::string_view kind) {
  return uuid_v8(FieldHash("tl-ord").add(site).add(provider).add(order_id).add(kind).finish());
}

}  // namespace tl
