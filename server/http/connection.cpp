// SPDX-License-Identifier: Apache-2.0
// Sockets stay blocking for the library's sake; every call here is non-blocking and waits in
// poll().

#include "server/http/connection.hpp"

#include "server/http/client_address.hpp"
#include "server/http/tls_context.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstring>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace tl::server::http {
namespace {

constexpr std::int64_t kLingerMs = 1000;
constexpr std::size_t kLingerBytes = 4 * 1024 * 1024;

std::int64_t monotonic_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace

Connection::Connection(int descriptor, TlsContext* tls) : descriptor_(descriptor) {
  sockaddr_storage address{};
  socklen_t size = sizeof(address);
  std::array<char, NI_MAXHOST> host{};
  std::array<char, NI_MAXSERV> port{};
  auto* plain = reinterpret_cast<sockaddr*>(&address);
  if (getpeername(descriptor, plain, &size) == 0 &&
      getnameinfo(plain, size, host.data(), host.size(), port.data(), port.size(),
                  NI_NUMERICHOST | NI_NUMERICSERV) == 0) {
    const auto parsed = IpAddress::parse(host.data());
    peer_ = parsed ? parsed->text() : std::string(host.data());
    std::from_chars(port.data(), port.data() + std::strlen(port.data()), peer_port_);
  }
  if (tls == nullptr) return;
  fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK);
  tls_ = SSL_new(tls->native());
  SSL_set_fd(tls_, descriptor);
}

Connection::~Connection() {
  SSL_free(tls_);
}

bool Connection::wait(short events, std::int64_t deadline_ms) {
  for (;;) {
    const auto left = deadline_ms - monotonic_ms();
    if (left <= 0) {
      timed_out_ = true;
      return false;
    }
    pollfd entry{descriptor_, events, 0};
    const int ready = poll(&entry, 1, static_cast<int>(std::min<std::int64_t>(left, 60'000)));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return false;
  }
}

bool Connection::handshake(std::int64_t timeout_ms) {
  if (tls_ == nullptr) return true;
  const auto deadline = monotonic_ms() + timeout_ms;
  for (;;) {
    ERR_clear_error();
    const int done = SSL_accept(tls_);
    if (done == 1) return true;
    const int error = SSL_get_error(tls_, done);
    if (error == SSL_ERROR_WANT_READ) {
      if (!wait(POLLIN, deadline)) return false;
    } else if (error == SSL_ERROR_WANT_WRITE) {
      if (!wait(POLLOUT, deadline)) return false;
    } else {
      return false;
    }
  }
}

void Connection::begin(std::int64_t timeout_ms, std::size_t head_budget_bytes) {
  deadline_ms_ = monotonic_ms() + timeout_ms;
  budget_ = head_budget_bytes;
  head_.clear();
  is_in_head_ = true;
  timed_out_ = overspent_ = false;
}

void Connection::end_head(std::int64_t timeout_ms, std::size_t body_budget_bytes) {
  deadline_ms_ = monotonic_ms() + timeout_ms;
  budget_ = body_budget_bytes;
  is_in_head_ = false;
}

std::ptrdiff_t Connection::receive(char* bytes, std::size_t count) {
  for (;;) {
    if (tls_ != nullptr) {
      ERR_clear_error();
      const int got = SSL_read(tls_, bytes, static_cast<int>(count));
      if (got > 0) return got;
      const int error = SSL_get_error(tls_, got);
      if (error == SSL_ERROR_ZERO_RETURN) return 0;
      if (error == SSL_ERROR_WANT_READ && wait(POLLIN, deadline_ms_)) continue;
      if (error == SSL_ERROR_WANT_WRITE && wait(POLLOUT, deadline_ms_)) continue;
      return -1;
    }
    const auto got = recv(descriptor_, bytes, count, MSG_DONTWAIT);
    if (got >= 0) return got;
    if (errno == EINTR) continue;
    if ((errno == EAGAIN || errno == EWOULDBLOCK) && wait(POLLIN, deadline_ms_)) continue;
    return -1;
  }
}

std::ptrdiff_t Connection::read_more(char* bytes, std::size_t count) {
  if (budget_ == 0) {
    overspent_ = true;
    return -1;
  }
  if (at_ == filled_) {
    at_ = filled_ = 0;
    const auto got = receive(buffer_.data(), buffer_.size());
    if (got <= 0) return got;
    filled_ = static_cast<std::size_t>(got);
  }
  const auto taken = std::min({count, filled_ - at_, budget_});
  std::memcpy(bytes, buffer_.data() + at_, taken);
  at_ += taken;
  budget_ -= taken;
  if (is_in_head_) head_.append(bytes, taken);
  return static_cast<std::ptrdiff_t>(taken);
}

std::ptrdiff_t Connection::write(const char* bytes, std::size_t count, std::int64_t timeout_ms) {
  const auto deadline = monotonic_ms() + timeout_ms;
  std::size_t sent = 0;
  while (sent < count) {
    if (tls_ != nullptr) {
      ERR_clear_error();
      const auto rest = std::min<std::size_t>(count - sent, 1 << 20);
      const int put = SSL_write(tls_, bytes + sent, static_cast<int>(rest));
      if (put > 0) {
        sent += static_cast<std::size_t>(put);
        continue;
      }
      const int error = SSL_get_error(tls_, put);
      if (error == SSL_ERROR_WANT_WRITE && wait(POLLOUT, deadline)) continue;
      if (error == SSL_ERROR_WANT_READ && wait(POLLIN, deadline)) continue;
      return -1;
    }
    const auto put = send(descriptor_, bytes + sent, count - sent, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (put > 0) {
      sent += static_cast<std::size_t>(put);
      continue;
    }
    if (put < 0 && errno == EINTR) continue;
    if (put < 0 && (errno == EAGAIN || errno == EWOULDBLOCK) && wait(POLLOUT, deadline)) continue;
    return -1;
  }
  return static_cast<std::ptrdiff_t>(sent);
}

bool Connection::has_buffered() const {
  return at_ < filled_ || (tls_ != nullptr && SSL_pending(tls_) > 0);
}

bool Connection::wait_readable(std::int64_t timeout_ms) {
  if (has_buffered()) return true;
  const bool ready = wait(POLLIN, monotonic_ms() + timeout_ms);
  timed_out_ = false;  // an idle end is no error
  return ready;
}

void Connection::close(bool is_body_pending) {
  if (tls_ != nullptr) SSL_shutdown(tls_);
  shutdown(descriptor_, SHUT_WR);
  if (is_body_pending) {
    const auto deadline = monotonic_ms() + kLingerMs;
    std::size_t drained = 0;
    while (drained < kLingerBytes && wait(POLLIN, deadline)) {
      const auto got = recv(descriptor_, buffer_.data(), buffer_.size(), MSG_DONTWAIT);
      if (got <= 0) break;
      drained += static_cast<std::size_t>(got);
    }
  }
  ::close(descriptor_);
}

}  // namespace tl::server::http
