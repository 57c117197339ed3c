// SPDX-License-Identifier: Apache-2.0
// The intakes with everything behind them for tests: a real store, one site, and requests made from
// a path and a body.
#pragma once

#include "server/core/ingest/ingest.hpp"
#include "server/http/ingest_routes.hpp"
#include "server/http/unread_tally.hpp"
#include "tests/server/browser.hpp"
#include "tests/server/replies.hpp"
#include "tests/server/support.hpp"

#include <nlohmann/json.hpp>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace tl::server::test {

class IntakeHouse {
 public:
  using Json = nlohmann::json;

  explicit IntakeHouse(SiteConfig chosen = demo_site(), http::StatedEvent on_stated = {})
      : site(std::make_shared<SiteConfig>(std::move(chosen))),
        ingest({*store, store.clock, store.entropy, store.box, store.tokens,
                [this](std::string_view id) -> std::shared_ptr<const SiteConfig> {
                  return id == site->id ? site : nullptr;
                },
                [this](std::string_view) { return lanes; }, nullptr}) {
    const http::IngestRouteParts parts{ingest, "https://t.shop.example", authorise, unread,
                                       std::move(on_stated)};
    for (auto* make : {http::events_routes, http::touch_routes, http::identify_routes,
                       http::consent_routes, http::region_routes, http::pixel_routes,
                       http::coarse_handover_routes, http::sessions_routes, http::view_routes})
      for (auto& route : make(parts)) routes_.push_back(std::move(route));
    for (auto& route : http::rejects_routes(parts, routes_)) routes_.push_back(std::move(route));
    for (auto& route : http::handover_routes(parts)) routes_.push_back(std::move(route));
  }

  static Outcome<std::string> authorise(const http::Request& request, std::string_view) {
    if (request.header("authorization") == "Bearer good") return std::string("demo");
    return fail(ErrorKind::unauthenticated, "missing_key", "no key");
  }

  http::Request request(const std::string& body = "") {
    http::Request made;
    made.body = body;
    made.client_ip = "192.0.2.7";
    made.received_ms = store.clock.now_ms();
    made.headers = {{"Origin", "https://shop.example"},
                    {"Host", "t.shop.example"},
                    {"User-Agent",
                     "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
                     "Chrome/140.0.0.0 Safari/537.36"}};
    return made;
  }
  http::Reply send(const std::string& method, const std::string& pattern, http::Request made) {
    made.method = method;
    if (made.path.empty()) made.path = pattern;
    for (const auto& route : routes_)
      if (route.method == method && route.pattern == pattern) return route.handler(made);
    throw std::runtime_error("no route " + pattern);
  }
  http::Reply post(const std::string& path, const Json& body) {
    return send("POST", path, request(body.dump()));
  }
  http::Reply events(const Json& batch) { return post("/api/events", batch); }
  Json kept(const Json& batch) {
    const auto reply = events(batch);
    INFO(reply.body);
    REQUIRE(reply.status == 202);
    return Json::parse(reply.body);
  }
  http::Reply get(const std::string& pattern, std::map<std::string, std::string> params = {}) {
    auto made = request();
    made.headers.emplace_back("Authorization", "Bearer good");
    made.params = std::move(params);
    return send("GET", pattern, made);
  }
  // Rows by their id alone, whichever session they were put into.
  std::optional<EventRow> stored(const std::string& event_id) {
    return in_any_session<EventRow>([&](Tables& tables, const Id128& session_id) {
      return tables.events().find_event("demo", session_id, parse_uuid(event_id).value());
    });
  }
  std::optional<TouchRow> stored_touch(const std::string& event_id) {
    return in_any_session<TouchRow>([&](Tables& tables, const Id128& session_id) {
      return tables.events().find_touch("demo", session_id, parse_uuid(event_id).value());
    });
  }
  std::optional<SessionRow> session(const std::string& session_id) {
    return store.get([&](Tables& tables) {
      return tables.events().find_session("demo", parse_uuid(session_id).value());
    });
  }

  TempStore store;
  http::UnreadTally unread{*store};
  std::shared_ptr<SiteConfig> site;
  std::shared_ptr<std::vector<EventLane>> lanes = std::make_shared<std::vector<EventLane>>();
  Ingest ingest;

 private:
  template <class Row, class Find>
  std::optional<Row> in_any_session(Find&& find) {
    return store.get([&](Tables& tables) -> Outcome<std::optional<Row>> {
      ListQuery all;
      all.site_id = "demo";
      TL_TRY(page, tables.events().list_sessions(all));
      for (const auto& session : page.items) {
        TL_TRY(row, find(tables, session.id));
        if (row) return row;
      }
      return std::optional<Row>{};
    });
  }

 protected:
  std::vector<http::Route> routes_;
};

// A visitor with consent who came by an ad.
inline nlohmann::json given_batch() {
  Browser browser;
  browser.open(kAd);
  return browser.batch({browser.event("page_view")});
}
inline nlohmann::json begin_session(IntakeHouse& house) {
  return house.kept(given_batch());
}

}  // namespace tl::server::test
