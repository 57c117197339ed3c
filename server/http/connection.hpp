// SPDX-License-Identifier: Apache-2.0
// One accepted socket, plain or TLS, with what protects a thread that serves it: a deadline for the
// whole request instead of one per read (slow senders), and a budget of bytes (endless senders).
// Used by the thread that serves it; only IdleConnections touches it from another one.
#pragma once

#include <openssl/types.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace tl::server::http {

class TlsContext;

class Connection {
 public:
  // Does not own the descriptor's close: call close() once.
  Connection(int descriptor, TlsContext* tls);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // TLS only; true at once for plain sockets.
  bool handshake(std::int64_t timeout_ms);
  // Starts a request: everything up to end_head() is also kept as `head`.
  void begin(std::int64_t timeout_ms, std::size_t head_budget_bytes);
  void end_head(std::int64_t timeout_ms, std::size_t body_budget_bytes);
  // Bytes read, 0 at the end of the stream, -1 on error, deadline or spent budget.
  std::ptrdiff_t read(char* bytes, std::size_t count) {
    if (count == 1 && at_ < filled_ && budget_ > 0) {  // the head is read byte by byte
      *bytes = buffer_[at_++];
      --budget_;
      if (is_in_head_) head_.push_back(*bytes);
      return 1;
    }
    return read_more(bytes, count);
  }
  std::ptrdiff_t write(const char* bytes, std::size_t count, std::int64_t timeout_ms);
  // Waits for the first byte of a request. false: timeout or the peer has gone.
  bool wait_readable(std::int64_t timeout_ms);
  // Says goodbye. `is_body_pending`: reads the rest for a moment, so that the peer sees the answer
  // instead of a reset.
  void close(bool is_body_pending);

  [[nodiscard]] bool has_buffered() const;
  [[nodiscard]] const std::string& head() const { return head_; }
  [[nodiscard]] bool timed_out() const { return timed_out_; }
  [[nodiscard]] bool overspent() const { return overspent_; }
  [[nodiscard]] int descriptor() const { return descriptor_; }
  [[nodiscard]] const std::string& peer() const { return peer_; }
  [[nodiscard]] int peer_port() const { return peer_port_; }
  void refuse_more() { budget_ = 0; }

 private:
  std::ptrdiff_t read_more(char* bytes, std::size_t count);
  std::ptrdiff_t receive(char* bytes, std::size_t count);
  bool wait(short events, std::int64_t deadline_ms);

  int descriptor_;
  SSL* tls_ = nullptr;
  std::string peer_;
  int peer_port_ = 0;
  std::array<char, 8192> buffer_;
  std::size_t at_ = 0, filled_ = 0, budget_ = 0;
  std::int64_t deadline_ms_ = 0;
  std::string head_;
  bool is_in_head_ = false, timed_out_ = false, overspent_ = false;
};

}  // namespace tl::server::http
