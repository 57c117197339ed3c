// SPDX-License-Identifier: Apache-2.0
// What a request meets before its handler, and what every answer carries.

#include "server/http/dispatcher.hpp"

#include "server/http/error_reply.hpp"
#include "tests/server/support.hpp"

#include <stdexcept>

using namespace tl::server;
using namespace tl::server::http;
using Headers = std::vector<std::pair<std::string, std::string>>;

namespace {

Config shop_config() {
  Config config;
  config.public_url = "https://t.shop.example";
  SiteConfig site;
  site.id = "demo";
  site.origins = {"https://shop.example", "https://other.test"};
  config.sites.push_back(site);
  return config;
}

struct DispatcherHouse {
  explicit DispatcherHouse(const Config& config = shop_config(), std::uint32_t rate = 0)
      : limiters{RateLimiter::per_second(rate), RateLimiter::per_minute(rate * 3)} {
    std::vector<Route> routes;
    routes.push_back({"GET", "/plain", [](const Request&) { return Reply::text(200, "plain"); }});
    routes.push_back({"POST", "/api/events",
                      [](const Request& request) { return Reply::text(202, request.client_ip); },
                      Cors::any_site, 100});
    routes.back().keep_unread = [this](const Request& request, const ServerError& error) {
      unread.push_back(request.path + " " + error.code);
    };
    routes.push_back({"GET", "/throughline.js",
                      [](const Request&) { return Reply::text(200, "script"); }, Cors::open});
    routes.push_back({"POST", "/lead", [](const Request&) { return Reply::text(200, "taken"); }});
    routes.back().takes_forms = true;
    routes.push_back({"GET", "/throws", [](const Request&) -> Reply {
                        throw std::runtime_error("a secret detail");
                      }});
    dispatcher.emplace(Router(std::move(routes)), config,
                       TrustedProxies::parse({"10.0.0.0/8"}).value(), clock, limiters, metrics,
                       [this](auto, auto, std::string_view what) { bugs.emplace_back(what); });
  }
  Reply send(std::string method, std::string target, Headers headers = {}, std::string body = {}) {
    RawHead head;
    head.method = std::move(method);
    head.target = std::move(target);
    head.version = "HTTP/1.1";
    head.headers.emplace_back("Host", "t.shop.example");
    head.peer = "203.0.113.5";
    for (auto& header : headers) head.headers.push_back(std::move(header));
    auto admission = dispatcher->admit(head);
    if (admission.refusal) return *admission.refusal;
    return dispatcher->answer(admission, std::move(body));
  }
  test::FakeClock clock;
  RateLimiters limiters;
  RequestMetrics metrics;
  std::vector<std::string> bugs, unread;
  std::optional<Dispatcher> dispatcher;
};

std::string header(const Reply& reply, std::string_view name) {
  for (const auto& [key, value] : reply.headers)
    if (key == name) return value;
  return "";
}

std::string code(const Reply& reply) {
  const auto start = reply.body.find("\"code\":\"");
  if (start == std::string::npos) return "";
  return reply.body.substr(start + 8, reply.body.find('"', start + 8) - start - 8);
}

}  // namespace

