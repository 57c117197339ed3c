// SPDX-License-Identifier: Apache-2.0
// TLS 1.2 and 1.3, the library's default suites (RFC 9325 leaves nothing weaker on in OpenSSL 3).

#include "server/http/tls_context.hpp"

#include "server/core/text/rfc3339.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>

namespace tl::server::http {
namespace {

ServerError unusable(const std::string& file, const std::string& reason) {
  return invalid("bad_tls_certificate", file + " " + reason);
}

// OpenSSL's own sentence about a missing file names neither.
Outcome<void> check_readable(const std::string& name, const std::string& path) {
  std::FILE* const file = std::fopen(path.c_str(), "re");
  // A folder opens, too; only reading tells.
  const bool is_read = file != nullptr && (std::fgetc(file) != EOF || std::ferror(file) == 0);
  const int cause = errno;
  if (file != nullptr) std::fclose(file);
  if (is_read) return {};
  return unusable(name, std::string("cannot be read: ") + std::strerror(cause) + ".");
}

int refuse_password(char*, int, int, void*) {
  return -1;
}

// Of the first failure since the queue was cleared.
std::string openssl_reason() {
  const char* const reason = ERR_reason_error_string(ERR_peek_error());
  return reason == nullptr ? "unknown reason" : reason;
}

std::int64_t utc_ms(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return 0;
  return static_cast<std::int64_t>(timegm(&parts)) * 1000;
}

}  // namespace

Outcome<std::shared_ptr<TlsContext>> TlsContext::load(const std::string& certificate,
                                                      const std::string& key) {
  const std::string certificate_name = "tls_certificate " + certificate,
                    key_name = "tls_key " + key;
  TL_CHECK(check_readable(certificate_name, certificate));
  TL_CHECK(check_readable(key_name, key));
  ERR_clear_error();
  auto context = std::make_shared<TlsContext>(SSL_CTX_new(TLS_server_method()));
  SSL_CTX* const native = context->native();
  if (native == nullptr)
    return unusable(certificate_name, "cannot be used: " + openssl_reason() + ".");
  SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
  SSL_CTX_set_mode(native, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                               SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_default_passwd_cb(native, refuse_password);  // or a terminal would be asked
  if (SSL_CTX_use_certificate_chain_file(native, certificate.c_str()) != 1)
    return unusable(certificate_name,
                    "is no certificate in PEM form (" + openssl_reason() +
                        "): it begins with -----BEGIN CERTIFICATE-----, its chain follows.");
  if (SSL_CTX_use_PrivateKey_file(native, key.c_str(), SSL_FILETYPE_PEM) != 1) {
    if (ERR_GET_LIB(ERR_peek_error()) == ERR_LIB_X509)
      return unusable(key_name, "is not the key of " + certificate + ".");
    return unusable(key_name,
                    "is no private key in PEM form, or has a password (" + openssl_reason() + ").");
  }
  if (SSL_CTX_check_private_key(native) != 1)
    return unusable(key_name, "is not the key of " + certificate + ".");
  return context;
}

TlsContext::~TlsContext() {
  SSL_CTX_free(native_);
}

std::string TlsContext::doubt(std::int64_t now_ms) const {
  const X509* const certificate = SSL_CTX_get0_certificate(native_);
  const std::int64_t from_ms = utc_ms(X509_get0_notBefore(certificate));
  const std::int64_t to_ms = utc_ms(X509_get0_notAfter(certificate));
  if (now_ms < from_ms) return "is not valid before " + write_rfc3339(from_ms);
  if (now_ms > to_ms) return "has expired on " + write_rfc3339(to_ms);
  return {};
}

}  // namespace tl::server::http
