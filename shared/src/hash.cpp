// SPDX-License-Identifier: Apache-2.0
// SHA-256 as in FIPS 180-4 section 6.2, with the message schedule kept as a ring of 16 words, and
// the ids that are derived from it. Ids must never change for the same facts: tests/vectors pins
// them.
#include "throughline/hash.hpp"

#include "throughline/text.hpp"

#include <cstring>

namespace tl {
namespace {

// The first 32 bits of the fractional parts of the cube roots of the first 64 primes
// (section 4.2.2) and of the square roots of the first 8 (section 5.3.3). Derived rather than
// listed: in the browser 288 bytes that nothing compresses would cost more than this. Only + - * /,
// so exact everywhere.
struct Constants {
  std::uint32_t round[64];
  std::uint32_t start[8];
};

// Newton's method from above; it has converged to the last bit long before the last step.
constexpr double root(int number, bool is_cube) {
  double x = number;
  for (int step = 0; step < 20; ++step) {
    const double quotient = number / x;
    x = is_cube ? (x + x + quotient / x) / 3 : (x + quotient) / 2;
  }
  return x;
}

constexpr std::uint32_t fraction(double number) {
  return static_cast<std::uint32_t>(static_cast<std::uint64_t>(number * 4294967296.0));
}

constexpr Constants derive_constants() {
  Constants constants{};
  int count = 0;
  for (int number = 2; count < 64; ++number) {
    int divisor = 2;
    while (number % divisor != 0) ++divisor;
    if (divisor < number) continue;
    constants.round[count] = fraction(root(number, true));
    if (count < 8) constants.start[count] = fraction(root(number, false));
    ++count;
  }
  return constants;
}

constexpr std::uint32_t rotate(std::uint32_t word, int by) {
  return (word >> by) | (word << (32 - by));
}

#ifdef __wasm__
// Not at compile time, which would list them.
const Constants& constants() {
  static Constants derived;
  if (derived.round[0] == 0) derived = derive_constants();
  return derived;
}
#else
constexpr Constants kConstants = derive_constants();
constexpr const Constants& constants() {
  return kConstants;
}
#endif

void set_version(Id128& id, int version) {
  id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0F) | version << 4);
  id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3F) | 0x80);
}

}  // namespace

Sha256::Sha256() {
  for (std::size_t i = 0; i < 8; ++i) state_[i] = constants().start[i];
}

void Sha256::block() {
  std::uint32_t v[8];  // a…h
  std::memcpy(v, state_.data(), sizeof v);
  for (std::uint32_t i = 0; i < 64; ++i) {
    std::uint32_t& word = words_[i % 16];
    if (i >= 16) {
      const std::uint32_t w1 = words_[(i + 1) % 16];
      const std::uint32_t w14 = words_[(i + 14) % 16];
      word += (rotate(w1, 7) ^ rotate(w1, 18) ^ w1 >> 3) + words_[(i + 9) % 16] +
              (rotate(w14, 17) ^ rotate(w14, 19) ^ w14 >> 10);
    }
    const std::uint32_t t1 = v[7] + (rotate(v[4], 6) ^ rotate(v[4], 11) ^ rotate(v[4], 25)) +
                             ((v[4] & v[5]) ^ (~v[4] & v[6])) + constants().round[i] + word;
    const std::uint32_t t2 = (rotate(v[0], 2) ^ rotate(v[0], 13) ^ rotate(v[0], 22)) +
                             ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));
    std::memmove(v + 1, v, sizeof v - sizeof v[0]);
    v[4] += t1;
    v[0] = t1 + t2;
  }
  for (std::size_t i = 0; i < 8; ++i) state_[i] += v[i];
}

void Sha256::put(std::uint8_t byte) {
  // Four bytes push out what the word held before.
  auto& word = words_[total_++ % 64 / 4];
  word = word << 8 | byte;
  if (total_ % 64 == 0) block();
}

void Sha256::update(const void* data, std::size_t size) {
  const auto* bytes = static_cast<const std::uint8_t*>(data);
  while (size-- > 0) put(*bytes++);
}

Digest Sha256::finish() {
  const std::uint64_t bits = total_ * 8;
  put(0x80);
  while (total_ % 64 != 56) put(0);
  for (int shift = 56; shift >= 0; shift -= 8) put(static_cast<std::uint8_t>(bits >> shift));
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

void FieldHash::put_u32(std::uint32_t number) {
  for (int shift = 0; shift < 32; shift += 8) hash_.put(static_cast<std::uint8_t>(number >> shift));
}

FieldHash& FieldHash::add(std::string_view text) {
  put_u32(static_cast<std::uint32_t>(text.size()));
  hash_.update(text);
  return *this;
}

FieldHash& FieldHash::add(const Id128& id) {
  return add({reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size()});
}

FieldHash& FieldHash::add_u32(std::uint32_t number) {
  put_u32(4);
  put_u32(number);
  return *this;
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
