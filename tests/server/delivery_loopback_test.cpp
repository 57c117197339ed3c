// SPDX-License-Identifier: Apache-2.0
// The real client against a vendor on loopback: a clear answer, a connection that is cut after the
// request (ambiguous), and a port where nobody listens (not sent).
#include "server/http/outgoing_client.hpp"
#include "tests/server/delivery_support.hpp"

#include <atomic>
#include <chrono>
#include <netinet/in.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

using namespace tl;
using namespace tl::server;
using namespace tl::server::test;

namespace {

// Reads one request a connection and answers with the given bytes; empty: hangs up.
class Vendor {
 public:
  // With a pause the answer comes byte by byte.
  explicit Vendor(std::string bytes, std::chrono::milliseconds pause = {})
      : bytes_(std::move(bytes)), pause_(pause) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    REQUIRE(::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) == 0);
    REQUIRE(::listen(listener_, 8) == 0);
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~Vendor() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }
  int port = 0;
  std::atomic<int> served = 0;
  std::string received;  // read after the answer

 private:
  void serve() {
    for (;;) {
      const int peer = ::accept(listener_, nullptr, nullptr);
      if (peer < 0) return;
      received = read_request(peer);
      ++served;  // before the answer, after which it is read
      const std::size_t step = pause_.count() > 0 ? 1 : bytes_.size();
      for (std::size_t at = 0; at < bytes_.size(); at += step) {
        if (::send(peer, bytes_.data() + at, step, MSG_NOSIGNAL) < 0) break;
        std::this_thread::sleep_for(pause_);
      }
      ::close(peer);
    }
  }
  static std::string read_request(int peer) {
    std::string text;
    char bytes[4096];
    for (;;) {
      const auto got = ::recv(peer, bytes, sizeof bytes, 0);
      if (got <= 0) return text;
      text.append(bytes, static_cast<std::size_t>(got));
      const auto head = text.find("\r\n\r\n");
      const auto length = text.find("Content-Length: ");
      if (head == text.npos || length == text.npos) continue;
      if (text.size() - head - 4 >= std::stoul(text.substr(length + 16))) return text;
    }
  }

  int listener_ = ::socket(AF_INET, SOCK_STREAM, 0);
  std::string bytes_;
  std::chrono::milliseconds pause_;
  std::thread thread_;
};

DeliveryRow delivered_through(DeliveryWorld& world, int port) {
  world.site.destinations[1].settings["base_url"] = "http://127.0.0.1:" + std::to_string(port);
  http::OutgoingClient client(true);
  OutboxParts parts{*world.store,
                    client,
                    world.store.clock,
                    world.store.entropy,
                    world.parts.find_site,
                    world.parts.find_destination,
                    {}};
  const auto event = world.tell();
  DeliveryLane lane(parts, "demo", "posthog");
  REQUIRE(world.run(lane));
  return world.row(event.id, "posthog");
}

}  // namespace

TEST_CASE("a delivery crosses a real connection", "[outbox][socket]") {
  DeliveryWorld world;
  Vendor vendor(
      "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 15\r\n"
      "Connection: close\r\n\r\n{\"status\":\"Ok\"}");

  const auto row = delivered_through(world, vendor.port);

  CHECK(row.state == DeliveryState::delivered);
  CHECK(vendor.served == 1);
  CHECK(vendor.received.starts_with("POST /batch/ HTTP/1.1\r\n"));
  CHECK(vendor.received.find("phc_key") != std::string::npos);
}

TEST_CASE("a connection that is cut after the request is ambiguous", "[outbox][socket]") {
  DeliveryWorld world;
  Vendor vendor("");

  const auto row = delivered_through(world, vendor.port);

  CHECK(row.state == DeliveryState::failed);
  CHECK(row.ambiguous);
  CHECK(vendor.served == 1);
}

TEST_CASE("an answer without a body has its status", "[outbox][socket]") {
  Vendor vendor("HTTP/1.1 204 No Content\r\nX-Request: 7\r\nConnection: close\r\n\r\n");
  http::OutgoingClient client(true);
  OutgoingRequest request;
  request.url = "http://127.0.0.1:" + std::to_string(vendor.port) + "/mp/collect";
  request.body = "{}";

  const auto answer = client.send(request);

  CHECK(answer.reached == OutgoingAnswer::Reached::answered);
  CHECK(answer.status == 204);
  CHECK(answer.headers.at("x-request") == "7");
}

TEST_CASE("an answer that trickles in is given up at the request's limit", "[outbox][socket]") {
  Vendor vendor("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n",
                std::chrono::milliseconds(40));
  http::OutgoingClient client(true);
  OutgoingRequest request;
  request.url = "http://127.0.0.1:" + std::to_string(vendor.port) + "/";
  request.body = "{}";
  request.timeout_ms = 300;

  CHECK(client.send(request).reached == OutgoingAnswer::Reached::unknown);
}

TEST_CASE("a stopping server gives up what is not answered", "[outbox][socket]") {
  Vendor vendor("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", std::chrono::milliseconds(300));
  http::OutgoingClient client(/*allow_private=*/true);
  OutgoingRequest request;
  request.url = "http://127.0.0.1:" + std::to_string(vendor.port) + "/";
  request.body = "{}";
  request.timeout_ms = 20'000;
  std::thread stopping([&] {
    while (vendor.served == 0) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    client.abandon();
  });
  const auto began = std::chrono::steady_clock::now();
  CHECK(client.send(request).reached == OutgoingAnswer::Reached::unknown);
  CHECK(std::chrono::steady_clock::now() - began < std::chrono::seconds(5));
  stopping.join();
  CHECK(client.send(request).reached == OutgoingAnswer::Reached::not_sent);
  CHECK(vendor.served == 1);
}

TEST_CASE("a redirect is not followed, wherever it leads", "[outbox][socket]") {
  DeliveryWorld world;
  Vendor elsewhere(
      "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 15\r\n\r\n"
      "{\"status\":\"Ok\"}");
  Vendor vendor("HTTP/1.1 307 Temporary Redirect\r\nLocation: http://127.0.0.1:" +
                std::to_string(elsewhere.port) +
                "/batch/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");

  const auto row = delivered_through(world, vendor.port);

  CHECK(row.state == DeliveryState::failed);
  CHECK(row.last_status == 307);
  CHECK(elsewhere.served == 0);
}

TEST_CASE("a port where nobody listens was never told anything", "[outbox][socket]") {
  DeliveryWorld world;
  int port = 0;
  {
    Vendor gone("x");
    port = gone.port;
  }

  const auto row = delivered_through(world, port);

  CHECK(row.state == DeliveryState::failed);
  CHECK_FALSE(row.ambiguous);
}
