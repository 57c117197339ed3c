// SPDX-License-Identifier: Apache-2.0
#include "server/core/orders/order_lookups.hpp"

#include "server/core/durations.hpp"
#include "server/core/orders/fetched_events.hpp"
#include "server/core/orders/provider_call.hpp"
#include "server/core/outbox/delivery_schedule.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <optional>

namespace tl::server {
namespace {

constexpr auto kLookEvery = std::chrono::seconds(1);
constexpr std::uint32_t kLookupsARead = 20;
// What a webhook told may come to the API's knowledge a moment later.
constexpr std::uint32_t kMostMissing = 3;
constexpr std::int64_t kUnansweredAfterMs = kDayMs;

std::uint64_t drawn(Entropy& entropy) {
  std::array<std::uint8_t, sizeof(std::uint64_t)> bytes{};
  entropy.fill(bytes.data(), bytes.size());
  std::uint64_t number = 0;
  std::memcpy(&number, bytes.data(), bytes.size());
  return number;
}

// What stands in the inbox for the webhook that asked; nothing, if anybody could have sent it.
InboxEntry asker_of(const LookupRow& lookup) {
  InboxEntry asker;
  asker.site_id = lookup.site_id;
  asker.provider = lookup.provider;
  asker.event_key = lookup.inbox_key;
  asker.result = "ignored";
  asker.order_id = lookup.subject;
  return asker;
}

}  // namespace

void OrderLookups::start(const std::vector<std::shared_ptr<const SiteConfig>>& sites) {
  is_stopping_ = false;
  for (const auto& site : sites)
    for (const auto& config : site->payments) {
      const ProviderApi* api = parts_.find_api(config.provider);
      if (api == nullptr || !api->has_lookups()) continue;
      if (config.api_key.empty() && !api->counts_unanswered()) continue;
      threads_.emplace_back([this, site, &config] { run_lane(*site, config); });
    }
}

void OrderLookups::stop() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  stopped_.notify_all();
  for (auto& thread : threads_) thread.join();
  threads_.clear();
}

void OrderLookups::run_lane(const SiteConfig& site, const PaymentConfig& config) {
  std::unique_lock lock(mutex_);
  while (!is_stopping_) {
    lock.unlock();
    if (const auto done = run_due(site, config); !done.ok()) {
      LookupRow lane;
      lane.site_id = site.id;
      lane.provider = config.provider;
      parts_.report(lane, done.error());
    }
    lock.lock();
    stopped_.wait_for(lock, kLookEvery, [this] { return is_stopping_; });
  }
}

Outcome<void> OrderLookups::run_due(const SiteConfig& site, const PaymentConfig& config) {
  const ProviderApi* api = parts_.find_api(config.provider);
  if (api == nullptr) return {};
  std::vector<LookupRow> due;
  TL_CHECK(parts_.store.read([&](Tables& tables) -> Outcome<void> {
    TL_TRY(found, tables.fetches().due_lookups(site.id, config.provider, parts_.clock.now_ms(),
                                               kLookupsARead));
    due = std::move(found);
    return {};
  }));
  for (auto& lookup : due) {
    TL_TRY(answers, look_up(site, config, *api, std::move(lookup)));
    if (!answers) return {};
  }
  return {};
}

// false: the API did not answer, so that the next one would not be answered either.
Outcome<bool> OrderLookups::look_up(const SiteConfig& site, const PaymentConfig& config,
                                    const ProviderApi& api, LookupRow lookup) {
  LookupProgress progress{lookup.subject, lookup.event_type, "", 0};
  for (;;) {
    const auto request = api.lookup_request(progress, config);
    if (!request.ok()) {
      TL_CHECK(put_off(site, api, lookup, request.error()));
      return true;
    }
    if (!request.value()) break;
    const auto answer = parts_.client.send(*request.value());
    const auto verdict = judge_call(api.name(), answer, parts_.clock.now_ms());
    // Of what anybody may have made up, the provider tells again when more happens to it.
    if (verdict.kind == CallVerdict::Kind::missing && progress.step == 0 && !lookup.is_proven) {
      TL_CHECK(drop(lookup, verdict.error));
      return true;
    }
    if (verdict.kind == CallVerdict::Kind::missing && api.may_be_missing(progress)) {
      ++progress.step;
      continue;
    }
    if (verdict.kind != CallVerdict::Kind::answered) {
      TL_CHECK(put_off(site, api, lookup, verdict.error, verdict.retry_after_ms));
      return verdict.kind == CallVerdict::Kind::missing;
    }
    if (const auto taken = api.take_answer(progress, answer); !taken.ok()) {
      TL_CHECK(put_off(site, api, lookup, taken.error()));
      return true;
    }
  }
  auto events = api.read_lookup(progress, parts_.clock.now_ms(), config, site);
  if (events.ok())
    TL_CHECK(keep(site, lookup, std::move(events).value()));
  else
    TL_CHECK(put_off(site, api, lookup, events.error()));
  return true;
}

