// SPDX-License-Identifier: Apache-2.0
// The listening server: cpp-httplib reads heads and writes answers, everything else is ours
// (connection.hpp, connection_pool.hpp, dispatcher.hpp). With server.cpp and outgoing_client.cpp
// the only places that know the library.
#pragma once

#include "server/core/outcome.hpp"
#include "server/http/dispatcher.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace tl::server::http {

class TlsFiles;

struct ServerOptions {
  std::string host = "127.0.0.1";
  int port = 0;  // 0: any free one
  std::size_t max_connections = 2048;
  std::string tls_certificate, tls_key;  // PEM files; empty: plain HTTP
  std::int64_t head_timeout_ms = 10'000;
  std::int64_t body_timeout_ms = 20'000;
  std::int64_t write_timeout_ms = 20'000;
  std::int64_t idle_timeout_ms = 65'000;  // longer than the 60 s of common proxies
  std::int64_t busy_idle_timeout_ms = 1'000;
  std::size_t max_requests_per_connection = 10'000;
  std::size_t max_head_bytes = 64 * 1024;
};

struct ConnectionCounts {
  std::size_t open = 0, idle = 0;
  std::uint64_t refused = 0, cut = 0;
};

class Server {
 public:
  explicit Server(ServerOptions options);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Requests that start afterwards see the new one; the old one lives as long as its last request.
  void set_dispatcher(std::shared_ptr<const Dispatcher> dispatcher);
  // Takes the address. Errors: unavailable (address_in_use), invalid (bad_tls_certificate).
  Outcome<void> bind();
  // Its certificate's, once bound; null: plain HTTP. What they load, new connections get.
  [[nodiscard]] TlsFiles* tls_files();
  [[nodiscard]] int port() const;
  // Serves until stop(); a dispatcher must be set. Returns when the last request is answered.
  void run();
  // Stops accepting, ends idle connections, lets running requests finish. From any thread, once
  // run() is called or about to be.
  void stop();
  [[nodiscard]] ConnectionCounts connections() const;

 private:
  struct Listener;
  std::unique_ptr<Listener> listener_;
};

}  // namespace tl::server::http
