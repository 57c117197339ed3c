// SPDX-License-Identifier: Apache-2.0
// The whole server in one process, on its real store and a real socket: what operators and pages
// ask of it, secret keys, reload, and that the description lists exactly what answers.

#include "server/http/compressed_asset.hpp"
#include "server/http/openapi_handler.hpp"
#include "server/http/sdk_handler.hpp"
#include "tests/server/app_house.hpp"
#include "tests/server/loopback_server.hpp"

#include <algorithm>
#include <set>

using namespace tl::server;
using test::code;
using test::House;
using Json = nlohmann::json;

TEST_CASE("operators find health, readiness and numbers", "[app]") {
  House house;
  CHECK(house.get("/healthz").status == 200);
  CHECK(house.get("/readyz").status == 200);
  const auto metrics = house.get("/metrics");
  CHECK(metrics.status == 200);
  CHECK(metrics.body.find("throughline_store_up 1\n") != std::string::npos);
  CHECK(metrics.body.find("{method=\"GET\",route=\"/healthz\",status=\"200\"} 1\n") !=
        std::string::npos);
}

TEST_CASE("evidence that nobody read is counted as rejected", "[app]") {
  House house;
  const auto ask = [&](std::string_view bytes) {
    test::ByteClient client(house.app->port());
    client.send(bytes);
    return client.read_until("\r\n").substr(0, 12);
  };
  const std::string events = "POST /api/events HTTP/1.1\r\nHost: h\r\n";
  CHECK(ask(events + "Content-Encoding: gzip\r\nContent-Length: 1\r\n\r\nx") == "HTTP/1.1 415");
  CHECK(ask(events + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nx") == "HTTP/1.1 400");
  CHECK(ask(events + "Transfer-Encoding: chunked\r\n\r\nzz\r\n") == "HTTP/1.1 400");
  CHECK(ask(events + "Cookie: " + std::string(9000, 'c') + "\r\n\r\n") == "HTTP/1.1 431");
  CHECK(ask("POST /api/webhook/stripe/nope HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n{}") ==
        "HTTP/1.1 404");
  CHECK(ask("POST /api/webhook/strip/demo HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n{}") ==
        "HTTP/1.1 404");
  CHECK(ask("GET /healthz HTTP/1.1\r\nHost: h\r\nCookie: " + std::string(9000, 'c') + "\r\n\r\n") ==
        "HTTP/1.1 431");
  const auto metrics = house.get("/metrics").body;
  const auto has = [&](const std::string& line) {
    return metrics.find("throughline_stored_total{site=" + line + "\n") != std::string::npos;
  };
  INFO(metrics.substr(0, 600));
  CHECK(has("\"\",name=\"rejected\"} 4"));
  CHECK(has("\"\",name=\"webhook_rejected\"} 1"));
  CHECK(has("\"demo\",name=\"webhook_rejected\"} 1"));
}

TEST_CASE("a body of events over its limit is listed for its site, a far longer one counted",
          "[app]") {
  House house;
  const auto sent = [&](std::size_t bytes, const char* site) {
    return house.ask("POST", "/api/events", {{"Content-Type", "text/plain"}},
                     R"({"v":1,"site":")" + std::string(site) + R"(","key":"wk_demo","e":[")" +
                         std::string(bytes, 'x'));
  };
  for (const auto& answer :
       {sent(100'000, "demo"), sent(100'000, "other"), sent(1'050'000, "demo")}) {
    CHECK(answer.status == 413);
    CHECK(code(answer) == "body_too_large");
    CHECK(answer.body.find("at most 65536 bytes") != answer.body.npos);
  }
  const auto listed = Json::parse(
      house.get("/api/rejects?site=demo", {{"Authorization", "Bearer " + house.add_key("read")}})
          .body);
  REQUIRE(listed["items"].size() == 1);
  CHECK(listed["items"][0]["code"] == "body_too_large");
  const auto metrics = house.get("/metrics").body;
  CHECK(metrics.find("throughline_stored_total{site=\"\",name=\"rejected\"} 2\n") != metrics.npos);
  CHECK(metrics.find("throughline_stored_total{site=\"demo\",name=\"rejected\"} 1\n") !=
        metrics.npos);
}

TEST_CASE("the script is served compressed, cached and with its integrity", "[app]") {
  House house;
  const auto plain = house.get("/throughline.js");
  REQUIRE(plain.status == 200);
  CHECK(plain.body == http::embedded_sdk().script);
  CHECK(plain.headers.at("content-type") == "text/javascript; charset=utf-8");
  // After an upgrade the files beside an older script are gone: no cache may hold it for long.
  for (const auto* path : {"/throughline.js", "/t.js", "/throughline.compat.js", "/sdk.json"})
    CHECK(house.get(path).headers.at("cache-control") == "public, max-age=60");
  CHECK(plain.headers.at("access-control-allow-origin") == "*");
  CHECK(house.get("/t.js").body == plain.body);

  const auto about = Json::parse(house.get("/sdk.json").body);
  const auto hashed = house.get(about.at("file").get<std::string>());
  CHECK(hashed.body == plain.body);
  CHECK(hashed.headers.at("cache-control") == "public, max-age=31536000, immutable");
  CHECK(about.at("integrity").get<std::string>().starts_with("sha384-"));
  const auto extras = about.at("extras").at("file").get<std::string>();
  const auto platforms = about.at("platforms").at("file").get<std::string>();
  const auto more = about.at("more").at("file").get<std::string>();
  const auto debug = about.at("debug").at("file").get<std::string>();
  const auto javascript_core = about.at("javascript_core").at("file").get<std::string>();
  for (const auto& beside : {extras, platforms, more, debug, javascript_core}) {
    const auto hash = beside.substr(beside.find('.'), beside.rfind(".js") - 1 - beside.find('.'));
    CHECK(plain.body.find(hash) != std::string::npos);
    CHECK(house.get(beside).headers.at("access-control-allow-origin") == "*");
    CHECK(house.get(beside).headers.at("cache-control") == "public, max-age=31536000, immutable");
  }
  CHECK(house.get(extras).body == http::embedded_sdk().extras);
  CHECK(house.get(platforms).body == http::embedded_sdk().platforms);
  CHECK(house.get(more).body == http::embedded_sdk().more);
  CHECK(house.get(debug).body == http::embedded_sdk().debug);
  CHECK(house.get(javascript_core).body == http::embedded_sdk().javascript_core);
  CHECK(house.get("/throughline.compat.js").body == http::embedded_sdk().compat);

  const auto brotli = house.get("/throughline.js", {{"Accept-Encoding", "gzip, br;q=0.5"}});
  CHECK(brotli.headers.at("content-encoding") == "br");
  CHECK(brotli.body.size() == about.at("brotli_bytes").get<std::size_t>());
  CHECK(house.get("/throughline.js", {{"Accept-Encoding", "br;q=0, gzip"}})
            .headers.at("content-encoding") == "gzip");
  const auto again = house.get(
      "/throughline.js", {{"Accept-Encoding", "br"}, {"If-None-Match", brotli.headers.at("etag")}});
  CHECK(again.status == 304);
  CHECK(again.body.empty());
  CHECK(again.headers.at("cache-control") == "public, max-age=60");
}

TEST_CASE("the script and its files are served under a name of the operator's own", "[app]") {
  const std::string own = GENERATE(as<std::string>{}, "app", "t", "");
  const auto routes = http::sdk_routes(http::embedded_sdk(), own);
  const auto answer = [&](const std::string& path) {
    const auto found = std::find_if(routes.begin(), routes.end(),
                                    [&](const auto& route) { return route.pattern == path; });
    return found == routes.end() ? http::Reply{404, {}, "", {}} : found->handler({});
  };
  const auto about = Json::parse(answer("/sdk.json").body);
  std::set<std::string> names = {"throughline", "t"};
  if (!own.empty()) names.insert(own);
  CHECK(routes.size() == names.size() * 7 + 2);
  const auto told = "/" + (own.empty() ? "throughline" : own) + ".";
  for (const auto* file : {"", "extras", "platforms", "more", "debug", "javascript_core"}) {
    const Json& facts = *file == '\0' ? about : about.at(file);
    const auto path = facts.at("file").get<std::string>();
    REQUIRE(path.starts_with(told));
    for (const auto& name : names) {
      const auto served = answer("/" + name + "." + path.substr(told.size()));
      CHECK(served.status == 200);
      CHECK(served.body.size() == facts.at("bytes").get<std::size_t>());
    }
  }
  CHECK(answer("/app.js").status == (own == "app" ? 200 : 404));
}

TEST_CASE("the dashboard has no inline script and talks to nobody else", "[app]") {
  House house;
  const auto page = house.get("/dashboard");
  REQUIRE(page.status == 200);
  const auto& policy = page.headers.at("content-security-policy");
  CHECK(policy.find("script-src 'self' 'wasm-unsafe-eval';") != std::string::npos);
  CHECK(policy.find("unsafe-inline") == std::string::npos);
  CHECK(policy.find("frame-ancestors 'none'") != std::string::npos);
  CHECK(page.headers.at("x-frame-options") == "DENY");
  CHECK(page.headers.at("x-content-type-options") == "nosniff");
  CHECK(house.get("/healthz").headers.at("content-security-policy").find("wasm") ==
        std::string::npos);
  CHECK(page.body.find("<style") == std::string::npos);
  CHECK(page.body.find("<script>") == std::string::npos);
  for (const auto* handler : {" onclick", " onload", " onerror", " style="})
    CHECK(page.body.find(handler) == std::string::npos);
  CHECK(house.get("/dashboard/style.css").headers.at("content-type") == "text/css; charset=utf-8");
  CHECK(house.get("/dashboard/dashboard.js").status == 200);
  CHECK(house.get("/dashboard/models.wasm").headers.at("content-type") == "application/wasm");
  for (const auto* view : {"/dashboard/paths", "/dashboard/conversions/some-id"})
    CHECK(house.get(view).body == page.body);
}

TEST_CASE("an address of the dashboard with a slash at its end leads to the one without", "[app]") {
  House house;
  const std::pair<const char*, const char*> addresses[] = {
      {"/dashboard/", "/dashboard"},
      {"/dashboard/paths/?site=demo&from=2026-01-01", "/dashboard/paths?site=demo&from=2026-01-01"},
      {"/dashboard/conversions/a%2F%22/", "/dashboard/conversions/a%2F%22"}};
  for (const auto& [asked, wanted] : addresses) {
    const auto reply = house.get(asked);
    CHECK(reply.status == 308);
    CHECK(reply.headers.at("location") == wanted);
  }
}

TEST_CASE("the description lists exactly the routes, and every description of a body is used",
          "[app]") {
  House house;
  const auto document = Json::parse(house.get("/openapi.json").body);
  CHECK(document.at("openapi") == "3.1.0");
  const auto& paths = document.at("paths");
  for (const auto& name : http::described_routes()) {
    const auto blank = name.find(' ');
    std::string method = name.substr(0, blank);
    std::transform(method.begin(), method.end(), method.begin(), ::tolower);
    INFO(name);
    REQUIRE(paths.contains(name.substr(blank + 1)));
    CHECK(paths.at(name.substr(blank + 1)).contains(method));
  }
  for (const auto& [path, methods] : paths.items())
    if (methods.contains("post") && path.find("/replay") == std::string::npos &&
        path.find("/retry") == std::string::npos) {
      INFO(path);
      CHECK(methods.at("post").contains("requestBody"));
    }
  for (const auto* route :
       {"/api/events", "/api/touch", "/track/events", "/api/identify", "/api/consent", "/px.gif",
        "/api/webhook/{provider}/{site}", "/api/conversions", "/api/sessions/{id}",
        "/api/deliveries", "/api/rejects", "/healthz", "/readyz", "/metrics", "/dashboard"}) {
    INFO(route);
    CHECK(paths.contains(route));
  }
}

TEST_CASE("the list of rejects says which a replay takes", "[app]") {
  House house;
  const std::map<std::string, std::string> manage = {
      {"Authorization", "Bearer " + house.add_key("read,write")}};
  const auto send = [&](const std::string& origin, const std::string& path, Json body) {
    body.update({{"site", "demo"}, {"write_key", "wk_demo"}});
    return house.ask("POST", path, {{"Origin", origin}, {"Content-Type", "application/json"}},
                     body.dump());
  };
  const Json touch = {{"url", "https://shop.example/"}, {"consent", {{"storage", true}}}};
  const auto begun = Json::parse(send("https://shop.example", "/api/touch", touch).body);
  REQUIRE(begun["token"].is_string());
  CHECK(send("https://new.example", "/api/touch", touch).status == 403);
  CHECK(send("https://shop.example", "/api/checkout/stripe",
             {{"item", "film"}, {"token", begun["token"]}})
            .status == 404);

  const auto rejects = Json::parse(house.get("/api/rejects", manage).body)["items"];
  REQUIRE(rejects.size() == 2);
  CHECK(rejects[0]["route"] == "/api/checkout/stripe");
  CHECK(rejects[0]["replayable"] == false);  // no buyer waits for it any more
  CHECK(code(house.ask("POST", "/api/rejects/" + rejects[0]["id"].dump() + "/replay", manage)) ==
        "not_replayable");
  CHECK(rejects[1]["route"] == "/api/touch");
  CHECK(rejects[1]["replayable"] == true);
}

TEST_CASE("a conversion's and a lead's statuses are in their descriptions", "[app]") {
  House house;
  const auto key = house.add_key("read,write");
  const auto document = Json::parse(house.get("/openapi.json").body);
  const auto answers = [&](const std::string& path, const std::map<std::string, std::string>& from,
                           const std::string& body) {
    const auto status = house.ask("POST", path, from, body).status;
    CAPTURE(path, body, status);
    CHECK(document["paths"][path]["post"]["responses"].contains(std::to_string(status)));
    return status;
  };
  const auto state = [&](const std::string& amount) {
    return answers(
        "/api/conversions", {{"Authorization", "Bearer " + key}},
        R"({"kind":"purchase","order_id":"A","currency":"EUR","amount":")" + amount + "\"}");
  };
  CHECK(state("1.00") == 201);
  CHECK(state("1.00") == 200);
  CHECK(state("2.00") == 409);
  const auto send = [&](const std::string& more) {
    return answers(
        "/api/webhook/lead",
        {{"Origin", "https://shop.example"}, {"Content-Type", "application/x-www-form-urlencoded"}},
        "site=demo&write_key=wk_demo&email=jane%40mail.example" + more);
  };
  CHECK(send("") == 200);
  CHECK(send("&tl_redirect=%2Fthanks") == 303);
}

