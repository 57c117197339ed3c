// SPDX-License-Identifier: Apache-2.0
// The whole server in one process, on its real store and a real socket, with one site "demo".
#pragma once

#include "server/app.hpp"
#include "server/core/access/secret_key.hpp"
#include "server/http/outgoing_client.hpp"
#include "server/system_sources.hpp"
#include "tests/server/support.hpp"

#include <nlohmann/json.hpp>

#include <map>
#include <memory>
#include <string>
#include <thread>

namespace tl::server::test {

struct House {
  House() {
    config.listen_port = 0;
    config.secret = kSecret;
    config.store_url = "sqlite:" + folder.file("app.db");
    config.public_url = "http://127.0.0.1";
    SiteConfig site;
    site.id = site.name = "demo";
    site.write_key = "wk_demo";
    site.origins = {"https://shop.example"};
    config.sites.push_back(site);
    start();
  }
  ~House() { stop(); }
  // Again after stop(), with `config` as it is then.
  void start() {
    app = value_of(App::create(config));
    thread = std::thread([this] { app->run(); });
    base = "http://127.0.0.1:" + std::to_string(app->port());
  }
  void stop() {
    if (!thread.joinable()) return;
    app->stop();
    thread.join();
    app.reset();
  }
  OutgoingAnswer ask(std::string method, const std::string& path,
                     std::map<std::string, std::string> headers = {}, std::string body = {}) {
    OutgoingRequest request;
    request.method = std::move(method);
    request.url = base + path;
    request.headers = std::move(headers);
    request.body = std::move(body);
    return client.send(request);
  }
  OutgoingAnswer get(const std::string& path, std::map<std::string, std::string> headers = {}) {
    return ask("GET", path, std::move(headers));
  }
  // As `throughline key add` does it, beside the running server.
  std::string add_key(const std::string& scopes, std::string* id = nullptr,
                      const std::string& site_id = "demo") {
    SystemEntropy entropy;
    const SecretBox box(config.secret, entropy);
    const auto store = value_of(open_store(config.store_url, box, SystemClock().now_ms()));
    const auto made = make_secret_key(entropy);
    ApiKeyRow row;
    row.id = made.key.id;
    row.site_id = site_id;
    row.hash = made.key.hash;
    row.scopes = scopes;
    row.created_ms = SystemClock().now_ms();
    require_ok(store->write([&](Tables& tables) { return tables.operations().put_key(row); }));
    if (id != nullptr) *id = row.id;
    return made.text;
  }

  TempFolder folder;
  Config config;
  std::unique_ptr<App> app;
  std::thread thread;
  http::OutgoingClient client{true};
  std::string base;
};

inline std::string code(const OutgoingAnswer& answer) {
  return nlohmann::json::parse(answer.body).at("error").at("code").get<std::string>();
}

}  // namespace tl::server::test
