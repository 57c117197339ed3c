// SPDX-License-Identifier: Apache-2.0
// Wiring only: no rule of the product lives here. Members are in the order in which they need each
// other, so they are made first to last and destroyed last to first.

#include "server/app.hpp"

#include "server/core/access/secret_box.hpp"
#include "server/core/access/users.hpp"
#include "server/core/attribution/event_conversions.hpp"
#include "server/core/ingest/ingest.hpp"
#include "server/core/ingest/live_feed.hpp"
#include "server/core/ingest/session_token.hpp"
#include "server/core/maintenance.hpp"
#include "server/core/orders/checkouts.hpp"
#include "server/core/orders/custom_names.hpp"
#include "server/core/orders/order_lookups.hpp"
#include "server/core/orders/orders.hpp"
#include "server/core/outbox/destination_account.hpp"
#include "server/core/outbox/outbox.hpp"
#include "server/core/reports/counted_zone.hpp"
#include "server/core/text/loggable_words.hpp"
#include "server/destinations/registry.hpp"
#include "server/http/authorisation.hpp"
#include "server/http/outgoing_client.hpp"
#include "server/http/server.hpp"
#include "server/http/tls_files.hpp"
#include "server/http/unread_tally.hpp"
#include "server/log.hpp"
#include "server/providers/registry.hpp"
#include "server/routes.hpp"
#include "server/site_directory.hpp"
#include "server/store/memory_cache.hpp"
#include "server/store/open_store.hpp"
#include "server/system_sources.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <thread>

namespace tl::server {
namespace {

// Between two wake-ups of the outbox by requests; what comes in between waits for its own round,
// a second at most.
constexpr std::int64_t kWakeEveryMs = 50;

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

void report_lane(std::string_view what, std::string_view lane, std::string_view detail) {
  log_event(LogLevel::warn, what, {{"lane", std::string(lane)}, {"detail", std::string(detail)}});
}

void report_lookup(const LookupRow& lookup, const ServerError& error) {
  log_event(LogLevel::warn, "lookup_failed",
            {{"site", lookup.site_id},
             {"provider", lookup.provider},
             {"subject", lookup.subject},
             {"attempts", std::to_string(lookup.attempts)},
             {"code", error.code},
             {"detail", error.detail}});
}

void report_misaddressed(const std::vector<std::shared_ptr<const SiteConfig>>& sites,
                         const std::string& provider, const std::string& site_id) {
  std::string configured;
  for (const auto& site : sites)
    for (const auto& payment : site->payments)
      configured += (configured.empty() ? "" : " ") + payment.provider + "/" + site->id;
  log_event(LogLevel::warn, "webhook_misaddressed",
            {{"provider", loggable_words(provider)},
             {"site", loggable_words(site_id)},
             {"configured", configured.empty() ? "none" : configured}});
}

void report_checkout(const std::string& site_id, const CheckoutFault& fault) {
  log_event(LogLevel::warn, "checkout_failed",
            {{"site", site_id},
             {"provider", fault.provider},
             {"failed", std::to_string(fault.count)},
             {"code", fault.error.code},
             {"detail", fault.error.detail}});
}

void report_maintenance(const ServerError& error) {
  log_event(LogLevel::error, "maintenance_failed",
            {{"code", error.code}, {"detail", error.detail}});
}

// Of what was read again.
void report_certificate(const http::TlsFiles& files, const Outcome<void>& loaded,
                        std::int64_t now_ms) {
  if (!loaded.ok()) {
    log_event(LogLevel::error, "tls_certificate_refused",
              {{"code", loaded.error().code},
               {"detail", loaded.error().detail + " The one before stays in use."}});
    return;
  }
  const std::string doubt = files.current()->doubt(now_ms);
  if (doubt.empty())
    log_event(LogLevel::info, "tls_certificate_reloaded");
  else
    log_event(LogLevel::warn, "tls_certificate_reloaded", {{"detail", "It " + doubt + "."}});
}

// The events of browsers that a configured destination takes, and which consent that needs.
std::vector<EventLane> lanes_of(const SiteConfig& site) {
  std::vector<EventLane> lanes;
  for (const auto& config : site.destinations) {
    const auto* destination = destinations::find_destination(config.kind);
    if (destination == nullptr) continue;  // refused at start
    lanes.push_back({config.name, destination->purpose(config),
                     config.events.empty() ? destination->default_events(config) : config.events,
                     destination->uses_address(config),
                     destination->limits(config, {}).first_max_age_ms(), account_of(config)});
  }
  return lanes;
}

void pause_for(std::int64_t ms) {
  std::this_thread::sleep_for(std::chrono::milliseconds(ms));
}

}  // namespace

namespace {

// What those whom something was sent to have not answered by then goes again after the next start,
// with the same body and id, as after a crash.
constexpr std::chrono::milliseconds kAnswerGrace{4000}, kAskAgain{100};

void give_up_later(const std::stop_token& settled, http::OutgoingClient& client) {
  std::mutex mutex;
  std::condition_variable_any changed;
  std::unique_lock lock(mutex);
  const auto is_settled = [&settled] { return settled.stop_requested(); };
  for (auto wait = kAnswerGrace; !changed.wait_for(lock, settled, wait, is_settled);
       wait = kAskAgain)
    client.abandon();
}

}  // namespace

struct App::Parts {
  Parts(Config chosen, http::TrustedProxies trusted)
      : config(std::move(chosen)),
        proxies(std::move(trusted)),
        box(config.secret, entropy, config.older_secrets()),
        tokens(box),
        sites(lanes_of),
        event_conversions(clock),
        live(clock),
        client(config.allow_private_destinations),
        limiters{http::RateLimiter::per_second(config.rate_limit_per_ip),
                 http::RateLimiter::per_minute(config.form_limit_per_ip)},
        server(server_options(config)) {}

