// SPDX-License-Identifier: Apache-2.0
// The whole server with two sites, "demo" and "other", and people of each role on the first.
#pragma once

#include "server/core/access/password.hpp"
#include "server/core/access/users.hpp"
#include "tests/server/app_house.hpp"

#include <map>
#include <string>
#include <vector>

namespace tl::server::test {

struct Person {
  std::string cookie, csrf;
  std::map<std::string, std::string> headers(bool with_csrf = true) const {
    std::map<std::string, std::string> made = {{"Cookie", cookie},
                                               {"Content-Type", "application/json"}};
    if (with_csrf) made["X-CSRF-Token"] = csrf;
    return made;
  }
};

struct Office : House {
  Office() {
    auto sites = config.sites;
    sites.push_back(sites.front());
    sites.back().id = sites.back().name = "other";
    sites.back().write_key = "wk_other";
    app->reload(sites);
    SystemEntropy entropy;
    const SecretBox box(config.secret, entropy);
    const auto store = value_of(open_store(config.store_url, box, SystemClock().now_ms()));
    const auto hash = hash_password(kPassword, entropy, {1, 1, 1});
    require_ok(store->write([&](Tables& tables) -> Outcome<void> {
      for (const auto role : {Role::viewer, Role::analyst, Role::owner}) {
        TL_TRY(user, put_user(tables, std::string(role_name(role)) + "@film.example", hash, 1));
        TL_CHECK(tables.users().put_role({"demo", user.id, role}));
      }
      return {};
    }));
  }
  OutgoingAnswer log_in(const std::string& email, const std::string& password) {
    return ask("POST", "/api/login", {{"Content-Type", "application/json"}},
               nlohmann::json{{"email", email}, {"password", password}}.dump());
  }
  Person person(const char* role) {
    const auto answer = log_in(std::string(role) + "@film.example", kPassword);
    REQUIRE(answer.status == 200);
    const auto& cookie = answer.headers.at("set-cookie");
    return {cookie.substr(0, cookie.find(';')),
            nlohmann::json::parse(answer.body).at("csrf").get<std::string>()};
  }
  // Every route that a key or a login opens: its path with ids filled in, and who it says may.
  struct ClosedRoute {
    std::string method, pattern, path;
    std::string scope;  // of a key
    std::string role;   // "": no login
  };
  // `ids`: by pattern, what stands in place of its parameter.
  std::vector<ClosedRoute> closed_routes(const std::map<std::string, std::string>& ids = {}) {
    std::vector<ClosedRoute> routes;
    const auto document = nlohmann::json::parse(get("/openapi.json").body);
    for (const auto& [pattern, methods] : document.at("paths").items())
      for (const auto& [method, operation] : methods.items()) {
        if (!operation.contains("security") ||
            !operation.at("security").at(0).contains("secretKey"))
          continue;
        std::string path = pattern;
        const auto id = ids.find(pattern);
        for (auto open = path.find('{'); open != std::string::npos; open = path.find('{'))
          path.replace(open, path.find('}') - open + 1, id == ids.end() ? "1" : id->second);
        std::string upper = method;
        for (auto& c : upper) c = static_cast<char>(::toupper(c));
        const auto& security = operation.at("security");
        routes.push_back({upper, pattern, path, security.at(0).at("secretKey").at(0),
                          security.size() > 1
                              ? security.at(1).at("dashboardLogin").at(0).get<std::string>()
                              : ""});
      }
    return routes;
  }
};

}  // namespace tl::server::test
