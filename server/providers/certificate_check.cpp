// SPDX-License-Identifier: Apache-2.0
#include "server/providers/certificate_check.hpp"

#include <climits>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <ctime>
#include <memory>

namespace tl::server {
namespace {

bool is_valid_at(const X509* certificate, std::int64_t now_ms) {
  auto now = static_cast<std::time_t>(now_ms / 1000);
  return X509_cmp_time(X509_get0_notBefore(certificate), &now) < 0 &&
         X509_cmp_time(X509_get0_notAfter(certificate), &now) > 0;
}

bool is_signed_by(X509* certificate, std::string_view message, std::string_view signature,
                  std::int64_t now_ms) {
  constexpr int kLeastBits = 2048;
  EVP_PKEY* key = X509_get0_pubkey(certificate);
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        EVP_MD_CTX_free);
  const auto bytes = [](std::string_view view) {
    return reinterpret_cast<const unsigned char*>(view.data());
  };
  return key != nullptr && is_valid_at(certificate, now_ms) &&
         EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA && EVP_PKEY_get_bits(key) >= kLeastBits &&
         EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key) == 1 &&
         EVP_DigestVerify(context.get(), bytes(signature), signature.size(), bytes(message),
                          message.size()) == 1;
}

}  // namespace

std::uint32_t crc32_of(std::string_view bytes) {
  constexpr std::uint32_t kPolynomial = 0xEDB88320;
  std::uint32_t crc = 0xFFFFFFFF;
  for (const char c : bytes) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? kPolynomial : 0);
  }
  return ~crc;
}

bool certificate_signed(const std::string& pem, std::string_view message,
                        std::string_view signature, std::int64_t now_ms) {
  if (pem.size() > INT_MAX) return false;
  const std::unique_ptr<BIO, decltype(&BIO_free)> text(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free);
  bool is_signed = false;
  while (text && !is_signed) {
    const std::unique_ptr<X509, decltype(&X509_free)> certificate(
        PEM_read_bio_X509(text.get(), nullptr, nullptr, nullptr), X509_free);
    if (!certificate) break;
    is_signed = is_signed_by(certificate.get(), message, signature, now_ms);
  }
  ERR_clear_error();
  return is_signed;
}

}  // namespace tl::server
