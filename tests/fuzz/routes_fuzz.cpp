// SPDX-License-Identifier: Apache-2.0
// Requests to the intakes and lists as the handlers get them (preset fuzz): the first line is
// method and target, headers follow up to an empty line, the rest is the body. Whatever is asked,
// the server does not fail: no answer is a 5xx, and what says that it is JSON is.
#include "server/core/ingest/ingest.hpp"
#include "server/core/orders/checkouts.hpp"
#include "server/core/orders/orders.hpp"
#include "server/destinations/registry.hpp"
#include "server/http/ingest_routes.hpp"
#include "server/http/order_routes.hpp"
#include "server/http/request_target.hpp"
#include "server/http/router.hpp"
#include "server/http/unread_tally.hpp"
#include "server/providers/registry.hpp"
#include "server/store/open_store.hpp"
#include "tests/fuzz/fuzz_input.hpp"

#include <nlohmann/json.hpp>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>

namespace {

using namespace tl::server;

constexpr std::int64_t kBegunMs = 1'790'000'000'000;
// The store grows with what is taken: a new one now and then keeps an input's cost its own.
constexpr int kInputsAStore = 2000;

class CountedEntropy final : public Entropy {
 public:
  void fill(std::uint8_t* bytes, std::size_t size) override {
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(next_++ % 251);
  }

 private:
  std::uint64_t next_ = 0;
};

class SteppedClock final : public Clock {
 public:
  [[nodiscard]] std::int64_t now_ms() const override { return now_ms_; }
  void step() { now_ms_ += 1000; }

 private:
  std::int64_t now_ms_ = kBegunMs;
};

class NobodyAnswers final : public HttpClient {
 public:
  OutgoingAnswer send(const OutgoingRequest&) override { return {}; }
};

std::shared_ptr<const SiteConfig> fuzzed_site() {
  auto site = std::make_shared<SiteConfig>();
  site->id = "demo";
  site->name = "Demo";
  site->write_key = "wk_demo";
  site->origins = {"https://shop.example"};
  site->timezone = "Europe/Prague";
  site->currency = "EUR";
  site->default_country = "CZ";
  PaymentConfig payment;
  payment.provider = "gumroad";
  payment.webhook_secrets = {"a-token-of-some-length"};
  site->payments = {payment};
  return site;
}

Outcome<std::string> authorised(const http::Request& request, std::string_view) {
  if (request.header("authorization") == "Bearer good") return std::string("demo");
  return fail(tl::ErrorKind::unauthenticated, "missing_key", "no key");
}

// Everything behind the routes, on a store of its own.
class FuzzedHouse {
 public:
  FuzzedHouse()
      : folder_(new_folder()),
        store_(opened()),
        ingest_({*store_, clock_, entropy_, box_, tokens_, sites(),
                 [this](std::string_view) { return lanes_; }, nullptr}),
        unread_(*store_),
        orders_(*store_, clock_, destinations::destination_takes, &box_),
        checkouts_(
            *store_, clock_, client_, [this](std::string_view) { return lanes_; },
            [](std::int64_t) {}),
        router_(routes()) {}
  ~FuzzedHouse() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  FuzzedHouse(const FuzzedHouse&) = delete;
  FuzzedHouse& operator=(const FuzzedHouse&) = delete;

  void ask(std::string_view line, http::Request request) {
    const auto blank = line.find(' ');
    request.method = std::string(line.substr(0, blank));
    http::RequestTarget target;
    if (blank == line.npos || !http::parse_target(line.substr(blank + 1), target)) return;
    auto found = router_.find(request.method, target.segments);
    if (found.route == nullptr || request.body.size() > found.route->most_read()) return;
    clock_.step();
    request.path = target.path;
    request.query = target.query;
    request.params = std::move(found.params);
    request.client_ip = "192.0.2.7";
    request.id = "fuzzed";
    request.received_ms = clock_.now_ms();
    const http::Reply reply = found.route->handler(request);
    tl::fuzz::demand(reply.status >= 200 && reply.status < 500);
    for (const auto& [name, value] : reply.headers)
      if (name == "Content-Type" && value.starts_with("application/json"))
        tl::fuzz::demand(!nlohmann::json::parse(reply.body, nullptr, false).is_discarded());
  }

 private:
  static std::string new_folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "tl-fuzz-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) std::abort();
    return pattern;
  }
  std::unique_ptr<Store> opened() {
    auto made = open_store("sqlite:" + folder_ + "/fuzz.db", box_, kBegunMs);
    if (!made.ok()) std::abort();
    return std::move(made).value();
  }
  SiteLookup sites() {
    return [site = fuzzed_site()](std::string_view id) { return id == "demo" ? site : nullptr; };
  }
  std::vector<http::Route> routes() {
    std::vector<http::Route> all;
    const auto add = [&all](std::vector<http::Route> some) {
      for (auto& route : some) all.push_back(std::move(route));
    };
    const http::IngestRouteParts intake{ingest_, "https://t.shop.example", authorised, unread_, {}};
    for (auto* make :
         {http::events_routes, http::touch_routes, http::identify_routes, http::consent_routes,
          http::handover_routes, http::region_routes, http::coarse_handover_routes,
          http::pixel_routes, http::view_routes, http::people_routes, http::sessions_routes})
      add(make(intake));
    const http::OrderRouteParts money{orders_, *store_,       clock_,
                                      sites(), find_provider, authorised,
                                      tokens_, checkouts_,    find_checkout_maker,
                                      unread_, box_};
    for (auto* make : {http::webhook_routes, http::conversion_routes, http::order_event_routes})
      add(make(money));
    for (auto* make : {http::lead_routes, http::checkout_routes}) add(make(money, ingest_));
    add(http::rejects_routes(intake, all));
    return all;
  }

  SteppedClock clock_;
  CountedEntropy entropy_;
  SecretBox box_{"a secret of more than thirty-two bytes", entropy_};
  TokenIssuer tokens_{box_};
  NobodyAnswers client_;
  std::shared_ptr<std::vector<EventLane>> lanes_ = std::make_shared<std::vector<EventLane>>();
  std::string folder_;
  std::unique_ptr<Store> store_;
  Ingest ingest_;
  http::UnreadTally unread_;
  Orders orders_;
  Checkouts checkouts_;
  http::Router router_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // Made in its own initialiser, it ends before OpenSSL does, which its threads still need.
  static auto house = std::make_unique<FuzzedHouse>();
  static int inputs = 0;
  if (++inputs % kInputsAStore == 0) {
    house.reset();
    house = std::make_unique<FuzzedHouse>();
  }
  std::string_view rest = tl::fuzz::text_of(data, size);
  const std::string_view line = tl::fuzz::next_line(rest);
  http::Request request;
  for (auto header = tl::fuzz::next_line(rest); !header.empty();
       header = tl::fuzz::next_line(rest)) {
    const auto colon = header.find(':');
    if (colon == header.npos) continue;
    std::string_view value = header.substr(colon + 1);
    if (value.starts_with(' ')) value.remove_prefix(1);
    request.headers.emplace_back(std::string(header.substr(0, colon)), std::string(value));
  }
  request.body = rest;
  house->ask(line, std::move(request));
  return 0;
}
