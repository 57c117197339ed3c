// SPDX-License-Identifier: Apache-2.0
// The HTTP server on a real socket with a few routes, impatient, and a client that sends bytes as
// they are.
#pragma once

#include "server/http/server.hpp"
#include "tests/server/support.hpp"

#include <arpa/inet.h>
#include <atomic>
#include <chrono>
#include <netinet/in.h>
#include <poll.h>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

namespace tl::server::test {

class ByteClient {
 public:
  explicit ByteClient(int port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    is_open_ = ::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  }
  ~ByteClient() { ::close(socket_); }
  ByteClient(const ByteClient&) = delete;
  ByteClient& operator=(const ByteClient&) = delete;

  bool send(std::string_view bytes) {
    return ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
           static_cast<ssize_t>(bytes.size());
  }
  // Everything until `enough` is in it, the peer closes, or the time is over.
  std::string read_until(std::string_view enough, int timeout_ms = 5000) {
    std::string all;
    const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(timeout_ms);
    while (all.find(enough) == std::string::npos) {
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
          end - std::chrono::steady_clock::now());
      pollfd entry{socket_, POLLIN, 0};
      if (left.count() <= 0 || ::poll(&entry, 1, static_cast<int>(left.count())) <= 0) break;
      char bytes[4096];
      const auto got = ::recv(socket_, bytes, sizeof bytes, 0);
      if (got <= 0) {
        was_closed_ = true;
        break;
      }
      all.append(bytes, static_cast<std::size_t>(got));
    }
    return all;
  }
  std::string read_all(int timeout_ms = 5000) { return read_until("\x01never\x01", timeout_ms); }
  [[nodiscard]] bool was_closed() const { return was_closed_; }
  [[nodiscard]] bool is_open() const { return is_open_; }

 private:
  int socket_;
  bool is_open_ = false, was_closed_ = false;
};

inline http::ServerOptions quick(std::size_t connections = 64) {
  http::ServerOptions options;
  options.max_connections = connections;
  options.head_timeout_ms = 400;
  options.body_timeout_ms = 400;
  options.write_timeout_ms = 1000;
  return options;
}

struct RunningServer {
  explicit RunningServer(http::ServerOptions options = quick()) : server(options) {
    std::vector<http::Route> routes;
    routes.push_back({"GET", "/ok", [this](const http::Request&) {
                        ++served;
                        return http::Reply::text(200, "fine");
                      }});
    routes.push_back({"GET", "/away", [this](const http::Request&) {
                        return http::Reply::text(302, "").header("Location", away);
                      }});
    routes.push_back({"GET", "/slow", [this](const http::Request&) {
                        is_in_slow = true;
                        std::this_thread::sleep_for(std::chrono::milliseconds(300));
                        return http::Reply::text(200, "slow but done");
                      }});
    routes.push_back({"POST", "/echo",
                      [](const http::Request& request) {
                        return http::Reply::text(
                            200, request.body + "|" + std::string(request.header("x-a")));
                      },
                      http::Cors::none, 1000});
    routes.push_back({"GET", "/split", [](const http::Request&) {
                        return http::Reply::text(200, "x").header("X-Bad", "a\r\nInjected: yes");
                      }});
    routes.push_back({"GET", "/big", [](const http::Request&) {
                        return http::Reply::text(200, std::string(200'000, 'b'));
                      }});
    for (const bool is_whole : {true, false})
      routes.push_back({"GET", is_whole ? "/streamed" : "/broken", [=](const http::Request&) {
                          auto reply = http::Reply::text(200, "");
                          reply.stream = [=](const http::StreamWriter& write) {
                            return write("first part") && is_whole;
                          };
                          return reply;
                        }});
    server.set_dispatcher(std::make_shared<http::Dispatcher>(
        http::Router(std::move(routes)), Config{}, http::TrustedProxies{}, clock, limiters, metrics,
        [](auto, auto, auto) {}));
    require_ok(server.bind());
    thread = std::thread([this] { server.run(); });
  }
  ~RunningServer() {
    if (thread.joinable()) stop();
  }
  void stop() {
    server.stop();
    thread.join();
  }
  std::string ask(std::string_view request) const {
    ByteClient client(server.port());
    client.send(request);
    return client.read_all(3000);
  }
  [[nodiscard]] bool is_alive() const {
    return ask("GET /ok HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n").find("fine") !=
           std::string::npos;
  }

  FakeClock clock;
  http::Server server;
  http::RateLimiters limiters{http::RateLimiter::per_second(0), http::RateLimiter::per_minute(0)};
  http::RequestMetrics metrics;
  std::string away;            // where /away leads
  std::atomic<int> served{0};  // of /ok
  std::atomic<bool> is_in_slow{false};
  std::thread thread;
};

}  // namespace tl::server::test
