// SPDX-License-Identifier: Apache-2.0
// The reports and costs of a site over HTTP, beside the world that its visits are told to.
#pragma once

#include "server/http/analytics_handler.hpp"
#include "server/http/costs_handler.hpp"
#include "server/store/memory_cache.hpp"
#include "tests/server/month.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace tl::server::test {

using Json = nlohmann::json;

class Desk {
 public:
  explicit Desk(const std::string& zone = "Europe/Prague") : world(zone) {
    world.store.clock.set(kMonth + 40 * kDay);
    const http::AnalyticsParts parts{
        *world.store, world.store.clock, cache, [this](std::string_view) { return world.site; },
        [](const http::Request& request, std::string_view) -> Outcome<std::string> {
          const auto site = request.query_value("site");
          if (!site.empty() && site != "demo") return fail(ErrorKind::forbidden, "wrong_site", "");
          return std::string("demo");
        }};
    for (auto* make : {http::analytics_routes, http::costs_routes, http::site_model_routes})
      for (auto& route : make(parts)) routes_.push_back(std::move(route));
  }

  http::Reply call(const std::string& method, const std::string& pattern,
                   std::vector<std::pair<std::string, std::string>> query,
                   const std::string& body = "", const std::string& type = "") {
    http::Request request;
    if (!type.empty()) request.headers.emplace_back("Content-Type", type);
    request.method = method;
    request.query = std::move(query);
    request.body = body;
    if (pattern.find("{site}") != std::string::npos) request.params["site"] = "demo";
    for (const auto& route : routes_)
      if (route.method == method && route.pattern == pattern) return route.handler(request);
    throw std::runtime_error("no route " + pattern);
  }
  http::Reply ask(const std::string& report,
                  std::vector<std::pair<std::string, std::string>> query = {}) {
    const bool has_range = std::any_of(query.begin(), query.end(),
                                       [](const auto& one) { return one.first == "startDate"; });
    if (!has_range)
      query.insert(query.begin(), {{"startDate", "2026-10-01"}, {"endDate", "2026-11-20"}});
    return call("GET", "/api/analytics/attribution/" + report, std::move(query));
  }
  Json read(const std::string& report,
            std::vector<std::pair<std::string, std::string>> query = {}) {
    const auto reply = ask(report, std::move(query));
    INFO(reply.body);
    REQUIRE(reply.status == 200);
    return Json::parse(reply.body);
  }
  std::string code(const http::Reply& reply) {
    return Json::parse(reply.body)["error"]["code"].get<std::string>();
  }

  MonthWorld world;
  MemoryCache cache;

 private:
  std::vector<http::Route> routes_;
};

inline void tell_month(Desk& desk) {
  for (const auto& told : scripted_month()) told(desk.world);
}

// "1.5" conversions as millionths.
inline std::int64_t micro(const Json& text) {
  const auto value = text.get<std::string>();
  const auto point = value.find('.');
  std::string digits = value.substr(0, point);
  std::string fraction = point == std::string::npos ? "" : value.substr(point + 1);
  fraction.resize(6, '0');
  return std::stoll(digits + fraction);
}

}  // namespace tl::server::test
