// SPDX-License-Identifier: Apache-2.0
// Deliveries put back into the queue because a person asks for it. Event id and time stay; consent,
// age and the vendor's deduplication window are asked again when the lane sends them. Only what the
// vendor might count twice is refused here, unless that is wanted.
#pragma once

#include "server/core/ports/store.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tl::server {

// Errors: not_found (unknown_delivery), conflict (already_delivered, may_count_twice).
Outcome<DeliveryRow> retry_delivery(OutboxStore& outbox, std::string_view site_id, std::int64_t id,
                                    bool is_forced, std::int64_t now_ms);

struct DeliverySelection {
  std::string site_id, destination;           // destination: empty for all
  DeliveryState state = DeliveryState::dead;  // dead, failed or withheld
  std::optional<std::int64_t> since_ms;       // made since then
};
struct RetriedDeliveries {
  std::int64_t queued = 0, doubtful = 0;  // doubtful: may be counted twice, left as they are
};
// All that are selected, in writes of their own, so that the intake never waits long. Errors:
// unavailable.
Outcome<RetriedDeliveries> retry_deliveries(Store& store, const DeliverySelection& selection,
                                            bool is_forced, std::int64_t now_ms);

// "dead", "failed", "withheld"; none for states that nothing leads back from.
std::optional<DeliveryState> parse_retriable_state(std::string_view name);

}  // namespace tl::server
