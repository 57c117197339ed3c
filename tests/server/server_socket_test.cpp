// SPDX-License-Identifier: Apache-2.0
// The server on a real socket: malformed bytes, slow and idle clients, floods. After each of them
// it must still answer. Inputs named after the library's past advisories are in the tables.

#include "tests/server/loopback_server.hpp"

using namespace tl::server;
using namespace tl::server::http;
using namespace tl::server::test;

namespace {

std::string status_line(const std::string& answer) {
  return answer.substr(0, 12);
}

std::string post(const std::string& headers, const std::string& body) {
  return "POST /echo HTTP/1.1\r\nHost: h\r\n" + headers + "\r\n" + body;
}

}  // namespace

TEST_CASE("requests on one connection are answered in order", "[socket]") {
  const RunningServer running;
  ByteClient client(running.server.port());
  client.send(post("Content-Length: 3\r\nX-A: 1%0d%0a2\r\n", "one") +
              "GET /ok HTTP/1.1\r\nHost: h\r\n\r\nHEAD /ok HTTP/1.1\r\nHost: h\r\nConnection: "
              "close\r\n\r\n");
  const auto all = client.read_all();
  CHECK(all.find("one|1%0d%0a2") != std::string::npos);  // values are not decoded
  CHECK(all.find("one|") < all.find("fine"));
  CHECK(all.rfind("fine") == all.find("fine"));  // HEAD has no body
  CHECK(all.find("Content-Length: 4", all.find("fine")) != std::string::npos);
  CHECK(client.was_closed());
}

