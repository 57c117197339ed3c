// SPDX-License-Identifier: Apache-2.0
#include "server/core/privacy/erasure.hpp"

#include "server/core/privacy/erasure_receipt.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace tl::server {
namespace {

// What arrived while the store was searched is found by the next round.
constexpr int kMostRounds = 3;

using CountedKinds = std::vector<std::pair<std::string, std::int64_t>>;

template <class List>
std::int64_t size_of(const List& list) {
  return static_cast<std::int64_t>(list.size());
}

// `waiting`: deliveries that have not been sent.
CountedKinds counts_of(const PersonTraces& traces, std::int64_t waiting) {
  return {{"visitors", size_of(traces.visitors)},
          {"contacts", size_of(traces.contacts)},
          {"sessions", size_of(traces.sessions)},
          {"events", size_of(traces.events)},
          {"orders", size_of(traces.orders)},
          {"conversions", size_of(traces.conversions)},
          {"webhooks", size_of(traces.inbox)},
          {"rejects", size_of(traces.rejects)},
          {"deliveries_removed", waiting},
          {"deliveries_emptied", size_of(traces.deliveries) - waiting}};
}

Outcome<std::int64_t> count_waiting(Tables& tables, const PersonTraces& traces) {
  std::int64_t waiting = 0;
  for (const auto number : traces.deliveries) {
    TL_TRY(row, tables.outbox().find_delivery(number));
    if (row && !was_sent(*row)) ++waiting;
  }
  return waiting;
}

std::string counts_json(const CountedKinds& counts) {
  nlohmann::ordered_json json = nlohmann::ordered_json::object();
  for (const auto& [name, count] : counts) json[name] = count;
  return json.dump();
}

}  // namespace

Outcome<Erasure> erase_person(const ErasureServices& services, const SiteConfig& site,
                              const PersonName& name, bool is_dry_run) {
  Erasure erasure;
  erasure.t_ms = services.clock.now_ms();
  for (int round = 0; round < kMostRounds; ++round) {
    PersonTraces traces;
    CountedKinds counts;
    TL_CHECK(services.store.read([&](Tables& tables) -> Outcome<void> {
      TL_TRY(found, find_traces(tables, site, name, Reach::claiming));
      TL_TRY(waiting, count_waiting(tables, found));
      counts = counts_of(found, waiting);
      traces = std::move(found);
      return {};
    }));
    if (round == 0) {
      erasure.counts = counts;
      erasure.is_shared = traces.is_shared;
    }
    if (is_dry_run) return erasure;
    const bool is_done = traces.is_empty();
    if (is_done && round > 0) break;
    std::int64_t number = 0;
    const auto written = services.store.write([&](Tables& tables) -> Outcome<void> {
      TL_CHECK(rewrite_traces(tables, services.entropy, services.box, site, traces, erasure.t_ms));
      TL_TRY(left, leave_receipt(tables, site.id, traces.visitors, traces.contacts,
                                 counts_json(counts), erasure.t_ms));
      number = left;
      tables.privacy().forget_soon();  // should it not go at once
      return {};
    });
    TL_CHECK(written);
    if (erasure.receipt == 0) erasure.receipt = number;
    if (is_done) break;
  }
  // What is done is told as done.
  erasure.is_log_cut = services.store.forget_overwritten().ok();
  return erasure;
}

}  // namespace tl::server
