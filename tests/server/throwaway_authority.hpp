// SPDX-License-Identifier: Apache-2.0
// A certificate authority that lives as long as a test, and the certificates that it issues. Times
// are the machine's own: OpenSSL compares them with its clock.
#pragma once

#include "tests/server/support.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <fstream>
#include <memory>
#include <string>

namespace tl::server::test {

// Validity in seconds from now.
struct Validity {
  long from_s = -3600, to_s = 3600;
};

class ThrowawayAuthority {
 public:
  struct Files {
    std::string certificate, key;
  };

  explicit ThrowawayAuthority(const std::string& name) {
    issue(certificate_, name, key_.get(), {}, NID_basic_constraints, "critical,CA:TRUE");
    certificate_file_ = written(name + "-ca.pem", pem_of(certificate_.get()));
  }
  // What a client needs to know to trust it.
  [[nodiscard]] const std::string& certificate_file() const { return certificate_file_; }
  // A certificate for that host, with its key.
  Files issue_for(const std::string& host, Validity validity = {}) {
    const Key key(EVP_EC_gen("P-256"), &EVP_PKEY_free);
    Certificate made(nullptr, &X509_free);
    issue(made, host, key.get(), validity, NID_subject_alt_name, "DNS:" + host);
    const std::string name = host + std::to_string(++issued_);
    return {written(name + ".pem", pem_of(made.get())), written(name + ".key", pem_of(key.get()))};
  }

 private:
  using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
  using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

  void issue(Certificate& made, const std::string& name, EVP_PKEY* key, Validity validity,
             int extension, const std::string& value) {
    made.reset(X509_new());
    X509* const subject = made.get();
    X509* const issuer = certificate_ ? certificate_.get() : subject;
    X509_set_version(subject, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(subject), ++serial_);
    X509_gmtime_adj(X509_getm_notBefore(subject), validity.from_s);
    X509_gmtime_adj(X509_getm_notAfter(subject), validity.to_s);
    X509_set_pubkey(subject, key);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(subject), "CN", MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
    X509_set_issuer_name(subject, X509_get_subject_name(issuer));
    X509_EXTENSION* const extra = X509V3_EXT_conf_nid(nullptr, nullptr, extension, value.c_str());
    REQUIRE(extra != nullptr);
    X509_add_ext(subject, extra, -1);
    X509_EXTENSION_free(extra);
    REQUIRE(X509_sign(subject, key_.get(), EVP_sha256()) > 0);
  }

  template <class Write>
  static std::string pem_by(Write&& write) {
    const std::unique_ptr<BIO, decltype(&BIO_free)> text(BIO_new(BIO_s_mem()), &BIO_free);
    REQUIRE(write(text.get()) == 1);
    char* bytes = nullptr;
    const auto size = BIO_get_mem_data(text.get(), &bytes);
    return {bytes, static_cast<std::size_t>(size)};
  }
  static std::string pem_of(X509* certificate) {
    return pem_by([&](BIO* text) { return PEM_write_bio_X509(text, certificate); });
  }
  static std::string pem_of(EVP_PKEY* key) {
    return pem_by([&](BIO* text) {
      return PEM_write_bio_PrivateKey(text, key, nullptr, nullptr, 0, nullptr, nullptr);
    });
  }
  std::string written(const std::string& name, const std::string& text) {
    std::ofstream(folder_.file(name)) << text;
    return folder_.file(name);
  }

  TempFolder folder_;
  Key key_{EVP_EC_gen("P-256"), &EVP_PKEY_free};
  Certificate certificate_{nullptr, &X509_free};
  std::string certificate_file_;
  long serial_ = 0;
  int issued_ = 0;
};

}  // namespace tl::server::test