  ~Parts() {
    const std::jthread impatience(
        [this](const std::stop_token& settled) { give_up_later(settled, client); });
    if (maintenance) maintenance->stop();
    if (lookups) lookups->stop();
    if (outbox) outbox->stop();
  }

  Outcome<void> open() {
    TL_TRY(opened, open_store(config.store_url, box, clock.now_ms()));
    store = std::move(opened);
    if (!config.geo_mmdb.empty()) {
      TL_TRY(found, PlaceDatabase::open(config.geo_mmdb));
      places = std::move(found);
    }
    TL_CHECK(replace_sites(config.sites));
    const SiteLookup find_site = [this](std::string_view id) { return sites.find(id); };
    const LaneLookup find_lanes = [this](std::string_view id) { return sites.lanes(id); };
    users = std::make_unique<Users>(*store, clock, entropy, box);
    authorisation = std::make_unique<http::Authorisation>(*store, clock, *users);
    ingest = std::make_unique<Ingest>(IngestServices{*store, clock, entropy, box, tokens, find_site,
                                                     find_lanes, &event_conversions, places.get()});
    orders = std::make_unique<Orders>(*store, clock, destinations::destination_takes, &box);
    checkouts =
        std::make_unique<Checkouts>(*store, clock, client, find_lanes, pause_for, report_checkout);
    outbox = std::make_unique<Outbox>(OutboxParts{*store, client, clock, entropy, find_site,
                                                  destinations::find_destination, report_lane});
    lookups = std::make_unique<OrderLookups>(
        OrderLookupParts{*store, client, clock, entropy, *orders, find_provider_api,
                         [this] { outbox->wake(); }, report_lookup});
    unread = std::make_unique<http::UnreadTally>(*store);
    maintenance = std::make_unique<Maintenance>(
        ErasureServices{*store, clock, entropy, box}, [this] { return sites.all(); },
        report_maintenance,
        [this] {
          unread->write();
          follow_certificate();
        });
    return {};
  }

  Outcome<void> replace_sites(std::vector<SiteConfig> chosen) {
    TL_CHECK(keep_custom_names(*store, chosen));
    TL_TRY(changes, keep_counted_zones(*store, chosen));
    for (const auto& change : changes)
      log_event(LogLevel::warn, "timezone_changed",
                {{"site", change.site_id},
                 {"counted", change.counted},
                 {"configured", change.configured},
                 {"do", "stop the server, throughline rebuild, start it"}});
    config.sites = std::move(chosen);
    sites.replace(config.sites);
    return {};
  }

  // Certificates are renewed by others, who tell nobody.
  void follow_certificate() {
    auto* const files = server.tls_files();
    if (files == nullptr) return;
    const auto loaded = files->load_changed();
    if (!loaded.ok())
      report_certificate(*files, loaded.error(), clock.now_ms());
    else if (loaded.value())
      report_certificate(*files, {}, clock.now_ms());
  }

  Outcome<void> start() {
    publish_routes();
    TL_CHECK(server.bind());
    outbox->start(sites.all());
    lookups->start(sites.all());
    maintenance->start();
    return {};
  }