TEST_CASE("a secret key opens its own site at once and what its scope allows", "[app][auth]") {
  House house;
  CHECK(house.get("/api/sessions").status == 401);
  CHECK(code(house.get("/api/sessions")) == "missing_key");
  const auto unknown = "Bearer tlsk_0123456789abcdef_" + std::string(64, '0');
  CHECK(code(house.get("/api/sessions", {{"Authorization", unknown}})) == "bad_key");
  CHECK(code(house.get("/api/sessions", {{"Authorization", "Bearer nonsense"}})) == "bad_key");

  std::string id;
  const auto key = "Bearer " + house.add_key("read", &id);
  CHECK(house.get("/api/sessions", {{"Authorization", key}}).status == 200);
  CHECK(house.get("/api/status", {{"Authorization", key}}).status == 200);
  CHECK(house.get("/api/sessions?site=demo", {{"Authorization", key}}).status == 200);
  CHECK(code(house.get("/api/sessions?site=other", {{"Authorization", key}})) == "wrong_site");
  auto forged = key;
  forged.back() = forged.back() == '0' ? '1' : '0';
  CHECK(code(house.get("/api/sessions", {{"Authorization", forged}})) == "bad_key");
  const auto write = house.ask(
      "POST", "/api/conversions", {{"Authorization", key}, {"Content-Type", "application/json"}},
      R"({"kind":"purchase","order_id":"1","amount":"1","currency":"EUR"})");
  CHECK(code(write) == "missing_scope");
}

