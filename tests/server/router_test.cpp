// SPDX-License-Identifier: Apache-2.0
// Routes, request targets and the one table of error statuses.

#include "server/http/router.hpp"

#include "server/http/error_reply.hpp"
#include "server/http/request_target.hpp"
#include "tests/catch.hpp"

using namespace tl::server;
using namespace tl::server::http;

namespace {

Route route(std::string method, std::string pattern) {
  Route made;
  made.method = std::move(method);
  made.pattern = std::move(pattern);
  made.handler = [](const Request&) { return Reply::text(200, "ok"); };
  return made;
}

Router::Match find(const Router& router, std::string_view method, std::string_view path) {
  RequestTarget target;
  REQUIRE(parse_target(path, target));
  return router.find(method, target.segments);
}

}  // namespace

TEST_CASE("a literal segment wins over a parameter, and a dead end falls back to it", "[router]") {
  std::vector<Route> routes;
  routes.push_back(route("GET", "/api/sessions/{id}"));
  routes.push_back(route("GET", "/api/sessions/latest"));
  routes.push_back(route("POST", "/api/{kind}/x/{id}"));
  const Router router(std::move(routes));

  CHECK(find(router, "GET", "/api/sessions/latest").route->pattern == "/api/sessions/latest");
  CHECK(find(router, "GET", "/api/sessions/42").params.at("id") == "42");
  const auto back = find(router, "POST", "/api/sessions/x/7");
  REQUIRE(back.route != nullptr);
  CHECK(back.params == std::map<std::string, std::string>{{"kind", "sessions"}, {"id", "7"}});
}

TEST_CASE("an unknown path allows nothing, an unknown method says what works", "[router]") {
  std::vector<Route> routes;
  routes.push_back(route("GET", "/a"));
  routes.push_back(route("POST", "/a"));
  const Router router(std::move(routes));

  CHECK(find(router, "GET", "/b").allow.empty());
  CHECK(find(router, "GET", "/a/").allow.empty());
  CHECK(find(router, "GET", "/").allow.empty());
  CHECK(find(router, "HEAD", "/a").route->method == "GET");
  const auto wrong = find(router, "DELETE", "/a");
  CHECK(wrong.route == nullptr);
  CHECK(wrong.allow == "GET, HEAD, POST, OPTIONS");
}

TEST_CASE("a final slash of what is posted is forgiven", "[router]") {
  std::vector<Route> routes;
  routes.push_back(route("POST", "/hook/{site}"));
  routes.push_back(route("GET", "/hook/{site}"));
  const Router router(std::move(routes));

  CHECK(find(router, "POST", "/hook/demo/").params.at("site") == "demo");
  CHECK(find(router, "POST", "/hook/").route == nullptr);
  CHECK(find(router, "POST", "/hook/demo//").route == nullptr);
  CHECK(find(router, "GET", "/hook/demo/").route == nullptr);
}

TEST_CASE("a target is split before it is decoded", "[router]") {
  RequestTarget target;
  REQUIRE(parse_target("/a%2Fb/c%20d?x=1%262&y=a+b&z&=v&x=2#frag", target));

  CHECK(target.segments == std::vector<std::string>{"a/b", "c d"});
  CHECK(target.path == "/a/b/c d");
  CHECK(target.query == std::vector<std::pair<std::string, std::string>>{
                            {"x", "1&2"}, {"y", "a b"}, {"z", ""}, {"", "v"}, {"x", "2"}});
}

TEST_CASE("odd targets are refused or read literally", "[router]") {
  struct Row {
    const char* target;
    bool is_read;
    const char* path;
  };
  const auto row =
      GENERATE(Row{"*", false, ""}, Row{"host:443", false, ""}, Row{"", false, ""},
               Row{"/a%00b", false, ""}, Row{"/%zz%4", true, "/%zz%4"},
               Row{"http://h.example/p?q", true, "/p"}, Row{"http://h.example", true, "/"},
               Row{"//evil/x", true, "//evil/x"}, Row{"/..%2f..%2fetc", true, "/../../etc"});
  RequestTarget target;
  INFO(row.target);
  CHECK(parse_target(row.target, target) == row.is_read);
  if (row.is_read) CHECK(target.path == row.path);
}

TEST_CASE("every kind of error has one status", "[errors]") {
  const std::vector<std::pair<tl::ErrorKind, int>> table = {
      {tl::ErrorKind::invalid, 400},   {tl::ErrorKind::unauthenticated, 401},
      {tl::ErrorKind::forbidden, 403}, {tl::ErrorKind::not_found, 404},
      {tl::ErrorKind::conflict, 409},  {tl::ErrorKind::too_large, 413},
      {tl::ErrorKind::limited, 429},   {tl::ErrorKind::unavailable, 503},
      {tl::ErrorKind::bug, 500}};
  for (const auto& [kind, status] : table) CHECK(status_of(kind) == status);
}

TEST_CASE("an error says when to come back, rounded up to whole seconds", "[errors]") {
  const auto reply = Reply::error({tl::ErrorKind::limited, "rate_limited", "Slow down.", 1001});
  const auto& [name, value] = reply.headers.back();
  CHECK(name == "Retry-After");
  CHECK(value == "2");
}

TEST_CASE("an error message that is no UTF-8 still makes JSON", "[errors]") {
  CHECK(refusal(400, "bad", "caf\xE9").body ==
        "{\"error\":{\"code\":\"bad\",\"message\":\"caf\xEF\xBF\xBD\"}}");
}
