// SPDX-License-Identifier: Apache-2.0
// The form is checked strictly, so that garbage never reaches the store.

#include "server/core/access/secret_key.hpp"

#include "server/core/access/secret_box.hpp"

#include <algorithm>
#include <array>

namespace tl::server {
namespace {

constexpr std::string_view kPrefix = "tlsk_";
constexpr std::size_t kIdDigits = 16, kSecretDigits = 64;

std::string random_hex(Entropy& entropy, std::size_t digits) {
  std::array<std::uint8_t, kSecretDigits / 2> bytes{};
  entropy.fill(bytes.data(), digits / 2);
  return to_hex({reinterpret_cast<const char*>(bytes.data()), digits / 2});
}

bool is_hex(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

}  // namespace

NewSecretKey make_secret_key(Entropy& entropy) {
  NewSecretKey made;
  made.key.id = random_hex(entropy, kIdDigits);
  made.text = std::string(kPrefix) + made.key.id + "_" + random_hex(entropy, kSecretDigits);
  made.key.hash = sha256(made.text);
  return made;
}

std::optional<SecretKey> parse_secret_key(std::string_view text) {
  if (text.size() != kPrefix.size() + kIdDigits + 1 + kSecretDigits || !text.starts_with(kPrefix))
    return std::nullopt;
  const auto id = text.substr(kPrefix.size(), kIdDigits);
  const auto secret = text.substr(kPrefix.size() + kIdDigits + 1);
  if (!is_hex(id) || !is_hex(secret) || text[kPrefix.size() + kIdDigits] != '_')
    return std::nullopt;
  return SecretKey{std::string(id), sha256(text)};
}

}  // namespace tl::server
