// SPDX-License-Identifier: Apache-2.0
// May this be told to that destination, now? Read for every attempt, so a withdrawal between
// storing and sending counts. Rules (facts: destinations 0.3; architecture section 8):
//   - own measurement (PostHog) needs storage, ad platforms need storage and marketing;
//   - a conversion may carry its own statement; a denial recorded after it happened beats it;
//   - else the newest record of the matched visitor counts, and what it leaves unknown means what
//     the site says;
//   - what another browser of the person has refused since it happened is denied too; what happens
//     after that refusal goes by its own browser's record;
//   - the visitor of a subscription's later payment is the one whose ids it carries, else that of
//     its first, whoever paid;
//   - unmatched, or matched by e-mail, phone or customer account alone, nobody knows: nothing is
//     sent, whatever the site's default;
//   - a US opt-out of sale never permits more, it only limits what is permitted;
//   - test payments are never sent.
// What was withheld stays withheld: consent does not reach back.
#pragma once

#include "server/core/ports/destination.hpp"
#include "server/core/records.hpp"

#include <optional>
#include <string_view>
#include <vector>

namespace tl::server {

struct ConsentFacts {
  Choice site_default = Choice::denied;
  std::optional<ConsentRecord> recorded;  // newest of the anonymous id
  std::vector<ConsentRecord> elsewhere;   // newest of each other browser of the person
  std::optional<Consent> stated;          // of a conversion told by a server
  std::optional<MatchType> match;         // of a conversion
  bool is_live = true;
  std::int64_t occurred_ms = 0;
};

struct Clearance {
  bool may_send = false;
  std::string_view reason;  // code when it may not: consent_denied, consent_unknown, test_payment
  Consent consent;          // what counts, unknown purposes filled in
};

Clearance clear_delivery(Purpose purpose, const ConsentFacts& facts);

// Whether click ids, vendor cookies, address and contacts may be part of what is sent: marketing is
// permitted, with or without a limit on its use.
bool permits_marketing_data(const Consent& consent);

// Whether a destination of that purpose may be told at all.
bool permits(Purpose purpose, const Consent& consent);

}  // namespace tl::server