  std::vector<http::Route> routes(http::Authorise authorise) {
    const SiteLookup find_site = [this](std::string_view id) { return sites.find(id); };
    return all_routes(
        {{*ingest, config.public_url, authorise, *unread, http::stated_event_recorder(*orders)},
         {*orders, *store, clock, find_site, find_provider, authorise, tokens, *checkouts,
          find_checkout_maker, *unread, box,
          [this](const std::string& provider, const std::string& site_id) {
            report_misaddressed(sites.all(), provider, site_id);
          }},
         {*store, clock, find_site, authorise, [this] { outbox->wake(); }},
         {*store, metrics, *unread, [this](std::string& out) { write_metrics(out); }},
         {*store, find_site, authorise},
         {*store, clock, cache, find_site, authorise, stopping.get_token()},
         {*users, *store, find_site, config.public_url, destinations::destination_title},
         {*store, clock, entropy, find_site, authorise},
         {live, *store, authorise},
         {*store, clock, find_site, authorise, config.public_url, config.script_name,
          checkouts->faults()},
         {*store, clock, entropy, box, find_site, authorise},
         *store,
         [this] { wake_outbox(); },
         [this](const http::Request& request, const std::string& action) {
           authorisation->audit(request, action);
         }});
  }

  // Again after every reload: CORS knows the sites' origins.
  void publish_routes() {
    auto table = routes([this](const http::Request& request, std::string_view scope) {
      return authorisation->authorise(request, scope);
    });
    server.set_dispatcher(std::make_shared<http::Dispatcher>(
        http::Router(std::move(table)), config, proxies, clock, limiters, metrics, report_bug));
  }

  void wake_outbox() {
    const auto now = clock.now_ms();
    auto last = last_wake_ms.load(std::memory_order_relaxed);
    if (now - last < kWakeEveryMs && now >= last) return;
    if (last_wake_ms.compare_exchange_strong(last, now)) outbox->wake();
  }

  void write_metrics(std::string& out) const {
    const auto counts = server.connections();
    http::write_gauge(out, "throughline_http_connections_open", "Connections now.", "gauge",
                      counts.open);
    http::write_gauge(out, "throughline_http_connections_idle", "Of these, between requests.",
                      "gauge", counts.idle);
    http::write_gauge(out, "throughline_http_connections_refused_total",
                      "Connections closed because all threads were taken.", "counter",
                      counts.refused);
    http::write_gauge(out, "throughline_http_connections_cut_total",
                      "Idle connections ended to make room.", "counter", counts.cut);
    http::write_gauge(out, "throughline_rate_limited_addresses",
                      "Addresses that the rate limiter remembers.", "gauge",
                      limiters.requests.remembered());
    http::write_gauge(out, "throughline_store_queued_writes",
                      "Changes that wait for the store's writer.", "gauge", store->queued_writes());
    write_backlog(out);
    write_closed_lanes(out);
    write_lookups(out);
  }

  // What is not delivered, by lane and state. Delivered ones are left out:
  // counting them would read the whole history.
  void write_backlog(std::string& out) const {
    static constexpr std::array<std::pair<DeliveryState, const char*>, 6> kStates = {
        {{DeliveryState::queued, "queued"},
         {DeliveryState::sending, "sending"},
         {DeliveryState::failed, "failed"},
         {DeliveryState::dead, "dead"},
         {DeliveryState::withheld, "withheld"},
         {DeliveryState::accepted, "accepted"}}};
    out +=
        "# HELP throughline_deliveries Deliveries not delivered, by destination and state.\n"
        "# TYPE throughline_deliveries gauge\n";
    for (const auto& site : sites.all())
      for (const auto& destination : site->destinations)
        for (const auto& [state, name] : kStates) {
          std::int64_t count = 0;
          const auto read = store->read([&, wanted = state](Tables& tables) -> Outcome<void> {
            TL_TRY(found,
                   tables.outbox().count_in_state(site->id, destination.name, wanted, kUncapped));
            count = found;
            return {};
          });
          if (!read.ok()) continue;
          out += "throughline_deliveries{site=\"" + http::metric_label(site->id) +
                 "\",destination=\"" + http::metric_label(destination.name) + "\",state=\"" + name +
                 "\"} " + std::to_string(count) + "\n";
        }
  }

