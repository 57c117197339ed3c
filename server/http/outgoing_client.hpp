// SPDX-License-Identifier: Apache-2.0
// The HttpClient of the running server. Certificates are verified (against the system's authorities
// and those of SSL_CERT_FILE, as OpenSSL reads them), redirects never followed, names resolved here
// and the connection made to the very address that was checked. Connections are kept for a short
// while and used again. Thread-safe.
#pragma once

#include "server/core/ports/http_client.hpp"

#include <memory>

namespace tl::server::http {

class OutgoingClient final : public HttpClient {
 public:
  // `allow_private`: loopback and private addresses may be reached (sandbox, tests).
  explicit OutgoingClient(bool allow_private);
  ~OutgoingClient() override;
  OutgoingAnswer send(const OutgoingRequest& request) override;
  // Sends nothing any more and waits for nobody: what is under way ends without an answer, as it
  // would with the process. Again for what had no connection yet.
  void abandon();

 private:
  class Pool;
  bool allow_private_;
  std::unique_ptr<Pool> pool_;
};

}  // namespace tl::server::http