Outcome<void> OrderLookups::put_off(const SiteConfig& site, const ProviderApi& api,
                                    LookupRow& lookup, const ServerError& error,
                                    std::int64_t retry_after_ms) {
  const std::int64_t now_ms = parts_.clock.now_ms();
  const bool is_old = now_ms - lookup.asked_ms > kLookupPatienceMs;
  if (is_old && !lookup.is_proven) return drop(lookup, error);
  ++lookup.attempts;
  lookup.last_error = error.code;
  lookup.next_attempt_ms =
      now_ms + std::max({is_old ? kDayMs : backoff_ms(lookup.attempts, drawn(parts_.entropy)),
                         std::min(retry_after_ms, kMostRetryAfterMs), std::int64_t{1000}});
  parts_.report(lookup, error);
  TL_CHECK(parts_.store.write([&](Tables& tables) { return tables.fetches().put_off(lookup); }));
  const bool is_unanswered = (error.code == "not_at_provider" && lookup.attempts >= kMostMissing) ||
                             error.code == "missing_setting" ||
                             now_ms - lookup.asked_ms >= kUnansweredAfterMs;
  return is_unanswered && api.counts_unanswered() ? count_unanswered(site, lookup)
                                                  : Outcome<void>();
}

// The sale as its webhook told it.
Outcome<void> OrderLookups::count_unanswered(const SiteConfig& site, const LookupRow& lookup) {
  std::optional<OrderRow> order;
  TL_CHECK(parts_.store.read([&](Tables& tables) -> Outcome<void> {
    TL_TRY(found, tables.orders().find_order(site.id, lookup.provider, lookup.subject));
    order = std::move(found);
    return {};
  }));
  if (!order || order->state != OrderState::pending || order->currency.empty()) return {};
  OrderChange sale;
  sale.kind = OrderChange::Kind::purchase;
  sale.event_type = lookup.event_type;
  sale.order_id = order->order_id;
  sale.amount_minor = order->amount_minor;
  sale.currency = order->currency;
  sale.change_key = purchase_key(sale);
  sale.occurred_ms = order->created_ms;
  sale.live = order->live;
  TL_TRY(told, keep_fetched(parts_.orders, site, lookup.provider, {"{}", "", {sale}}, "lookup",
                            parts_.clock.now_ms()));
  InboxEntry asker = asker_of(lookup);
  asker.result = told.result;
  TL_CHECK(
      parts_.store.write([&](Tables& tables) { return tables.orders().set_inbox_result(asker); }));
  parts_.after_change();
  return {};
}

Outcome<void> OrderLookups::drop(const LookupRow& lookup, const ServerError& error) {
  parts_.report(lookup, error);
  const InboxEntry asker = asker_of(lookup);
  return parts_.store.write([&](Tables& tables) -> Outcome<void> {
    TL_CHECK(tables.fetches().remove_lookup(lookup));
    TL_CHECK(tables.orders().set_inbox_result(asker));
    return tables.operations().count(lookup.site_id, "lookup_dropped", 1);
  });
}

Outcome<void> OrderLookups::keep(const SiteConfig& site, const LookupRow& lookup,
                                 std::vector<FetchedEvent> events) {
  InboxEntry asker = asker_of(lookup);
  for (auto& event : events) {
    if (!lookup.live)
      for (auto& change : event.changes) change.live = false;
    TL_TRY(result, keep_fetched(parts_.orders, site, lookup.provider, event, "lookup",
                                parts_.clock.now_ms()));
    if (asker.result != "ignored") continue;
    asker.result = result.result;
    asker.order_id = result.order_id;
  }
  auto written = parts_.store.write([&](Tables& tables) -> Outcome<void> {
    TL_CHECK(tables.orders().set_inbox_result(asker));
    return tables.fetches().remove_lookup(lookup);
  });
  if (written.ok()) parts_.after_change();
  return written;
}

}  // namespace tl::server
