// SPDX-License-Identifier: Apache-2.0
// Key derivation: HKDF-SHA-256 (RFC 5869) without a salt; `root_` is its extract step, every
// derived key one expand block with info = label, 0x00, detail. Sealing: AES-256-GCM with a random
// 96-bit nonce, laid out as nonce | ciphertext | tag. Text forms: RFC 4648, strict (no blanks, no
// stray bits, no padding in base64url).

#include "server/core/access/secret_box.hpp"

#include "throughline/text.hpp"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/params.h>

#include <array>
#include <cstring>
#include <memory>

namespace tl::server {
namespace {

constexpr std::size_t kNonceBytes = 12;
constexpr std::size_t kTagBytes = 16;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* bytes_of(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}
struct FreeCipher {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, FreeCipher>;

// Fetched once: an implicit fetch costs more than sealing a small body.
const EVP_CIPHER* aes_256_gcm() {
  static const EVP_CIPHER* cipher = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
  return cipher;
}

bool bind_context(EVP_CIPHER_CTX* cipher, std::string_view context, bool encrypt) {
  int written = 0;
  const int size = static_cast<int>(context.size());
  return (encrypt ? EVP_EncryptUpdate(cipher, nullptr, &written, bytes_of(context), size)
                  : EVP_DecryptUpdate(cipher, nullptr, &written, bytes_of(context), size)) == 1;
}

std::string encode64(std::string_view bytes, const char* alphabet, bool pad) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  std::uint32_t bits = 0;
  int held = 0;
  for (const char c : bytes) {
    bits = (bits << 8) | static_cast<unsigned char>(c);
    for (held += 8; held >= 6;) text += alphabet[(bits >> (held -= 6)) & 63];
  }
  if (held > 0) text += alphabet[(bits << (6 - held)) & 63];
  while (pad && text.size() % 4 != 0) text += '=';
  return text;
}

std::optional<std::string> decode64(std::string_view text, char c62, char c63) {
  if (text.size() % 4 == 1) return std::nullopt;
  std::string bytes;
  bytes.reserve(text.size() * 3 / 4);
  std::uint32_t bits = 0;
  int held = 0;
  for (const char c : text) {
    std::uint32_t value = 0;
    if (c >= 'A' && c <= 'Z')
      value = static_cast<std::uint32_t>(c - 'A');
    else if (c >= 'a' && c <= 'z')
      value = static_cast<std::uint32_t>(c - 'a' + 26);
    else if (c >= '0' && c <= '9')
      value = static_cast<std::uint32_t>(c - '0' + 52);
    else if (c == c62)
      value = 62;
    else if (c == c63)
      value = 63;
    else
      return std::nullopt;
    bits = (bits << 6) | value;
    if ((held += 6) >= 8) bytes += static_cast<char>((bits >> (held -= 8)) & 255);
  }
  // Left-over bits must be zero, else two texts would mean the same bytes.
  if ((bits & ((1U << held) - 1)) != 0) return std::nullopt;
  return bytes;
}

constexpr const char* kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr const char* kUrlAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

}  // namespace

SecretBox::SecretBox(std::string_view secret, Entropy& entropy, std::string_view previous_secret)
    : root_(hmac_sha256(std::string(32, '\0'), secret)),
      seal_key_(derive("seal")),
      entropy_(entropy) {
  if (!previous_secret.empty()) previous_ = std::make_unique<SecretBox>(previous_secret, entropy);
}

SecretBox::SecretBox(std::string_view secret, Entropy& entropy,
                     const std::vector<std::string>& previous_secrets)
    : SecretBox(secret, entropy) {
  if (previous_secrets.empty()) return;
  const std::vector<std::string> older(previous_secrets.begin() + 1, previous_secrets.end());
  previous_ = std::make_unique<SecretBox>(previous_secrets.front(), entropy, older);
}

Digest SecretBox::derive(std::string_view label, std::string_view detail) const {
  std::string info(label);
  info += '\0';
  info += detail;
  info += '\1';
  return hmac_sha256(view_of(root_), info);
}

std::string SecretBox::seal(std::string_view plain, std::string_view context) const {
  std::string sealed(kNonceBytes + plain.size() + kTagBytes, '\0');
  unsigned char* nonce = bytes_of(sealed);
  unsigned char* body = nonce + kNonceBytes;
  entropy_.fill(nonce, kNonceBytes);
  const CipherContext cipher(EVP_CIPHER_CTX_new());
  int written = 0;
  const bool sealed_well =
      cipher &&
      EVP_EncryptInit_ex2(cipher.get(), aes_256_gcm(), seal_key_.data(), nonce, nullptr) == 1 &&
      bind_context(cipher.get(), context, true) &&
      EVP_EncryptUpdate(cipher.get(), body, &written, bytes_of(plain),
                        static_cast<int>(plain.size())) == 1 &&
      EVP_EncryptFinal_ex(cipher.get(), body + written, &written) == 1 &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, kTagBytes, body + plain.size()) == 1;
  // Out of memory inside OpenSSL: an empty text opens as nothing, never as the plain text.
  return sealed_well ? sealed : std::string();
}

