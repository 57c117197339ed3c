// SPDX-License-Identifier: Apache-2.0
// The use case "a browser reports events": a decoded batch is verified by replay, classified, and
// kept in one store write; only then is it answered. Thread-safe.
//   counters per site: accepted + duplicate + consent_refused + rejected = everything that came in
#pragma once

#include "server/core/access/secret_box.hpp"
#include "server/core/attribution/conversion_sink.hpp"
#include "server/core/classify/agent_reader.hpp"
#include "server/core/classify/place_database.hpp"
#include "server/core/classify/touch_classifier.hpp"
#include "server/core/clock.hpp"
#include "server/core/config.hpp"
#include "server/core/ingest/kept_sender.hpp"
#include "server/core/ingest/recent_pings.hpp"
#include "server/core/ingest/session_token.hpp"
#include "server/core/ingest/wire_event.hpp"
#include "server/core/outbox/event_lane.hpp"
#include "server/core/outcome.hpp"
#include "server/core/ports/store.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tl::server {

// Everything the intakes need; App owns the parts.
struct IngestServices {
  Store& store;
  const Clock& clock;
  Entropy& entropy;
  const SecretBox& box;
  const TokenIssuer& tokens;
  SiteLookup find_site;
  LaneLookup find_lanes;
  ConversionSink* conversions = nullptr;  // null: own events never convert
  const PlaceDatabase* places = nullptr;  // null: places come from headers alone
};

struct IngestAnswer {
  std::uint32_t accepted = 0, duplicate = 0, consent_refused = 0;
  std::vector<RefusedEvent> rejected;
  std::vector<std::string> flags;  // forged, mismatch:…, unverified, clock, late, bot
  // Of the newest event with ids; none without consent. anonymous_id is the one to use from the
  // next session on: the older of two that the browser has.
  std::optional<Id128> anonymous_id, session_id;
  std::string token;           // only for who proved to be that visitor, or is a new one
  bool has_withdrawn = false;  // the sender took consent to storage back: its cookies go
  SessionState state;          // by the browser's clock, for the visible cookie
  // Of each event that carried a touch: its time as sent, and the channel. For getAttribution().
  std::vector<std::pair<std::int64_t, Channel>> channels;
};

// What of a sender is kept with refused input.
KeptSender kept_sender_of(const Sender& sender);

class Ingest {
 public:
  explicit Ingest(IngestServices services) : services_(std::move(services)) {}

  // Keeps the batch. `refused` are events that decoding refused already: they are kept as rejects
  // in the same transaction. `route` names the intake for a later replay, empty while replaying
  // (then rejects are answered, not kept again). Errors: unavailable (store_unavailable): nothing
  // was kept.
  Outcome<IngestAnswer> keep(const SiteConfig& site, const WireBatch& batch,
                             std::vector<RefusedEvent> refused, const Sender& sender,
                             std::string_view route);

  // Keeps input that could not be decoded, or was not let in; the site's key in it is valid.
  Outcome<void> keep_reject(const RejectRow& reject);
  // Counts refused input that may not be kept.
  Outcome<void> count_rejected(std::string_view site_id, std::int64_t events);

  [[nodiscard]] const IngestServices& services() const { return services_; }

 private:
  IngestServices services_;
  RecentPings pings_;
  TouchClassifier classifier_;
  AgentReader agents_;
};

}  // namespace tl::server