TEST_CASE("hostile requests get a status of their own and the server stays up", "[socket]") {
  struct Row {
    const char* name;
    std::string bytes;
    const char* status;
    const char* code = "malformed_request";
  };
  const auto row = GENERATE(
      Row{"no HTTP", std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\r\n\r\n", 13),
          "HTTP/1.1 400"},
      Row{"garbage", std::string(3000, '\xff') + "\r\n\r\n", "HTTP/1.1 400"},
      Row{"unknown method", "BREW /ok HTTP/1.1\r\nHost: h\r\n\r\n", "HTTP/1.1 400"},
      Row{"unknown version", "GET /ok HTTP/3.7\r\nHost: h\r\n\r\n", "HTTP/1.1 400"},
      Row{"no host", "GET /ok HTTP/1.1\r\n\r\n", "HTTP/1.1 400"},
      Row{"long target", "GET /" + std::string(9000, 'a') + " HTTP/1.1\r\nHost: h\r\n\r\n",
          "HTTP/1.1 414", "uri_too_long"},
      Row{"long header", "GET /ok HTTP/1.1\r\nHost: h\r\nX: " + std::string(9000, 'a') + "\r\n\r\n",
          "HTTP/1.1 431", "head_too_large"},
      Row{"a header line of the longest length",
          "GET /ok HTTP/1.1\r\nHost: h\r\nConnection: close\r\nX: " + std::string(8187, 'a') +
              "\r\n\r\n",
          "HTTP/1.1 200", ""},
      Row{"a header line one longer",
          "GET /ok HTTP/1.1\r\nHost: h\r\nX: " + std::string(8188, 'a') + "\r\n\r\n",
          "HTTP/1.1 431", "head_too_large"},
      Row{"large headers",
          "GET /ok HTTP/1.1\r\nHost: h\r\n" +
              [] {
                std::string lines;
                for (int i = 0; i < 9; ++i) lines += "X: " + std::string(8000, 'a') + "\r\n";
                return lines;
              }(),
          "HTTP/1.1 431", "head_too_large"},
      Row{"endless head",
          "GET /ok HTTP/1.1\r\nHost: h\r\n" +
              [] {
                std::string lines;
                for (int i = 0; i < 20'000; ++i) lines += "X-" + std::to_string(i) + ": y\r\n";
                return lines;
              }(),
          "HTTP/1.1 431", "head_too_large"},
      Row{"negative length", post("Content-Length: -1\r\n", ""), "HTTP/1.1 400"},
      Row{"two lengths", post("Content-Length: 3\r\nContent-Length: 4\r\n", "abcd"),
          "HTTP/1.1 400"},
      Row{"length and chunked",
          post("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), "HTTP/1.1 400"},
      Row{"percent-encoded chunked", post("Transfer-Encoding: chunk%65d\r\n", "3\r\nabc\r\n"),
          "HTTP/1.1 501", "unsupported_transfer_encoding"},
      Row{"huge chunk", post("Transfer-Encoding: chunked\r\n", "FFFFFFFFFFFFFFFF\r\nabc"),
          "HTTP/1.1 400"},
      Row{"almost huge chunk",
          post("Transfer-Encoding: chunked\r\n", "7FFFFFFFFFFFFFFF\r\n" + std::string(5000, 'x')),
          "HTTP/1.1 413", "body_too_large"},
      Row{"negative chunk", post("Transfer-Encoding: chunked\r\n", "-1\r\nabc\r\n0\r\n\r\n"),
          "HTTP/1.1 400"},
      Row{"chunk size with a sign",
          post("Transfer-Encoding: chunked\r\n", "+3\r\nabc\r\n0\r\n\r\n"), "HTTP/1.1 400"},
      Row{"chunk size with 0x", post("Transfer-Encoding: chunked\r\n", "0x3\r\nabc\r\n0\r\n\r\n"),
          "HTTP/1.1 400"},
      Row{"chunk size with text behind",
          post("Transfer-Encoding: chunked\r\n", "3 apples\r\nabc\r\n0\r\n\r\n"), "HTTP/1.1 400"},
      Row{"chunk size ended by a bare line feed",
          post("Transfer-Encoding: chunked\r\n", "3\nabc\r\n0\r\n\r\n"), "HTTP/1.1 400"},
      Row{"chunk without size", post("Transfer-Encoding: chunked\r\n", "zz\r\n"), "HTTP/1.1 400"},
      Row{"many chunks over the limit",
          post("Transfer-Encoding: chunked\r\n",
               [] {
                 std::string chunks;
                 for (int i = 0; i < 300; ++i) chunks += "5\r\nabcde\r\n";
                 return chunks + "0\r\n\r\n";
               }()),
          "HTTP/1.1 413", "body_too_large"},
      Row{"declared too large", post("Content-Length: 1000000000\r\n", "x"), "HTTP/1.1 413",
          "body_too_large"},
      Row{"gzip bomb", post("Content-Encoding: gzip\r\nContent-Length: 3\r\n", "\x1f\x8b\x08"),
          "HTTP/1.1 415", "unsupported_encoding"},
      Row{"many ranges",
          "GET /big HTTP/1.1\r\nHost: h\r\nConnection: close\r\nRange: bytes=" +
              [] {
                std::string ranges = "0-1";
                for (int i = 0; i < 500; ++i) ranges += ",0-" + std::to_string(i);
                return ranges;
              }() +
              "\r\n\r\n",
          "HTTP/1.1 200", ""},
      Row{"websocket upgrade",
          "GET /ok HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: close\r\n"
          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
          "HTTP/1.1 200", ""},
      Row{"body on GET", "GET /ok HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nbody",
          "HTTP/1.1 400", "unexpected_body"},
      Row{"nul in path", "GET /ok%00 HTTP/1.1\r\nHost: h\r\n\r\n", "HTTP/1.1 400"});
  const RunningServer running;
  const auto answer = running.ask(row.bytes);
  INFO(row.name);
  INFO(answer.substr(0, 400));
  CHECK(status_line(answer) == row.status);
  CHECK((answer.find("\"code\":\"" + std::string(row.code) + "\"") != answer.npos) ==
        (*row.code != '\0'));
  CHECK((answer.find("\r\nX-Throughline: " + std::string(row.code) + "\r\n") != answer.npos) ==
        (*row.code != '\0'));
  CHECK(running.is_alive());
}

TEST_CASE("a streamed body that breaks off is cut, so that it does not pass for whole",
          "[socket]") {
  const RunningServer running;
  const std::string end = "\r\n0\r\n\r\n";
  ByteClient whole(running.server.port()), broken(running.server.port());
  whole.send("GET /streamed HTTP/1.1\r\nHost: h\r\n\r\n");
  CHECK(whole.read_until(end).ends_with("first part" + end));
  CHECK_FALSE(whole.was_closed());
  broken.send("GET /broken HTTP/1.1\r\nHost: h\r\n\r\n");
  CHECK(broken.read_until(end).ends_with("first part\r\n"));
  CHECK(broken.was_closed());
}

TEST_CASE("a multipart body is bytes like any other", "[socket]") {
  const RunningServer running;
  std::string parts;
  for (int i = 0; i < 50; ++i) parts += "--b\r\n\r\n\r\n";
  const auto answer =
      running.ask(post("Connection: close\r\nContent-Type: multipart/form-data; "
                       "boundary=b\r\nContent-Length: " +
                           std::to_string(parts.size()) + "\r\n",
                       parts));
  CHECK(status_line(answer) == "HTTP/1.1 200");
  CHECK(answer.find(parts) != std::string::npos);
}

TEST_CASE("a chunked body is put together", "[socket]") {
  const RunningServer running;
  const auto answer = running.ask(post("Connection: close\r\nTransfer-Encoding: chunked\r\n",
                                       "2\r\nab\r\n3\r\ncde\r\n0\r\n\r\n"));
  CHECK(answer.find("abcde|") != std::string::npos);
}

TEST_CASE("a client that asks before sending is told to go on, or not", "[socket]") {
  const RunningServer running;
  ByteClient yes(running.server.port());
  yes.send(post("Connection: close\r\nExpect: 100-continue\r\nContent-Length: 2\r\n", ""));
  CHECK(yes.read_until("100 Continue").find("HTTP/1.1 100") == 0);
  yes.send("hi");
  CHECK(yes.read_all().find("hi|") != std::string::npos);

  const auto no = running.ask(post("Expect: 100-continue\r\nContent-Length: 5000\r\n", ""));
  CHECK(status_line(no) == "HTTP/1.1 413");
  CHECK(no.find("100 Continue") == std::string::npos);
  CHECK(no.find("body_too_large") != std::string::npos);
}

TEST_CASE("a handler cannot inject a header line", "[socket]") {
  const RunningServer running;
  const auto answer = running.ask("GET /split HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  CHECK(answer.find("Injected") == std::string::npos);
}

TEST_CASE("slow senders are cut off by one deadline for the whole head", "[socket]") {
  const RunningServer running;
  ByteClient client(running.server.port());
  const auto start = std::chrono::steady_clock::now();
  client.send("GET /ok HTTP/1.1\r\n");
  std::string answer;
  for (int i = 0; i < 40 && answer.empty() && !client.was_closed(); ++i) {
    client.send("X-" + std::to_string(i) + ": y\r\n");
    answer = client.read_until("\r\n", 50);
  }
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(2));
  CHECK(status_line(answer) == "HTTP/1.1 408");
}

TEST_CASE("what never comes ends in 408", "[socket]") {
  const RunningServer running;
  for (const auto& begun :
       {std::string("GET /ok HTTP/1.1\r\nHost: h\r\n"), post("Content-Length: 10\r\n", "abc")}) {
    const auto answer = running.ask(begun);
    CHECK(status_line(answer) == "HTTP/1.1 408");
    CHECK(answer.find("\"code\":\"request_timeout\"") != answer.npos);
    CHECK(answer.find("\r\nX-Throughline: request_timeout\r\n") != answer.npos);
  }
}

TEST_CASE("idle connections make room for new ones", "[socket]") {
  const RunningServer running(quick(16));
  std::vector<std::unique_ptr<ByteClient>> idle;
  for (int i = 0; i < 60; ++i) {
    idle.push_back(std::make_unique<ByteClient>(running.server.port()));
    if (i % 2 == 0) idle.back()->send("GET /ok HTTP/1.1\r\nHost: h\r\n\r\n");
  }
  const auto start = std::chrono::steady_clock::now();
  CHECK(running.is_alive());
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(2));
  CHECK(running.server.connections().open <= 16);
}

TEST_CASE("slow clients do not delay others", "[socket]") {
  const RunningServer running(quick(128));
  std::vector<std::unique_ptr<ByteClient>> slow;
  for (int i = 0; i < 60; ++i) {
    slow.push_back(std::make_unique<ByteClient>(running.server.port()));
    slow.back()->send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Le");
  }
  CHECK(running.is_alive());
}

TEST_CASE("stopping finishes the running request and refuses new ones", "[socket]") {
  RunningServer running;
  ByteClient busy(running.server.port()), idle(running.server.port());
  busy.send("GET /slow HTTP/1.1\r\nHost: h\r\n\r\n");
  const auto start = std::chrono::steady_clock::now();
  while (!running.is_in_slow && std::chrono::steady_clock::now() - start < std::chrono::seconds(10))
    std::this_thread::yield();
  REQUIRE(running.is_in_slow);
  const int port = running.server.port();
  const auto start_of_stop = std::chrono::steady_clock::now();
  running.stop();
  CHECK(std::chrono::steady_clock::now() - start_of_stop < std::chrono::seconds(3));
  CHECK(busy.read_all().find("slow but done") != std::string::npos);
  CHECK(idle.read_all(1000).empty());
  CHECK_FALSE(ByteClient(port).is_open());
}

TEST_CASE("a taken address is told in words", "[socket]") {
  const RunningServer running;
  const std::string host = GENERATE("127.0.0.1", "192.0.2.1");  // a server of ours; not ours
  ServerOptions options = quick();
  options.host = host;
  options.port = running.server.port();
  Server second(options);
  const auto bound = second.bind();
  REQUIRE_FALSE(bound.ok());
  CHECK(bound.error().code == "address_in_use");
  CHECK(bound.error().detail.find(host) != std::string::npos);
}

TEST_CASE("a port is free again as soon as its server ends", "[socket]") {
  int port = 0;
  {
    const RunningServer running;
    port = running.server.port();
    CHECK(running.is_alive());  // leaves a connection behind that the kernel still remembers
  }
  ServerOptions options = quick();
  options.port = port;
  Server next(options);
  CHECK(next.bind().ok());
}