std::optional<std::string> SecretBox::open(std::string_view sealed,
                                           std::string_view context) const {
  Opened opened = open_to_renew(sealed, context);
  return opened.is_open ? std::optional(std::move(opened.plain)) : std::nullopt;
}

SecretBox::Opened SecretBox::open_to_renew(std::string_view sealed,
                                           std::string_view context) const {
  for (const SecretBox* box = this; box != nullptr; box = box->previous())
    if (auto plain = box->open_own(sealed, context)) return {true, box != this, std::move(*plain)};
  return {};
}

std::optional<std::string> SecretBox::open_own(std::string_view sealed,
                                               std::string_view context) const {
  if (sealed.size() < kNonceBytes + kTagBytes) return std::nullopt;
  const std::size_t size = sealed.size() - kNonceBytes - kTagBytes;
  const unsigned char* nonce = bytes_of(sealed);
  std::string tag(sealed.substr(kNonceBytes + size));
  std::string plain(size, '\0');
  const CipherContext cipher(EVP_CIPHER_CTX_new());
  int written = 0;
  const bool opened =
      cipher &&
      EVP_DecryptInit_ex2(cipher.get(), aes_256_gcm(), seal_key_.data(), nonce, nullptr) == 1 &&
      bind_context(cipher.get(), context, false) &&
      EVP_DecryptUpdate(cipher.get(), bytes_of(plain), &written, nonce + kNonceBytes,
                        static_cast<int>(size)) == 1 &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, kTagBytes, tag.data()) == 1 &&
      EVP_DecryptFinal_ex(cipher.get(), bytes_of(plain) + written, &written) == 1;
  return opened ? std::optional(std::move(plain)) : std::nullopt;
}

void MacKey::Free::operator()(evp_mac_ctx_st* context) const {
  EVP_MAC_CTX_free(context);
}

MacKey::MacKey(const Digest& key) {
  static EVP_MAC* hmac = EVP_MAC_fetch(nullptr, OSSL_MAC_NAME_HMAC, nullptr);
  char digest[] = "SHA256";
  const OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                               OSSL_PARAM_construct_end()};
  prepared_.reset(EVP_MAC_CTX_new(hmac));
  EVP_MAC_init(prepared_.get(), key.data(), key.size(), params);
}

Digest MacKey::mac(std::string_view message) const {
  const std::unique_ptr<evp_mac_ctx_st, Free> context(EVP_MAC_CTX_dup(prepared_.get()));
  Digest mac{};
  std::size_t size = 0;
  EVP_MAC_update(context.get(), bytes_of(message), message.size());
  EVP_MAC_final(context.get(), mac.data(), &size, mac.size());
  return mac;
}

Digest hmac_sha256(std::string_view key, std::string_view message) {
  static const EVP_MD* sha = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  Digest mac{};
  unsigned int size = 0;
  HMAC(sha, key.data(), static_cast<int>(key.size()), bytes_of(message), message.size(), mac.data(),
       &size);
  return mac;
}

std::string hmac_sha512(std::string_view key, std::string_view message) {
  static const EVP_MD* sha = EVP_MD_fetch(nullptr, "SHA512", nullptr);
  std::string mac(64, '\0');
  unsigned int size = 0;
  HMAC(sha, key.data(), static_cast<int>(key.size()), bytes_of(message), message.size(),
       bytes_of(mac), &size);
  return mac;
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string to_hex(std::string_view bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

std::string to_hex(const Digest& digest) {
  return to_hex({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

std::optional<std::string> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  std::string bytes;
  bytes.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = hex_value(text[i]), low = hex_value(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes += static_cast<char>(high * 16 + low);
  }
  return bytes;
}

std::string to_base64url(std::string_view bytes) {
  return encode64(bytes, kUrlAlphabet, false);
}
std::optional<std::string> from_base64url(std::string_view text) {
  return decode64(text, '-', '_');
}
std::string to_base64(std::string_view bytes) {
  return encode64(bytes, kAlphabet, true);
}
std::optional<std::string> from_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  for (int padding = 0; padding < 2 && !text.empty() && text.back() == '='; ++padding)
    text.remove_suffix(1);
  return decode64(text, '+', '/');
}

}  // namespace tl::server
