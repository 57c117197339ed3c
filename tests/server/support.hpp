// SPDX-License-Identifier: Apache-2.0
// The vocabulary of the server's tests: a clock that stands still, entropy that repeats, a real
// SQLite store in a folder of its own, and ids and rows made from small numbers.
#pragma once

#include "server/core/access/secret_box.hpp"
#include "server/core/clock.hpp"
#include "server/core/config.hpp"
#include "server/core/ingest/session_token.hpp"
#include "server/core/ports/store.hpp"
#include "server/store/open_store.hpp"
#include "tests/catch.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>

namespace tl::server::test {

// 2026-09-21T14:13:20Z, a Monday.
inline constexpr std::int64_t kNow = 1'790'000'000'000;
inline constexpr std::int64_t kMinute = 60'000;
inline constexpr std::int64_t kHour = 60 * kMinute;
inline constexpr std::int64_t kDay = 24 * kHour;
inline constexpr const char* kPassword = "correct horse battery";
inline constexpr const char* kSecret = "a test secret of more than thirty-two bytes";

class FakeClock : public Clock {
 public:
  explicit FakeClock(std::int64_t start_ms = kNow) : now_ms_(start_ms) {}
  std::int64_t now_ms() const override { return now_ms_; }
  void set(std::int64_t t_ms) { now_ms_ = t_ms; }
  void advance(std::int64_t ms) { now_ms_ += ms; }

 private:
  std::int64_t now_ms_;
};

// Bytes of SHA-256 over a counter: never the same twice, the same in every run.
class FakeEntropy : public Entropy {
 public:
  void fill(std::uint8_t* bytes, std::size_t count) override {
    while (count > 0) {
      const Digest block = sha256("entropy " + std::to_string(counter_++));
      const std::size_t part = std::min(count, block.size());
      std::memcpy(bytes, block.data(), part);
      bytes += part;
      count -= part;
    }
  }

 private:
  std::uint64_t counter_ = 0;
};

class TempFolder {
 public:
  TempFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "tl-test-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
    path_ = pattern;
  }
  ~TempFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  [[nodiscard]] std::string file(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

template <class T>
T value_of(Outcome<T> outcome) {
  if (!outcome.ok()) throw std::runtime_error(outcome.error().code + ": " + outcome.error().detail);
  return std::move(outcome).value();
}
inline void require_ok(const Outcome<void>& outcome) {
  INFO((outcome.ok() ? std::string() : outcome.error().code + ": " + outcome.error().detail));
  REQUIRE(outcome.ok());
}

// A real store with its clock, entropy and secret; gone with the test.
class TempStore {
 public:
  TempStore() : box(kSecret, entropy), tokens(box) {
    static const std::string pristine = migrated_file();
    std::ofstream(path(), std::ios::binary) << pristine;
    reopen();
  }
  void reopen() {
    store_.reset();
    store_ = value_of(open_store("sqlite:" + folder_.file("test.db"), box, clock.now_ms()));
  }
  Store& operator*() { return *store_; }
  Store* operator->() { return store_.get(); }
  [[nodiscard]] std::string path() const { return folder_.file("test.db"); }

  // Runs one call on the tables and returns its value: store.get([](Tables& t) { return …; }).
  template <class Call>
  auto get(Call&& call) {
    decltype(call(std::declval<Tables&>())) result = ServerError{};
    require_ok(store_->read([&](Tables& tables) -> Outcome<void> {
      result = call(tables);
      return {};
    }));
    return value_of(std::move(result));
  }
  void put(const Store::Work& work) { require_ok(store_->write(work)); }
  // Folds what waits into the rollups, for who reads their rows and not the reports.
  void settle() {
    put([](Tables& tables) { return tables.evidence().write_rollups(); });
  }
  // The total of one counter, 0 when it was never counted.
  std::int64_t counter(const std::string& site_id, const std::string& name) {
    for (const auto& total : get([](Tables& t) { return t.operations().counters(); }))
      if (total.site_id == site_id && total.name == name) return total.total;
    return 0;
  }

  FakeClock clock;
  FakeEntropy entropy;
  SecretBox box;
  TokenIssuer tokens;

 private:
  // A store of no row. Migrating takes longer than most tests, and a process has hundreds of
  // stores.
  static std::string migrated_file() {
    const TempFolder folder;
    FakeEntropy entropy;
    const SecretBox box(kSecret, entropy);
    const std::string path = folder.file("pristine.db");
    value_of(
        open_store("sqlite:" + path, box, kNow));  // closed again, so nothing is left in its log
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  TempFolder folder_;
  std::unique_ptr<Store> store_;
};

// id(7) is 00000000-0000-0000-0000-000000000007.
inline Id128 id(std::uint64_t number) {
  Id128 made;
  for (std::size_t i = 0; i < 8; ++i)
    made.bytes[15 - i] = static_cast<std::uint8_t>(number >> (8 * i));
  return made;
}
inline std::string uuid(const Id128& value) {
  char text[36];
  Out out(text, sizeof text);
  write_uuid(value, out);
  return std::string(out.view());
}

inline SiteConfig demo_site() {
  SiteConfig site;
  site.id = "demo";
  site.name = "Demo Film";
  site.write_key = "wk_demo";
  site.origins = {"https://shop.example"};
  site.timezone = "Europe/Prague";
  site.currency = "EUR";
  site.default_country = "CZ";
  return site;
}
inline Config demo_config() {
  Config config;
  config.public_url = "https://t.shop.example";
  config.secret = kSecret;
  config.sites = {demo_site()};
  return config;
}

inline TouchRow given_touch(std::uint64_t number, Channel channel = Channel::paid_search,
                            std::int64_t t_ms = kNow) {
  TouchRow touch;
  touch.site_id = "demo";
  touch.id = id(number);
  touch.session_id = id(1001);
  touch.anonymous_id = id(2001);
  touch.t_ms = t_ms;
  touch.seq = 1;
  touch.channel = channel;
  touch.source = "google";
  touch.medium = "cpc";
  touch.campaign = "film";
  touch.landing_path = "/";
  touch.rules_version = kRulesVersion;
  touch.verdict = Verdict::verified;
  return touch;
}

inline SessionRow given_session(std::uint64_t number = 1001, std::int64_t started_ms = kNow) {
  SessionRow session;
  session.site_id = "demo";
  session.id = id(number);
  session.anonymous_id = id(2001);
  session.idx = 1;
  session.why = SessionReason::first;
  session.started_ms = started_ms;
  session.last_ms = started_ms;
  session.page_views = 1;
  session.events = 1;
  session.entry_path = "/";
  session.exit_path = "/";
  return session;
}

inline EventRow given_event(std::uint64_t number, const std::string& name = "page_view",
                            std::int64_t t_ms = kNow) {
  EventRow event;
  event.site_id = "demo";
  event.id = id(number);
  event.session_id = id(1001);
  event.anonymous_id = id(2001);
  event.name = name;
  event.t_ms = event.raw_t_ms = event.received_ms = t_ms;
  event.page_nonce = id(3001);
  event.seq = 1;
  event.url = "https://shop.example/";
  event.why = SessionReason::same;
  event.rules_version = kRulesVersion;
  event.verdict = Verdict::verified;
  return event;
}

}  // namespace tl::server::test
