// SPDX-License-Identifier: Apache-2.0
#include "server/core/orders/order_import.hpp"

#include "server/core/orders/fetched_events.hpp"
#include "server/core/orders/provider_call.hpp"

#include <algorithm>
#include <array>

namespace tl::server {
namespace {

constexpr std::array<std::int64_t, 4> kWaitsMs = {2'000, 5'000, 15'000, 40'000};
constexpr int kMostBusy = 100;  // a provider that says "later" so often has another trouble
constexpr std::int64_t kLongestAskingWaitMs = 15 * 60 * 1000;
constexpr std::int64_t kClocksDifferMs = 60 * 60 * 1000;  // the provider's and this one

}  // namespace

Outcome<void> OrderImport::store_mark(const ImportMark& mark) {
  return store_.write([&](Tables& tables) { return tables.fetches().put_import(mark); });
}

Outcome<OrderImport::Begun> OrderImport::begin(const SiteConfig& site, const PaymentConfig& config,
                                               const ProviderApi& api, std::int64_t since_ms,
                                               bool starts_anew) {
  std::optional<ImportMark> stopped;
  TL_CHECK(store_.read([&](Tables& tables) -> Outcome<void> {
    TL_TRY(found, tables.fetches().find_import(site.id, config.provider));
    stopped = std::move(found);
    return {};
  }));
  const auto lists = api.lists();
  const std::string account = config.account_id + " " + config.base_url;
  // Another account's cursor names other pages, and its lists that are done are none of this one's.
  if (stopped && !starts_anew && stopped->account == account && stopped->since_ms == since_ms &&
      std::find(lists.begin(), lists.end(), stopped->list) != lists.end()) {
    watch_({*stopped, /*is_resumed=*/true, 0, {}});
    return Begun{*stopped, /*is_resumed=*/true};
  }
  ImportMark mark;
  mark.site_id = site.id;
  mark.provider = config.provider;
  mark.account = account;
  mark.since_ms = since_ms;
  mark.list = lists.front();
  mark.t_ms = clock_.now_ms();
  return Begun{mark, /*is_resumed=*/false};
}

Outcome<OutgoingAnswer> OrderImport::ask(const OutgoingRequest& request, std::string_view provider,
                                         const ImportMark& mark) {
  std::size_t failed = 0;
  for (int busy = 0;;) {
    auto answer = client_.send(request);
    const auto verdict = judge_call(provider, answer, clock_.now_ms());
    if (verdict.kind == CallVerdict::Kind::answered) return answer;
    if (verdict.kind != CallVerdict::Kind::later) return verdict.error;
    std::int64_t wait_ms = verdict.retry_after_ms;
    if (verdict.error.kind == ErrorKind::limited) {
      if (++busy > kMostBusy || wait_ms > kLongestAskingWaitMs) return verdict.error;
      wait_ms = std::max(wait_ms, kWaitsMs.front());
    } else {
      if (failed == kWaitsMs.size()) return verdict.error;
      wait_ms = kWaitsMs[failed++];
    }
    watch_({mark, false, wait_ms, verdict.error.detail});
    pause_(wait_ms);
  }
}

Outcome<void> OrderImport::keep(const SiteConfig& site, const ListPage& page, ImportMark& mark) {
  for (const auto& event : page.events) {
    TL_TRY(result, keep_fetched(orders_, site, mark.provider, event, "import", clock_.now_ms()));
    ++(result.result == "duplicate" ? mark.known : mark.kept);
  }
  return {};
}

Outcome<void> OrderImport::read_list(const SiteConfig& site, const PaymentConfig& config,
                                     const ProviderApi& api, ImportMark& mark, Place place) {
  do {
    const ListPlace page_place{mark.list, mark.cursor, mark.since_ms};
    TL_TRY(request, api.list_request(page_place, config));
    TL_TRY(answer, ask(request, api.name(), mark));
    TL_TRY(page, api.read_page(page_place, answer, clock_.now_ms(), config, site));
    TL_CHECK(keep(site, page, mark));
    for (const auto& sentence : page.unreadable) watch_({mark, false, 0, sentence});
    mark.items += page.items;
    mark.unreadable += static_cast<std::int64_t>(page.unreadable.size());
    if (!page.next.empty() && page.next == mark.cursor)
      return ServerError{ErrorKind::unavailable, "unreadable_answer",
                         std::string(api.name()) + " names the same next page of " + mark.list +
                             " again and again",
                         0};
    mark.cursor = page.next;
    if (place == Place::stored && !mark.cursor.empty()) TL_CHECK(store_mark(mark));
    watch_({mark, false, 0, {}});
  } while (!mark.cursor.empty());
  return {};
}

Outcome<void> OrderImport::read_lists(const SiteConfig& site, const PaymentConfig& config,
                                      const ProviderApi& api, ImportMark& mark, Place place) {
  const auto lists = api.lists();
  for (auto list = std::find(lists.begin(), lists.end(), mark.list); list != lists.end(); ++list) {
    mark.list = *list;
    if (place == Place::stored) TL_CHECK(store_mark(mark));
    TL_CHECK(read_list(site, config, api, mark, place));
  }
  return {};
}

Outcome<ImportMark> OrderImport::run(const SiteConfig& site, const PaymentConfig& config,
                                     const ProviderApi& api, std::int64_t since_ms,
                                     bool starts_anew) {
  TL_TRY(begun, begin(site, config, api, since_ms, starts_anew));
  ImportMark& mark = begun.mark;
  TL_CHECK(read_lists(site, config, api, mark, Place::stored));
  if (begun.is_resumed) {
    mark.list = api.lists().front();
    mark.since_ms = std::max(mark.since_ms, mark.t_ms - kClocksDifferMs);
    TL_CHECK(read_lists(site, config, api, mark, Place::untold));
  }
  TL_CHECK(store_.write(
      [&](Tables& tables) { return tables.fetches().remove_import(mark.site_id, mark.provider); }));
  return mark;
}

}  // namespace tl::server