TEST_CASE("a reload brings new sites and their origins", "[app]") {
  House house;
  const std::string body =
      R"({"v":1,"site":"second","key":"wk_2","rv":0,"sent":1790000000900,)"
      R"("pn":"9f86d081884c7d659a2feaa0c55ad015","e":[{"n":"page_view","seq":1,"t":1790000000123,)"
      R"("c":{"s":1,"m":1},"ev":{"u":"https://second.example/","r":""}}]})";
  const std::map<std::string, std::string> headers = {{"Content-Type", "text/plain"},
                                                      {"Origin", "https://second.example"}};
  CHECK(code(house.ask("POST", "/api/events", headers, body)) == "unknown_site");

  auto sites = house.config.sites;
  sites.push_back(sites.front());
  sites.back().id = sites.back().name = "second";
  sites.back().write_key = "wk_2";
  sites.back().origins = {"https://second.example"};
  house.app->reload(sites);

  const auto after = house.ask("POST", "/api/events", headers, body);
  CHECK(after.status == 202);
  CHECK(after.headers.at("access-control-allow-origin") == "https://second.example");
}

TEST_CASE("outgoing requests tell whether they can have arrived", "[outgoing]") {
  House house;
  CHECK(house.get("/healthz").reached == OutgoingAnswer::Reached::answered);

  OutgoingRequest request;
  request.url = house.base + "/healthz";
  http::OutgoingClient guarded(false);
  const auto refused = guarded.send(request);
  CHECK(refused.reached == OutgoingAnswer::Reached::not_sent);
  CHECK(refused.error.find("private") != std::string::npos);

  for (const auto* url :
       {"http://127.0.0.1:1/", "https://127.0.0.1:1/", "http://no-such-host.invalid/", "ftp://x/",
        "nonsense", "http:///", "file:///etc/passwd"}) {
    INFO(url);
    request.url = url;
    CHECK(house.client.send(request).reached == OutgoingAnswer::Reached::not_sent);
  }
  request.url = house.base + "/healthz";
  request.headers = {{"X-A", "b\r\nInjected: 1"}};
  CHECK(house.client.send(request).reached == OutgoingAnswer::Reached::not_sent);
}

