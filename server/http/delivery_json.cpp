// SPDX-License-Identifier: Apache-2.0
#include "server/http/delivery_json.hpp"

#include "server/core/record_names.hpp"
#include "server/core/text/json_values.hpp"

namespace tl::server::http {
namespace {

using OrderedJson = nlohmann::ordered_json;

}  // namespace

OrderedJson delivery_summary(const DeliveryRow& row) {
  const bool waits = row.state == DeliveryState::queued || row.state == DeliveryState::failed ||
                     row.state == DeliveryState::accepted;
  return {{"id", row.id},
          {"destination", row.destination},
          {"event_name", row.event_name},
          {"event_id", uuid_text(row.event_id)},
          {"state", delivery_state_name(row.state)},
          {"attempts", row.attempts},
          {"next_attempt_at", waits ? time_or_null(row.next_attempt_ms) : OrderedJson(nullptr)},
          {"last_status", row.last_status},
          {"last_error", row.last_error}};
}

}  // namespace tl::server::http
