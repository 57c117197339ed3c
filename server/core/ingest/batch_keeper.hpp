// SPDX-License-Identifier: Apache-2.0
// Keeps one verified batch inside a store transaction: consent, events, touches, sessions, rollups,
// contexts, deliveries, conversions, rejects and counters, all or nothing. Quick and deterministic:
// a store may run it again.
#pragma once

#include "server/core/classify/user_agent.hpp"
#include "server/core/ingest/ingest.hpp"
#include "server/core/ingest/session_part.hpp"
#include "server/core/ingest/verify.hpp"

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace tl::server {

// An event's no to storage, which may take it back.
struct StatedRefusal {
  std::optional<Id128> visitor;  // whom it concerns, as far as sender and event tell
  Consent said, consent;         // as of VerifiedEvent
  ChoiceTime chosen;
};

struct VerifiedBatch {
  UserAgent agent;
  Place place;
  std::vector<VerifiedEvent> events;
  std::vector<AnonEvent> anonymous;  // new ones
  std::vector<StatedRefusal> refusals;
  std::uint32_t duplicate_pings = 0, consent_refused = 0;
  std::vector<RefusedEvent> refused;
};

struct KeptCounts {
  std::uint32_t accepted = 0, duplicate = 0, consent_refused = 0;
  const VerifiedEvent* newest = nullptr;  // the last one that consent let in
  bool is_newest_proven = false;          // its visitor is who sent the batch
  std::optional<Id128> other_id;          // the browser's, by its cookie; none that was taken back
  bool has_withdrawn = false;             // the sender, consent to storage
};

class BatchKeeper {
 public:
  // Borrows all; `token`: the sender's valid one, or null; `route` empty: refused events are
  // neither kept nor counted.
  BatchKeeper(const IngestServices& services, const SiteConfig& site, const WireBatch& batch,
              const Sender& sender, const VerifiedBatch& verified, const SessionToken* token,
              std::string_view route)
      : services_(services),
        site_(site),
        batch_(batch),
        sender_(sender),
        verified_(verified),
        token_(token),
        route_(route) {}

  Outcome<void> keep(Tables& tables);
  [[nodiscard]] const KeptCounts& counts() const { return counts_; }

 private:
  struct NewEvent {
    const VerifiedEvent* verified;
    Consent consent;  // its own and the visitor's, the stricter: a later yes does not reach back
  };
  struct Part {
    SessionRow row;
    std::vector<NewEvent> events;
    Consent choice;  // of the visitor after the last of them
  };

  Outcome<bool> holds(Tables& tables, const Id128& id);
  Outcome<bool> is_sender(Tables& tables, const Id128& id);
  Outcome<void> meet(Tables& tables, const VerifiedEvent& verified);
  Outcome<bool> may_loosen(Tables& tables, const VerifiedEvent& verified);
  Outcome<bool> is_let_in(Tables& tables, const VerifiedEvent& verified);
  [[nodiscard]] bool is_proven(const EventRow& event) const;
  Outcome<void> withdraw(Tables& tables, const StatedRefusal& refusal);
  Outcome<void> find_other_id(Tables& tables, const Id128& id);
  Outcome<void> keep_event(Tables& tables, const VerifiedEvent& verified);
  Outcome<void> keep_sessions(Tables& tables);
  Outcome<void> keep_touch_counts(Tables& tables, const Part& part, bool is_new);
  Outcome<void> order_touches(Tables& tables, const Part& part, bool is_new);
  Outcome<void> count(Tables& tables, const TouchRow& touch, const Id128& visitor,
                      std::int64_t touches, std::int64_t sessions);
  Outcome<void> restate_late(Tables& tables, const Part& part, bool is_new, bool is_new_visitor);
  Outcome<void> keep_context(Tables& tables, const Part& part, bool is_new);
  Outcome<void> enqueue(Tables& tables, const Part& part);
  Outcome<void> convert(Tables& tables, const Part& part);
  Outcome<void> link_ids(Tables& tables, const VerifiedEvent& verified);
  Outcome<void> keep_refused(Tables& tables);
  Outcome<void> count_input(Tables& tables);
  Outcome<bool> insert(Tables& tables, const VerifiedEvent& verified);
  Outcome<void> reveal_click_ids(Tables& tables, const VerifiedEvent& verified, bool is_new);
  Part* find_part(const Id128& session_id);

  const IngestServices& services_;
  const SiteConfig& site_;
  const WireBatch& batch_;
  const Sender& sender_;
  const VerifiedBatch& verified_;
  const SessionToken* token_;
  std::string_view route_;
  std::vector<Part> parts_;
  std::optional<ConsentRecord> stored_consent_;
  std::optional<Id128> visitor_, session_;  // whom and which those around this are about
  bool is_visitor_ = false;                 // the sender proved to be that visitor
  Id128 owner_;                             // the session's visitor, under whom it is kept
  bool owns_session_ = false;               // the session is not somebody else's
  KeptCounts counts_;
};

}  // namespace tl::server
