// SPDX-License-Identifier: Apache-2.0
// Wiring only: no rule of the product lives here.

#include "server/app.hpp"

#include "server/core/secret_box.hpp"
#include "server/http/authorisation.hpp"
#include "server/http/health_handler.hpp"
#include "server/http/outgoing_client.hpp"
#include "server/http/server.hpp"
#include "server/log.hpp"
#include "server/site_directory.hpp"
#include "server/store/open_store.hpp"
#include "server/system_sources.hpp"

namespace tl::server {
namespace {

http::ServerOptions server_options(const Config& config) {
  http::ServerOptions options;
  options.host = config.listen_host;
  options.port = config.listen_port;
  options.max_connections = config.max_connections;
  options.tls_certificate = config.tls_certificate;
  options.tls_key = config.tls_key;
  return options;
}

void report_bug(std::string_view route, std::string_view request_id, std::string_view what) {
  log_event(LogLevel::error, "request_failed",
            {{"route", std::string(route)},
             {"request", std::string(request_id)},
             {"what", std::string(what)}});
}

}  // namespace

struct App::Parts {
  Parts(Config chosen, http::TrustedProxies trusted)
      : config(std::move(chosen)),
        proxies(std::move(trusted)),
        box(config.secret, entropy),
        client(config.allow_private_destinations),
        limiter(config.rate_limit_per_ip),
        server(server_options(config)) {}

  Outcome<void> open() {
    TL_TRY(opened, open_store(config.store_url, box, clock.now_ms()));
    store = std::move(opened);
    authorisation = std::make_unique<http::Authorisation>(*store, clock);
    sites.replace(config.sites);
    publish_routes();
    return server.bind();
  }

  // Again after every reload: CORS knows the sites' origins.
  void publish_routes() {
    auto routes = http::health_routes(*store);
    server.set_dispatcher(std::make_shared<http::Dispatcher>(
        http::Router(std::move(routes)), config, proxies, clock, limiter, metrics, report_bug));
  }

  Config config;
  http::TrustedProxies proxies;
  SystemClock clock;
  SystemEntropy entropy;
  SecretBox box;
  SiteDirectory sites{[](const SiteConfig&) { return std::vector<EventLane>{}; }};
  std::unique_ptr<Store> store;
  http::OutgoingClient client;
  std::unique_ptr<http::Authorisation> authorisation;
  http::RateLimiter limiter;
  http::RequestMetrics metrics;
  http::Server server;
};

App::App(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
App::~App() = default;

Outcome<std::unique_ptr<App>> App::create(Config config) {
  TL_TRY(proxies, http::TrustedProxies::parse(config.trusted_proxies));
  auto parts = std::make_unique<Parts>(std::move(config), std::move(proxies));
  TL_CHECK(parts->open());
  return std::unique_ptr<App>(new App(std::move(parts)));
}

Outcome<void> App::reload(Config config) {
  parts_->config.sites = std::move(config.sites);
  parts_->sites.replace(parts_->config.sites);
  parts_->publish_routes();
  return {};
}

int App::port() const {
  return parts_->server.port();
}
void App::run() {
  parts_->server.run();
}
void App::stop() {
  parts_->server.stop();
}

}  // namespace tl::server