TEST_CASE("ambiguous framing is refused before anything is read", "[framing]") {
  struct Row {
    Headers headers;
    int status;
    const char* code;
  };
  const auto row = GENERATE(
      Row{{{"Content-Length", "5"}, {"Content-Length", "5"}}, 400, "malformed_request"},
      Row{{{"Content-Length", "5"}, {"Transfer-Encoding", "chunked"}}, 400, "malformed_request"},
      Row{{{"Content-Length", "0"}, {"Transfer-Encoding", "chunked"}}, 400, "malformed_request"},
      Row{{{"Content-Length", "-1"}}, 400, "malformed_request"},
      Row{{{"Content-Length", "+5"}}, 400, "malformed_request"},
      Row{{{"Content-Length", "5, 5"}}, 400, "malformed_request"},
      Row{{{"Content-Length", "%35"}}, 400, "malformed_request"},
      Row{{{"Content-Length", "0x5"}}, 400, "malformed_request"},
      Row{{{"Content-Length", "99999999999999999999999"}}, 400, "malformed_request"},
      Row{{{"Content-Length", "101"}}, 413, "body_too_large"},
      Row{{{"Content-Length", "9223372036854775807"}}, 413, "body_too_large"},
      Row{{{"Transfer-Encoding", "gzip, chunked"}}, 501, "unsupported_transfer_encoding"},
      Row{{{"Transfer-Encoding", "chunk%65d"}}, 501, "unsupported_transfer_encoding"},
      Row{{{"Content-Encoding", "gzip"}}, 415, "unsupported_encoding"},
      Row{{{"Content-Encoding", "br"}}, 415, "unsupported_encoding"},
      Row{{{"Host", "second.example"}}, 400, "malformed_request"});
  DispatcherHouse house;
  const auto reply = house.send("POST", "/api/events", row.headers);
  CHECK(reply.status == row.status);
  CHECK(code(reply) == row.code);
  CHECK(header(reply, "X-Throughline") == row.code);
  CHECK(house.unread == std::vector<std::string>{"/api/events " + std::string(row.code)});
}

TEST_CASE("evidence that is taken, or asks for anything else, is not counted as unread",
          "[framing]") {
  DispatcherHouse house;
  house.send("POST", "/api/events", {{"Content-Length", "100"}}, std::string(100, 'x'));
  house.send("OPTIONS", "/api/events", {{"Access-Control-Request-Method", "POST"}});
  house.send("GET", "/plain", {{"Content-Encoding", "gzip"}});
  house.send("GET", "/api/events");
  CHECK(house.unread.empty());
}

TEST_CASE("evidence whose head broke off is counted where its route was told", "[framing]") {
  DispatcherHouse house;
  for (const auto* target : {"/api/events", "/plain", ""}) {
    RawHead head;
    head.method = "POST";
    head.target = target;
    head.peer = "203.0.113.5";
    auto reply = refusal(408, "request_timeout", "late");
    house.dispatcher->refuse(house.dispatcher->unreadable(head), reply);
    CHECK(header(reply, "X-Throughline") == "request_timeout");
  }
  CHECK(house.unread == std::vector<std::string>{"/api/events request_timeout"});
}

TEST_CASE("header lines keep their order, case and bytes", "[framing]") {
  bool is_sound = false;
  const auto headers = parse_header_lines(
      "GET / HTTP/1.1\r\nX-A: 1%0d%0aX-B: 2\r\nx-a:  two \r\nEmpty:\r\n\r\n", is_sound);
  CHECK(is_sound);
  CHECK(headers == Headers{{"X-A", "1%0d%0aX-B: 2"}, {"x-a", "two"}, {"Empty", ""}});
}

TEST_CASE("malformed header lines are noticed", "[framing]") {
  const auto line = GENERATE("no colon", " folded: x", "a b: x", ": x", "a: b\nc: d", "a\t: b");
  bool is_sound = true;
  parse_header_lines("GET / HTTP/1.1\r\n" + std::string(line) + "\r\n\r\n", is_sound);
  INFO(line);
  CHECK_FALSE(is_sound);
}

TEST_CASE("a page of a listed origin may read the answer", "[cors]") {
  DispatcherHouse house;
  const auto own = house.send("POST", "/api/events", {{"Origin", "https://shop.example"}});
  CHECK(header(own, "Access-Control-Allow-Origin") == "https://shop.example");
  CHECK(header(own, "Access-Control-Allow-Credentials") == "true");
  CHECK(header(own, "Vary") == "Origin");

  const auto other = house.send("POST", "/api/events", {{"Origin", "https://other.test"}});
  CHECK(header(other, "Access-Control-Allow-Origin") == "https://other.test");
  CHECK(header(other, "Access-Control-Allow-Credentials").empty());

  const auto stranger =
      house.send("POST", "/api/events", {{"Origin", "https://shop.example.evil"}});
  CHECK(header(stranger, "Access-Control-Allow-Origin").empty());
  CHECK(
      header(house.send("POST", "/api/events", {{"Origin", "null"}}), "Access-Control-Allow-Origin")
          .empty());
}

