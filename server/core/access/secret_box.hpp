// SPDX-License-Identifier: Apache-2.0
// Keys derived from the one server secret (HKDF-SHA-256, a label each) and sealing at rest
// (AES-256-GCM: 12-byte nonce, ciphertext, 16-byte tag). Thread-safe.
#pragma once

#include "server/core/clock.hpp"
#include "throughline/hash.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct evp_mac_ctx_st;  // OpenSSL's

namespace tl::server {

class SecretBox {
 public:
  // `secret`: at least 32 bytes, checked by the configuration. What was sealed under
  // `previous_secret` still opens; nothing new is sealed with it. Keeps a reference to `entropy`.
  SecretBox(std::string_view secret, Entropy& entropy, std::string_view previous_secret = {});
  // The same for several, the newest first.
  SecretBox(std::string_view secret, Entropy& entropy,
            const std::vector<std::string>& previous_secrets);
  // `context` binds the text to its place (table, site, key): opening with another one fails.
  [[nodiscard]] std::string seal(std::string_view plain, std::string_view context) const;
  [[nodiscard]] std::optional<std::string> open(std::string_view sealed,
                                                std::string_view context) const;
  // The same, and whether a previous secret opened it.
  struct Opened {
    bool is_open = false, is_old = false;
    std::string plain;
  };
  [[nodiscard]] Opened open_to_renew(std::string_view sealed, std::string_view context) const;
  // 32 bytes for a purpose, e.g. derive("token", site_id).
  [[nodiscard]] Digest derive(std::string_view label, std::string_view detail = {}) const;
  // The box of the previous secret, which has that of the one before; nullptr when there is none.
  [[nodiscard]] const SecretBox* previous() const { return previous_.get(); }

 private:
  [[nodiscard]] std::optional<std::string> open_own(std::string_view sealed,
                                                    std::string_view context) const;

  Digest root_{};
  Digest seal_key_{};
  Entropy& entropy_;
  std::unique_ptr<SecretBox> previous_;
};

// HMAC-SHA-256 under one key that is used again and again. Thread-safe.
class MacKey {
 public:
  explicit MacKey(const Digest& key);
  [[nodiscard]] Digest mac(std::string_view message) const;

 private:
  struct Free {
    void operator()(evp_mac_ctx_st* context) const;
  };
  std::unique_ptr<evp_mac_ctx_st, Free> prepared_;
};

Digest hmac_sha256(std::string_view key, std::string_view message);
std::string hmac_sha512(std::string_view key, std::string_view message);  // 64 raw bytes
// Same length and content, in time that depends on the length only.
bool equal_in_constant_time(std::string_view a, std::string_view b);
std::string to_hex(std::string_view bytes);
std::string to_hex(const Digest& digest);
std::optional<std::string> from_hex(std::string_view text);
std::string to_base64url(std::string_view bytes);  // no padding
std::optional<std::string> from_base64url(std::string_view text);
std::string to_base64(std::string_view bytes);
std::optional<std::string> from_base64(std::string_view text);

}  // namespace tl::server
