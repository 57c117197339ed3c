// SPDX-License-Identifier: Apache-2.0
// The only parser of the ingest path: a body in wire format v1 (api.md section 4) becomes a
// WireBatch. Shape and size only; who may send it is the handler's business, what it means is
// core's. A bad event is refused alone, the rest of its batch goes on.
#pragma once

#include "server/core/ingest/wire_event.hpp"
#include "server/core/outcome.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace tl::server::http {

inline constexpr std::size_t kMaxEvents = 50;
inline constexpr std::size_t kMaxPropsBytes = 8 * 1024;
inline constexpr std::size_t kMaxPropsDepth = 8;

struct DecodedBatch {
  WireBatch batch;
  std::string key;
  std::vector<RefusedEvent> refused;
  // Members that were unusable and do without: tok, pf, rs, ru, sent, prev. They come out of the
  // page's storage or its attributes, which anybody can spoil, and only prove or tighten something.
  std::vector<std::string> ignored;
};

// Errors of the whole batch: invalid (malformed_json, bad_version, bad_field), too_large
// (too_many_events). Codes of single events: bad_event_name, bad_uuid, bad_time, bad_sequence,
// bad_field, props_too_large, props_too_deep, missing_nonce.
Outcome<DecodedBatch> decode_batch(std::string_view body);

// For the simpler intakes, which build their events from other shapes.
Consent read_consent(const nlohmann::json& consent);  // {"s":1,"m":0} or {"storage":true,…}
// Whether it is a no to storage, not a word that is no yes.
bool refuses_storage(const nlohmann::json& consent);
// The same where a wrong type must be told and not be taken for a refusal: members are true, false,
// 1, 0 or null. Errors: invalid (bad_consent).
Outcome<Consent> read_strict_consent(const nlohmann::json& consent);
// How a page without consent was reached ("an"), with the channel that follows; none when it does
// not say. Errors: invalid (bad_field).
Outcome<std::optional<WireAnonymous>> read_coarse_facts(const nlohmann::json& object);
bool is_event_name(std::string_view name);
Outcome<std::string> read_props(const nlohmann::json& props);

// Site and key of a body that may be anything, found by searching: decides whether it is kept.
struct ClaimedKey {
  std::string site, key;
};
ClaimedKey claimed_key(std::string_view body);

}  // namespace tl::server::http
