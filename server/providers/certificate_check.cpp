// SPDX-License-Identifier: Apache-2.0
#include "server/providers/certificate_check.hpp"

#include <climits>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <ctime>
#include <functional>
#include <memory>

namespace tl::server {
namespace {

constexpr int kLeastBits = 2048;

std::int64_t time_ms(const ASN1_TIME* time) {
  std::tm utc{};
  return ASN1_TIME_to_tm(time, &utc) == 1 ? std::int64_t{timegm(&utc)} * 1000 : 0;
}

CertificateLife life_of(const X509* certificate) {
  return {time_ms(X509_get0_notBefore(certificate)), time_ms(X509_get0_notAfter(certificate))};
}

bool has_rsa_key(X509* certificate) {
  EVP_PKEY* key = X509_get0_pubkey(certificate);
  return key != nullptr && EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA &&
         EVP_PKEY_get_bits(key) >= kLeastBits;
}

bool is_signed_by(X509* certificate, std::string_view message, std::string_view signature,
                  std::int64_t now_ms) {
  const CertificateLife life = life_of(certificate);
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        EVP_MD_CTX_free);
  const auto bytes = [](std::string_view view) {
    return reinterpret_cast<const unsigned char*>(view.data());
  };
  return life.from_ms < now_ms && now_ms < life.to_ms && has_rsa_key(certificate) &&
         EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr,
                              X509_get0_pubkey(certificate)) == 1 &&
         EVP_DigestVerify(context.get(), bytes(signature), signature.size(), bytes(message),
                          message.size()) == 1;
}

// Until one of them makes it true.
bool any_certificate(const std::string& pem, const std::function<bool(X509*)>& holds) {
  if (pem.size() > INT_MAX) return false;
  const std::unique_ptr<BIO, decltype(&BIO_free)> text(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free);
  bool is_found = false;
  while (text && !is_found) {
    const std::unique_ptr<X509, decltype(&X509_free)> certificate(
        PEM_read_bio_X509(text.get(), nullptr, nullptr, nullptr), X509_free);
    if (!certificate) break;
    is_found = holds(certificate.get());
  }
  ERR_clear_error();
  return is_found;
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
  return any_certificate(pem, [&](X509* certificate) {
    return is_signed_by(certificate, message, signature, now_ms);
  });
}

std::optional<CertificateLife> certificate_life(const std::string& pem) {
  std::optional<CertificateLife> longest;
  any_certificate(pem, [&](X509* certificate) {
    const CertificateLife life = life_of(certificate);
    if (has_rsa_key(certificate) && (!longest || life.to_ms > longest->to_ms)) longest = life;
    return false;
  });
  return longest;
}

}  // namespace tl::server
