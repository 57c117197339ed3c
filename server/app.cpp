// SPDX-License-Identifier: Apache-2.0
// Wiring only: no rule of the product lives here.

#include "server/app.hpp"

#include "server/core/secret_box.hpp"
#include "server/http/health_handler.hpp"
#include "server/http/server.hpp"
#include "server/log.hpp"
#include "server/store/open_store.hpp"
#include "server/system_sources.hpp"

namespace tl::server {

struct App::Parts {
  explicit Parts(Config chosen)
      : config(std::move(chosen)),
        box(config.secret, entropy),
        limiter(config.rate_limit_per_ip),
        server({config.listen_host, config.listen_port, config.max_connections,
                config.tls_certificate, config.tls_key}) {}

  Config config;
  SystemClock clock;
  SystemEntropy entropy;
  SecretBox box;
  std::unique_ptr<Store> store;
  http::RateLimiter limiter;
  http::RequestMetrics metrics;
  http::Server server;
};

App::App(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
App::~App() = default;

Outcome<std::unique_ptr<App>> App::create(Config config) {
  auto parts = std::make_unique<Parts>(std::move(config));
  TL_TRY(store, open_store(parts->config.store_url, parts->box, parts->clock.now_ms()));
  parts->store = std::move(store);
  TL_TRY(proxies, http::TrustedProxies::parse(parts->config.trusted_proxies));
  auto routes = http::health_routes(*parts->store);
  parts->server.set_dispatcher(std::make_shared<http::Dispatcher>(
      http::Router(std::move(routes)), parts->config, std::move(proxies), parts->clock,
      parts->limiter, parts->metrics,
      [](std::string_view route, std::string_view request_id, std::string_view what) {
        log_event(LogLevel::error, "request_failed",
                  {{"route", std::string(route)},
                   {"request", std::string(request_id)},
                   {"what", std::string(what)}});
      }));
  TL_CHECK(parts->server.bind());
  return std::unique_ptr<App>(new App(std::move(parts)));
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
