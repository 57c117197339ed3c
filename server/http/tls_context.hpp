// SPDX-License-Identifier: Apache-2.0
// The certificate and key that the server listens with. Thread-safe once loaded.
#pragma once

#include "server/core/outcome.hpp"

#include <openssl/types.h>

#include <cstdint>
#include <memory>
#include <string>

namespace tl::server::http {

class TlsContext {
 public:
  // PEM files: the certificate with its chain, and its key without a password. Errors: invalid
  // (bad_tls_certificate); the sentence begins with the setting at fault.
  static Outcome<std::shared_ptr<TlsContext>> load(const std::string& certificate,
                                                   const std::string& key);
  explicit TlsContext(SSL_CTX* native) : native_(native) {}
  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;
  [[nodiscard]] SSL_CTX* native() const { return native_; }

  // Why clients refuse the certificate at that time: it has expired or is not valid yet. "" when
  // its dates are no reason.
  [[nodiscard]] std::string doubt(std::int64_t now_ms) const;

 private:
  SSL_CTX* native_;
};

}  // namespace tl::server::http
