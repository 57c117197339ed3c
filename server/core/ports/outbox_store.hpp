// SPDX-License-Identifier: Apache-2.0
// Deliveries due. enqueue() runs in the transaction of what is reported; leasing and settling are
// transactions of their own.
#pragma once

#include "server/core/outcome.hpp"
#include "server/core/records.hpp"

#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tl::server {

struct LaneState {
  std::string state;  // "ok", "auth_failed", "backing_off", "disabled"
  std::int64_t until_ms = 0;
  std::string reason;
  // By the receiver: nothing is tried but for a probe now and then.
  [[nodiscard]] bool is_closed() const { return state == "auth_failed" || state == "disabled"; }
};

struct DeliveryAttempt {
  std::int64_t delivery_id = 0, t_ms = 0, duration_ms = 0;
  int status = 0;
  std::string outcome, answer;
};

inline constexpr std::int64_t kUncapped = -1;
inline constexpr std::int64_t kAnyTime = std::numeric_limits<std::int64_t>::max();

class OutboxStore {
 public:
  virtual ~OutboxStore() = default;

  // false when (site, destination, event name, event id) is already there.
  virtual Outcome<bool> enqueue(const DeliveryRow& delivery) = 0;
  // Takes up to `limit` due rows of one lane, oldest first, and leases them.
  virtual Outcome<std::vector<DeliveryRow>> lease(std::string_view site_id,
                                                  std::string_view destination, std::int64_t now_ms,
                                                  std::int64_t lease_until_ms,
                                                  std::uint32_t limit) = 0;
  // Earliest time at which any lane has work; none when all is quiet.
  virtual Outcome<std::optional<std::int64_t>> next_due(std::string_view site_id,
                                                        std::string_view destination) = 0;
  // Earliest time at which a vendor is to be asked what became of an accepted one.
  virtual Outcome<std::optional<std::int64_t>> next_result_due(std::string_view site_id,
                                                               std::string_view destination) = 0;
  // All accepted deliveries of the request whose result is due longest; none when none is due.
  virtual Outcome<std::vector<DeliveryRow>> due_result(std::string_view site_id,
                                                       std::string_view destination,
                                                       std::int64_t now_ms) = 0;
  // How many deliveries of a lane are in that state, at most `most` (or kUncapped); costs as much
  // as it counts.
  virtual Outcome<std::int64_t> count_in_state(std::string_view site_id,
                                               std::string_view destination, DeliveryState state,
                                               std::int64_t most) = 0;
  virtual Outcome<void> put_delivery(
      const DeliveryRow& delivery) = 0;  // body is sealed; scrubbed when empty
  virtual Outcome<void> append_attempt(const DeliveryAttempt& attempt) = 0;
  virtual Outcome<std::vector<DeliveryAttempt>> attempts_of(std::int64_t delivery_id) = 0;
  virtual Outcome<std::optional<DeliveryRow>> find_delivery(std::int64_t id) = 0;
  virtual Outcome<std::vector<DeliveryRow>> deliveries_of_event(std::string_view site_id,
                                                                const Id128& event_id) = 0;
  virtual Outcome<std::vector<DeliveryRow>> deliveries_of_session(std::string_view site_id,
                                                                  const Id128& session_id) = 0;
  virtual Outcome<std::vector<DeliveryRow>> deliveries_of_visitor(std::string_view site_id,
                                                                  const Id128& anonymous_id) = 0;
  virtual Outcome<Page<DeliveryRow>> list_deliveries(const ListQuery& query,
                                                     std::optional<DeliveryState> state,
                                                     std::string_view destination) = 0;
  // Withdrawal: drops what is queued for this visitor and the bodies of what was accepted, of one
  // destination or of all (""), as far as it occurred before; returns how many were queued.
  virtual Outcome<std::uint32_t> withhold_queued(std::string_view site_id,
                                                 const Id128& anonymous_id, std::string_view reason,
                                                 std::string_view destination = {},
                                                 std::int64_t before_ms = kAnyTime) = 0;
  virtual Outcome<void> scrub_old_bodies(std::int64_t before_ms) = 0;

  // What the sale is called in a scope; none: nobody was told of it there.
  virtual Outcome<std::optional<std::string>> transaction_id(std::string_view scope,
                                                             std::string_view site_id,
                                                             const Id128& conversion_id) = 0;
  // false when another sale has the name there.
  virtual Outcome<bool> claim_transaction_id(std::string_view scope, std::string_view id,
                                             std::string_view site_id,
                                             const Id128& conversion_id) = 0;

  virtual Outcome<LaneState> lane(std::string_view site_id, std::string_view destination) = 0;
  virtual Outcome<void> set_lane(std::string_view site_id, std::string_view destination,
                                 const LaneState& lane) = 0;
};

}  // namespace tl::server
