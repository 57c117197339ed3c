// SPDX-License-Identifier: Apache-2.0
// All evidence of a site in pages, and what is derived from it taken away or compared: for
// `throughline rebuild` and `audit`. Errors everywhere: unavailable (store_unavailable).
#pragma once

#include "server/core/outcome.hpp"
#include "server/core/ports/order_store.hpp"
#include "server/core/records.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tl::server {

class EvidenceStore {
 public:
  virtual ~EvidenceStore() = default;

  // By visitor, session and id, after that touch.
  virtual Outcome<std::vector<TouchRow>> touches_after(std::string_view site_id,
                                                       const std::optional<TouchRow>& after,
                                                       std::uint32_t limit) = 0;
  // What classification says (channel, source, medium, campaign) and the evidence, which names its
  // version.
  virtual Outcome<void> set_class(const TouchRow& touch) = 0;
  virtual Outcome<std::int64_t> count_touches(std::string_view site_id) = 0;

  virtual Outcome<std::vector<OrderKey>> orders_after(std::string_view site_id,
                                                      const OrderKey& after,
                                                      std::uint32_t limit) = 0;
  virtual Outcome<std::int64_t> count_orders(std::string_view site_id) = 0;
  virtual Outcome<std::vector<Id128>> conversions_after(std::string_view site_id,
                                                        const Id128& after,
                                                        std::uint32_t limit) = 0;
  virtual Outcome<std::int64_t> count_conversions(std::string_view site_id) = 0;

  // Counts, last activity and first and last touch of sessions again, from their events and
  // touches.
  virtual Outcome<void> recount_sessions(std::string_view site_id) = 0;
  virtual Outcome<void> clear_traffic(std::string_view site_id) = 0;
  virtual Outcome<void> clear_credits(std::string_view site_id) = 0;
  // Forgets the configurations by which no conversion is credited any more.
  virtual Outcome<void> forget_configs(std::string_view site_id) = 0;
  // Writes what rollup differences wait, so that memory stays bounded in a long work.
  virtual Outcome<void> write_rollups() = 0;

  // Remembers all derived rows as they are; differences() tells which are not so any more, at most
  // `limit` a table, a line each.
  virtual Outcome<void> remember_derived() = 0;
  virtual Outcome<std::vector<std::string>> differences(std::uint32_t limit) = 0;
};

}  // namespace tl::server