TEST_CASE("a site for tests lets every origin in, without cookies", "[cors]") {
  auto config = shop_config();
  config.sites[0].origins = {"*"};
  DispatcherHouse house(config);
  const auto reply = house.send("POST", "/api/events", {{"Origin", "https://any.test"}});
  CHECK(header(reply, "Access-Control-Allow-Origin") == "*");
  CHECK(header(reply, "Access-Control-Allow-Credentials").empty());
  const auto own = house.send("POST", "/api/events", {{"Origin", "https://www.shop.example"}});
  CHECK(header(own, "Access-Control-Allow-Origin") == "https://www.shop.example");
}

TEST_CASE("a preflight is answered for the route that follows", "[cors]") {
  DispatcherHouse house;
  const auto yes =
      house.send("OPTIONS", "/api/events",
                 {{"Origin", "https://shop.example"}, {"Access-Control-Request-Method", "POST"}});
  CHECK(yes.status == 204);
  CHECK(header(yes, "Access-Control-Allow-Methods") == "POST, OPTIONS");
  CHECK(header(yes, "Access-Control-Allow-Credentials") == "true");

  const auto no =
      house.send("OPTIONS", "/plain",
                 {{"Origin", "https://shop.example"}, {"Access-Control-Request-Method", "GET"}});
  CHECK(no.status == 204);
  CHECK(header(no, "Access-Control-Allow-Origin").empty());
}

TEST_CASE("the script may be loaded from anywhere, never with cookies", "[cors]") {
  DispatcherHouse house;
  const auto reply = house.send("GET", "/throughline.js", {{"Origin", "https://any.test"}});
  CHECK(header(reply, "Access-Control-Allow-Origin") == "*");
  CHECK(header(reply, "Access-Control-Allow-Credentials").empty());
  CHECK(header(reply, "Cross-Origin-Resource-Policy") == "cross-origin");
}

TEST_CASE("every answer carries an id and the protective headers", "[headers]") {
  DispatcherHouse house;
  for (const auto* target : {"/plain", "/nothing", "/throws"}) {
    const auto reply = house.send("GET", target);
    CHECK_FALSE(header(reply, "X-Request-Id").empty());
    CHECK(header(reply, "X-Content-Type-Options") == "nosniff");
    CHECK(header(reply, "X-Frame-Options") == "DENY");
    CHECK_FALSE(header(reply, "Content-Security-Policy").empty());
    CHECK(header(reply, "Strict-Transport-Security").empty());
  }
}

TEST_CASE("a sane request id is taken over, another one replaced", "[headers]") {
  DispatcherHouse house;
  CHECK(header(house.send("GET", "/plain", {{"X-Request-Id", "abc-123_4.5"}}), "X-Request-Id") ==
        "abc-123_4.5");
  for (const auto* odd : {"short", "with blank", "<script>alert(1)</script>", ""})
    CHECK(header(house.send("GET", "/plain", {{"X-Request-Id", odd}}), "X-Request-Id") != odd);
}

TEST_CASE("an unknown route and a wrong method explain themselves", "[routes]") {
  DispatcherHouse house;
  const auto unknown = house.send("GET", "/nope");
  CHECK(unknown.status == 404);
  CHECK(code(unknown) == "unknown_route");
  const auto wrong = house.send("PUT", "/plain");
  CHECK(wrong.status == 405);
  CHECK(code(wrong) == "method_not_allowed");
  CHECK(header(wrong, "Allow") == "GET, HEAD, OPTIONS");
  for (const auto& body :
       {Headers{{"Content-Length", "3"}}, Headers{{"Transfer-Encoding", "chunked"}}}) {
    const auto full = house.send("GET", "/plain", body);
    CHECK(full.status == 400);
    CHECK(code(full) == "unexpected_body");
  }
}