  // Whose receiver refuses our access or wants no more: everything for it waits.
  void write_closed_lanes(std::string& out) const {
    out +=
        "# HELP throughline_destination_closed 1 while a destination refuses our access or wants "
        "no more, and deliveries to it wait.\n"
        "# TYPE throughline_destination_closed gauge\n";
    for (const auto& site : sites.all())
      for (const auto& destination : site->destinations) {
        bool is_closed = false;
        const auto read = store->read([&](Tables& tables) -> Outcome<void> {
          TL_TRY(lane, tables.outbox().lane(site->id, destination.name));
          is_closed = lane.is_closed();
          return {};
        });
        if (!read.ok()) continue;
        out += "throughline_destination_closed{site=\"" + http::metric_label(site->id) +
               "\",destination=\"" + http::metric_label(destination.name) + "\"} " +
               (is_closed ? "1" : "0") + "\n";
      }
  }

  // What webhooks named and the provider's API has not told yet.
  void write_lookups(std::string& out) const {
    out +=
        "# HELP throughline_order_lookups Payments that wait to be fetched, by provider.\n"
        "# TYPE throughline_order_lookups gauge\n";
    for (const auto& site : sites.all())
      for (const auto& payment : site->payments) {
        const ProviderApi* api = find_provider_api(payment.provider);
        if (api == nullptr || !api->has_lookups()) continue;
        std::int64_t count = 0;
        const auto read = store->read([&](Tables& tables) -> Outcome<void> {
          for (const bool is_proven : {true, false}) {
            TL_TRY(found, tables.fetches().count_lookups(site->id, payment.provider, is_proven, 0));
            count += found;
          }
          return {};
        });
        if (!read.ok()) continue;
        out += "throughline_order_lookups{site=\"" + http::metric_label(site->id) +
               "\",provider=\"" + http::metric_label(payment.provider) + "\"} " +
               std::to_string(count) + "\n";
      }
  }

  Config config;
  http::TrustedProxies proxies;
  SystemClock clock;
  SystemEntropy entropy;
  SecretBox box;
  TokenIssuer tokens;
  SiteDirectory sites;
  std::unique_ptr<Store> store;
  std::unique_ptr<PlaceDatabase> places;
  MemoryCache cache;  // [cache] url: memory: alone so far
  EventConversions event_conversions;
  LiveFeed live;
  std::unique_ptr<Ingest> ingest;
  std::unique_ptr<Orders> orders;
  http::OutgoingClient client;
  std::unique_ptr<Checkouts> checkouts;
  std::unique_ptr<Outbox> outbox;
  std::unique_ptr<OrderLookups> lookups;
  std::unique_ptr<http::UnreadTally> unread;
  std::unique_ptr<Maintenance> maintenance;
  std::unique_ptr<Users> users;
  std::unique_ptr<http::Authorisation> authorisation;
  http::RateLimiters limiters;
  http::RequestMetrics metrics;
  std::atomic<std::int64_t> last_wake_ms{0};
  std::stop_source stopping;
  http::Server server;
};

App::App(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
App::~App() = default;

Outcome<std::unique_ptr<App>> App::create(Config config) {
  TL_TRY(app, prepare(std::move(config)));
  TL_CHECK(app->parts_->start());
  return app;
}

Outcome<std::unique_ptr<App>> App::prepare(Config config) {
  TL_TRY(proxies, http::TrustedProxies::parse(config.trusted_proxies));
  auto parts = std::make_unique<Parts>(std::move(config), std::move(proxies));
  TL_CHECK(parts->open());
  return std::unique_ptr<App>(new App(std::move(parts)));
}

void App::reload(std::vector<SiteConfig> sites) {
  parts_->lookups->stop();
  parts_->outbox->stop();
  if (const auto replaced = parts_->replace_sites(std::move(sites)); !replaced.ok())
    log_event(LogLevel::error, "reload_refused",
              {{"code", replaced.error().code}, {"detail", replaced.error().detail}});
  parts_->publish_routes();
  parts_->outbox->start(parts_->sites.all());
  parts_->lookups->start(parts_->sites.all());
}

std::vector<http::Route> App::routes_for(const std::string& site_id) {
  return parts_->routes(
      [site_id](const http::Request&, std::string_view) { return Outcome<std::string>(site_id); });
}

void App::reload_certificate() {
  auto* const files = parts_->server.tls_files();
  if (files != nullptr) report_certificate(*files, files->load(), parts_->clock.now_ms());
}

int App::port() const {
  return parts_->server.port();
}
void App::run() {
  parts_->server.run();
}
void App::stop() {
  parts_->stopping.request_stop();
  parts_->live.close();
  parts_->server.stop();
}

}  // namespace tl::server