TEST_CASE("names of encodings are read with their weights", "[assets]") {
  CHECK(http::accepts_encoding("gzip, deflate, br", "br"));
  CHECK(http::accepts_encoding("BR ; q=0.1", "br"));
  CHECK_FALSE(http::accepts_encoding("br;q=0.000", "br"));
  CHECK_FALSE(http::accepts_encoding("brotli, gzip", "br"));
  CHECK_FALSE(http::accepts_encoding("", "gzip"));
}

TEST_CASE("an address may send only so many leads", "[app][leads]") {
  House house;
  const std::string lead = "site=demo&write_key=wk_demo&email=ann%40example.com";
  const std::map<std::string, std::string> headers = {
      {"Content-Type", "application/x-www-form-urlencoded"}, {"Origin", "https://shop.example"}};
  int taken = 0;
  auto answer = house.ask("POST", "/api/webhook/lead", headers, lead);
  for (; answer.status == 200 && taken < 1000; ++taken)
    answer = house.ask("POST", "/api/webhook/lead", headers, lead);
  CHECK(answer.status == 429);
  CHECK(code(answer) == "rate_limited");
  // A minute's at once, and what came back while they were sent.
  CHECK(taken >= 20);
  CHECK(taken < 100);
}

TEST_CASE("a list is asked by what its description names, and by nothing else", "[app]") {
  House house;
  const auto key = house.add_key("read,write,admin");
  const auto document = Json::parse(house.get("/openapi.json").body);
  std::size_t lists = 0;
  for (const auto& [path, methods] : document.at("paths").items()) {
    if (!methods.contains("get")) continue;
    std::vector<std::string> names;
    for (const auto& parameter : methods["get"].value("parameters", Json::array()))
      names.push_back(parameter.at("name"));
    if (std::find(names.begin(), names.end(), "cursor") == names.end()) continue;
    lists += 1;
    const auto answer = [&, &path = path](const std::string& query) {
      return house.get(path + "?site=demo" + query, {{"Authorization", "Bearer " + key}});
    };
    for (const auto& name : names) {
      CAPTURE(path, name);
      if (name != "site") CHECK(answer("&" + name + "=").status == 200);
    }
    CAPTURE(path);
    CHECK(code(answer("&foo=1")) == "unknown_parameter");
    CHECK(answer("&limits=1").body.find("did you mean limit?") != std::string::npos);
    CHECK(answer("&startDate=2026-11-01&format=csv").status == 400);
    CHECK(code(answer("&limit=1&limit=2")) == "repeated_parameter");
  }
  CHECK(lists == 7);
}
