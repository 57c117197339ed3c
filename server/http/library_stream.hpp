// SPDX-License-Identifier: Apache-2.0
// Our connection as the library reads and writes it. For server.cpp alone: it needs httplib.h.
#pragma once

#include "server/http/chunk_framing.hpp"
#include "server/http/connection.hpp"

#include <httplib.h>

#include <optional>
#include <string>

namespace tl::server::http {

class LibraryStream final : public httplib::Stream {
 public:
  // `framing`: of the request's body, once its head says that it is chunked. Both are borrowed.
  LibraryStream(Connection& connection, std::optional<ChunkFraming>& framing,
                std::int64_t write_timeout_ms)
      : connection_(connection), framing_(framing), write_timeout_ms_(write_timeout_ms) {}
  bool is_readable() const override { return connection_.has_buffered(); }
  bool wait_readable() const override { return true; }  // read() waits, within the deadline
  bool wait_writable() const override { return true; }  // so does write()
  ssize_t read(char* bytes, size_t count) override {
    const auto read = connection_.read(bytes, count);
    if (read > 0 && framing_ && !framing_->take({bytes, static_cast<std::size_t>(read)})) return -1;
    return read;
  }
  ssize_t write(const char* bytes, size_t count) override {
    return connection_.write(bytes, count, write_timeout_ms_);
  }
  void get_remote_ip_and_port(std::string& ip, int& port) const override {
    ip = connection_.peer();
    port = connection_.peer_port();
  }
  void get_local_ip_and_port(std::string& ip, int& port) const override {
    ip.clear();
    port = 0;
  }
  socket_t socket() const override { return connection_.descriptor(); }
  time_t duration() const override { return 0; }

 private:
  Connection& connection_;
  std::optional<ChunkFraming>& framing_;
  std::int64_t write_timeout_ms_;
};

}  // namespace tl::server::http
