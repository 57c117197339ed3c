// SPDX-License-Identifier: Apache-2.0
#include "server/core/access/resealing.hpp"

#include <array>
#include <utility>

namespace tl::server {
namespace {

constexpr std::uint32_t kSealedAWrite = 500;  // the intake of a running server waits meanwhile

constexpr std::array kSealedTables = {
    std::pair{SealedTable::session_context, "session contexts"},
    std::pair{SealedTable::contact, "contacts"}, std::pair{SealedTable::webhook_inbox, "webhooks"},
    std::pair{SealedTable::delivery, "deliveries"}, std::pair{SealedTable::reject, "rejects"}};

}  // namespace

Outcome<ResealTotals> reseal(Store& store,
                             const std::function<void(std::string_view table, std::int64_t done,
                                                      std::int64_t all)>& progress) {
  ResealTotals totals;
  for (const auto& [table, name] : kSealedTables) {
    std::int64_t all = 0, done = 0;
    TL_CHECK(store.read([&, table = table](Tables& tables) -> Outcome<void> {
      TL_TRY(count, tables.privacy().count_sealed(table));
      all = count;
      return {};
    }));
    ResealedPage page;
    do {
      const SealedKey after = page.last;
      TL_CHECK(store.write([&, table = table](Tables& tables) -> Outcome<void> {
        TL_TRY(next, tables.privacy().reseal(table, after, kSealedAWrite));
        page = std::move(next);
        return {};
      }));
      done += page.rows;
      totals.resealed += page.resealed;
      totals.unreadable += page.unreadable;
      if (progress) progress(name, done, all);
    } while (page.rows == kSealedAWrite);
    totals.rows += done;
  }
  TL_CHECK(store.forget_overwritten());
  return totals;
}

}  // namespace tl::server
