// SPDX-License-Identifier: Apache-2.0
// Fills a new database for the reports benchmark: touches over 90 days with their rollups, and a
// purchase for every hundredth, split by every model. Usage: reports_store PATH SECRET TOUCHES
// [TOUCHES A PURCHASE] (the last day is today).
#include "server/core/access/secret_box.hpp"
#include "server/core/attribution/conversion_credits.hpp"
#include "server/core/reports/credit_rollups.hpp"
#include "server/core/reports/local_day.hpp"
#include "server/core/reports/visitor_sketch.hpp"
#include "server/store/open_store.hpp"
#include "server/system_sources.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

using namespace tl;
using namespace tl::server;

namespace {

constexpr std::int64_t kDayMs = 24LL * 3600 * 1000;
constexpr int kDays = 90;
constexpr std::int64_t kAWrite = 5000;

Id128 numbered(std::uint8_t kind, std::uint64_t number) {
  FieldHash hash("bench");
  hash.add_u32(kind);
  hash.add(std::to_string(number));
  return uuid_v8(hash.finish());
}

struct Arrival {
  TrafficSource source;
  double weight;
};

// Some 300 sources, the first few with most of the traffic.
std::vector<Arrival> arrivals() {
  const std::pair<Channel, std::vector<std::string>> channels[] = {
      {Channel::paid_search, {"google", "bing"}},
      {Channel::paid_social, {"facebook", "tiktok", "instagram"}},
      {Channel::paid_video, {"youtube"}},
      {Channel::display, {"google", "criteo"}},
      {Channel::email, {"letter"}},
      {Channel::organic_search, {"google", "bing", "seznam"}},
      {Channel::organic_social, {"facebook", "reddit"}},
      {Channel::ai_assistant, {"chatgpt"}},
      {Channel::referral, {"blog.example", "news.example", "wiki.example"}},
      {Channel::affiliate, {"partner"}},
      {Channel::direct, {"(direct)"}}};
  std::vector<Arrival> list;
  for (const auto& [channel, sources] : channels)
    for (const auto& source : sources) {
      const bool has_campaigns = channel < Channel::organic_search || channel == Channel::email;
      for (int campaign = 0; campaign < (has_campaigns ? 6 : 1); ++campaign)
        for (int page = 0; page < 4; ++page)
          list.push_back(
              {{channel, source, has_campaigns ? "campaign-" + std::to_string(campaign) : "",
                has_campaigns ? "ad-" + std::to_string(page % 2) : "",
                page == 0 ? "/" : "/page-" + std::to_string(page)},
               1.0 / static_cast<double>(1 + list.size() % 37)});
    }
  return list;
}

Outcome<void> add_purchase(Tables& tables, const SiteConfig& site, std::uint64_t number,
                           std::int64_t t_ms, const std::vector<TouchRow>& touches,
                           std::mt19937_64& random) {
  ConversionPath path;
  path.rules =
      "click_lookback_ms=2592000000:view_lookback_ms=86400000:lookback=fixed:direct="
      "drop_if_any_other:collapse=none:repeat=every";
  path.occurred_ms = t_ms;
  for (const auto& touch : touches) {
    PathEntry entry;
    entry.touch_id = touch.id;
    entry.session_id = touch.session_id;
    entry.t_ms = std::min(touch.t_ms, t_ms);
    entry.channel = touch.channel;
    entry.source = touch.source;
    entry.campaign = touch.campaign;
    entry.content = touch.content;
    entry.landing_path = touch.landing_path;
    entry.why = "none";
    path.entries.push_back(std::move(entry));
  }
  ConversionRow row;
  row.site_id = site.id;
  row.id = numbered(9, number);
  row.kind = "purchase";
  row.provider = "api";
  row.order_id = "order-" + std::to_string(number);
  row.amount_minor = 500 + static_cast<std::int64_t>(random() % 20'000);
  row.currency = "EUR";
  row.occurred_ms = row.recorded_ms = t_ms;
  row.match_type = touches.empty() ? MatchType::none : MatchType::session;
  row.touches = static_cast<std::uint32_t>(touches.size());
  row.days_to_convert = static_cast<std::int64_t>(random() % 20);
  row.is_new_customer = random() % 3 != 0;
  row.snapshot = write_snapshot(path);
  TL_TRY(credits, credit_rows({models_of_site(site), {}}, path, row.amount_minor, {}));
  TL_CHECK(tables.orders().insert_conversion(row));
  TL_CHECK(put_credit_rows(tables, row, path.rules, credits));
  return restate_rollups(tables.rollups(), site, {}, CountedConversion{row, std::move(credits)});
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4 && argc != 5) return 2;
  const std::int64_t touches = std::atoll(argv[3]);
  const std::int64_t a_purchase = argc == 5 ? std::max(std::atoll(argv[4]), 1LL) : 100;
  SystemEntropy entropy;
  const SystemClock clock;
  const SecretBox box(argv[2], entropy);
  const auto store = open_store("sqlite:" + std::string(argv[1]), box, clock.now_ms());
  if (!store.ok()) return 1;
  SiteConfig site;
  site.id = "demo";
  site.timezone = "Europe/Prague";
  site.currency = "EUR";
  const auto sources = arrivals();
  std::vector<double> weights;
  for (const auto& arrival : sources) weights.push_back(arrival.weight);
  std::discrete_distribution<std::size_t> pick(weights.begin(), weights.end());
  std::mt19937_64 random(90);
  const std::int64_t start_ms = clock.now_ms() - kDays * kDayMs + kDayMs / 2;
  const auto visitors = static_cast<std::uint64_t>(touches) / 3 + 1;
  for (std::int64_t done = 0; done < touches; done += kAWrite) {
    const auto written = store.value()->write([&](Tables& tables) -> Outcome<void> {
      std::vector<TouchRow> recent;
      for (std::int64_t i = done; i < std::min(touches, done + kAWrite); ++i) {
        const auto number = static_cast<std::uint64_t>(i);
        const TrafficSource& source = sources[pick(random)].source;
        TouchRow touch;
        touch.site_id = site.id;
        touch.id = numbered(1, number);
        touch.session_id = numbered(2, number / 2);
        touch.anonymous_id = numbered(3, random() % visitors);
        touch.t_ms = start_ms + i * (kDays - 1) * kDayMs / touches;
        touch.seq = 1;
        touch.channel = source.channel;
        touch.source = source.source;
        touch.campaign = source.campaign;
        touch.content = source.content;
        touch.landing_path = source.landing_path;
        touch.evidence = R"({"u":"https://shop.example/?utm_source=x&utm_campaign=y"})";
        touch.verdict = Verdict::verified;
        TL_TRY(is_new, tables.events().insert_touch(touch));
        static_cast<void>(is_new);
        TL_CHECK(
            tables.rollups().add_traffic(site.id, {local_day(touch.t_ms, site.timezone),
                                                   source,
                                                   1,
                                                   i % 2 == 0 ? 1 : 0,
                                                   {VisitorSketch::hash_of(touch.anonymous_id)}}));
        recent.push_back(std::move(touch));
        if (recent.size() > 6) recent.erase(recent.begin());
        if (i % a_purchase != a_purchase - 1) continue;
        const std::size_t length = random() % 7;
        const std::vector<TouchRow> path(
            recent.end() - static_cast<std::ptrdiff_t>(std::min(length, recent.size())),
            recent.end());
        TL_CHECK(add_purchase(tables, site, number, recent.back().t_ms, path, random));
      }
      return {};
    });
    if (!written.ok()) {
      std::fprintf(stderr, "%s\n", written.error().detail.c_str());
      return 1;
    }
    if (done % (kAWrite * 40) == 0)
      std::fprintf(stderr, "\r%lld of %lld touches", static_cast<long long>(done),
                   static_cast<long long>(touches));
  }
  std::fprintf(stderr, "\n");
  return 0;
}
