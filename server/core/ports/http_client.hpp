// SPDX-License-Identifier: Apache-2.0
// Outgoing HTTP(S). The implementation (server/http/outgoing_client.cpp) verifies TLS, refuses
// private address ranges unless configured, follows no redirects and keeps to the time limit.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

namespace tl::server {

struct OutgoingRequest {
  std::string method = "POST";
  std::string url;
  std::map<std::string, std::string> headers;  // Content-Type included
  std::string body;
  std::int64_t timeout_ms = 5000;
  std::size_t max_answer_bytes = 1024 * 1024;  // what is longer is cut off
};

struct OutgoingAnswer {
  // Not sent: the request never left (safe to repeat). Unknown: sent, no answer (ambiguous).
  enum class Reached : std::uint8_t { answered, not_sent, unknown };
  Reached reached = Reached::not_sent;
  int status = 0;
  std::map<std::string, std::string> headers;  // names lower case
  std::string body;                            // at most max_answer_bytes
  std::string error;                           // sentence, when not answered
};

class HttpClient {
 public:
  virtual ~HttpClient() = default;
  virtual OutgoingAnswer send(const OutgoingRequest& request) = 0;
};

}  // namespace tl::server
