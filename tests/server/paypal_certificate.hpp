// SPDX-License-Identifier: Apache-2.0
// A certificate that signs as PayPal's does: RSA of 2,048 bits, made once a run, valid from the day
// before kNow to the day after.
#pragma once

#include "server/core/access/secret_box.hpp"
#include "tests/server/support.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <ctime>
#include <string>

namespace tl::server::test {

struct SigningCertificate {
  std::string pem;
  EVP_PKEY* key = nullptr;

  [[nodiscard]] std::string signature_of(const std::string& message) const {
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    std::string signature(512, '\0');
    std::size_t size = signature.size();
    const bool is_signed =
        EVP_DigestSignInit(context, nullptr, EVP_sha256(), nullptr, key) == 1 &&
        EVP_DigestSign(context, reinterpret_cast<unsigned char*>(signature.data()), &size,
                       reinterpret_cast<const unsigned char*>(message.data()), message.size()) == 1;
    EVP_MD_CTX_free(context);
    REQUIRE(is_signed);
    signature.resize(size);
    return to_base64(signature);
  }
};

inline SigningCertificate made_certificate() {
  SigningCertificate certificate;
  certificate.key = EVP_RSA_gen(2048);
  X509* x509 = X509_new();
  ASN1_INTEGER_set(X509_get_serialNumber(x509), 1);
  auto from = static_cast<std::time_t>((kNow - kDay) / 1000);
  auto to = static_cast<std::time_t>((kNow + kDay) / 1000);
  ASN1_TIME_set(X509_getm_notBefore(x509), from);
  ASN1_TIME_set(X509_getm_notAfter(x509), to);
  X509_set_pubkey(x509, certificate.key);
  X509_sign(x509, certificate.key, EVP_sha256());
  BIO* text = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(text, x509);
  char* data = nullptr;
  const auto size = BIO_get_mem_data(text, &data);
  certificate.pem.assign(data, static_cast<std::size_t>(size));
  BIO_free(text);
  X509_free(x509);
  return certificate;
}

inline const SigningCertificate& paypal_certificate() {
  static const SigningCertificate made = made_certificate();
  return made;
}

// Of another key, as valid.
inline const std::string& other_certificate_pem() {
  static const std::string pem = made_certificate().pem;
  return pem;
}

}  // namespace tl::server::test