TEST_CASE("a throwing handler is a bug that stays inside", "[errors]") {
  DispatcherHouse house;
  const auto reply = house.send("GET", "/throws");
  CHECK(reply.status == 500);
  CHECK(code(reply) == "internal_error");
  CHECK(reply.body.find("secret detail") == std::string::npos);
  REQUIRE(house.bugs.size() == 1);
  CHECK(house.bugs[0].find("runtime_error") != std::string::npos);
  CHECK(house.bugs[0].find("secret detail") == std::string::npos);
}

TEST_CASE("too many requests of one address are told when to come back", "[rate]") {
  DispatcherHouse house(shop_config(), 1);
  for (int i = 0; i < 10; ++i) REQUIRE(house.send("GET", "/plain").status == 200);
  const auto reply = house.send("GET", "/plain");
  CHECK(reply.status == 429);
  CHECK(code(reply) == "rate_limited");
  CHECK(header(reply, "Retry-After") == "1");
}

TEST_CASE("forms of one address have a limit of their own, servers with a key have none",
          "[rate]") {
  DispatcherHouse house(shop_config(), 2);
  for (int i = 0; i < 6; ++i) REQUIRE(house.send("POST", "/lead").status == 200);
  const auto reply = house.send("POST", "/lead");
  CHECK(reply.status == 429);
  CHECK(header(reply, "Retry-After") == "10");
  CHECK(house.send("GET", "/plain").status == 200);
  CHECK(house.send("POST", "/lead", {{"Authorization", "Bearer sk"}}).status == 200);
  CHECK(house.send("POST", "/lead", {{"X-Throughline-Key", "tlsk_1_a"}}).status == 200);
  CHECK(house.send("POST", "/lead", {{"X-Throughline-Key", "wk_demo"}}).status == 429);
  house.clock.advance(10'000);
  CHECK(house.send("POST", "/lead").status == 200);
  CHECK(house.send("POST", "/lead").status == 429);
}

TEST_CASE("evidence of an address that sends too much is counted", "[rate]") {
  DispatcherHouse house(shop_config(), 1);
  for (int i = 0; i < 10; ++i) REQUIRE(house.send("POST", "/api/events").status == 202);
  const auto reply = house.send("POST", "/api/events");
  CHECK(header(reply, "X-Throughline") == "rate_limited");
  CHECK(house.unread == std::vector<std::string>{"/api/events rate_limited"});
}

TEST_CASE("an address that sends too much is told so however it frames its requests", "[rate]") {
  DispatcherHouse house(shop_config(), 1);
  for (int i = 0; i < 10; ++i)
    REQUIRE(house.send("POST", "/api/events", {{"Content-Encoding", "gzip"}}).status == 415);
  const Headers two = {{"Content-Length", "1"}, {"Content-Length", "2"}};
  CHECK(house.send("POST", "/api/events", two).status == 429);
  RawHead unread;
  unread.method = "POST";
  unread.target = "/api/events";
  unread.peer = "203.0.113.5";
  const auto refusal = house.dispatcher->unreadable(unread).refusal;
  REQUIRE(refusal.has_value());
  CHECK(refusal->status == 429);
}

TEST_CASE("answers are counted by route and status", "[metrics]") {
  DispatcherHouse house;
  house.send("GET", "/plain");
  house.send("GET", "/plain");
  house.send("GET", "/nope");
  std::string out;
  house.metrics.write(out);
  CHECK(out.find("{method=\"GET\",route=\"/plain\",status=\"200\"} 2\n") != std::string::npos);
  CHECK(out.find("{method=\"*\",route=\"(none)\",status=\"404\"} 1\n") != std::string::npos);
  CHECK(out.find("route=\"/plain\",le=\"+Inf\"} 2\n") != std::string::npos);
}

TEST_CASE("cookies and headers are found as browsers send them", "[request]") {
  Request request;
  request.headers = {{"COOKIE", "a=1; tl_aid=xyz ;b=2"}, {"Cookie", "c==3"}};
  CHECK(request.cookie("tl_aid") == "xyz");
  CHECK(request.cookie("c") == "=3");
  CHECK(request.cookie("aid").empty());
  CHECK(request.header("cookie") == "a=1; tl_aid=xyz ;b=2");
}
