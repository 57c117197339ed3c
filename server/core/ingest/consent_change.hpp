// SPDX-License-Identifier: Apache-2.0
// What a choice about consent changes in the store, whether an event brings it or the consent
// route. One browser may go by several linked ids: a stricter choice reaches all of them, a looser
// one only the id whose it is.
#pragma once

#include "server/core/config.hpp"
#include "server/core/outbox/event_lane.hpp"
#include "server/core/ports/store.hpp"
#include "server/core/records.hpp"
#include "throughline/consent.hpp"

namespace tl::server {

// denied before unknown before granted, purpose by purpose.
Consent stricter(const Consent& a, const Consent& b);

// Records an id's newest choice and takes back what it no longer permits: contexts and
// the values of click ids without marketing, and what is queued for the lanes that need it; without
// storage also what is queued for the others, what the visits hold, with utm_content and landing
// pages that few share (touch_places.hpp), and who the visitor said to be (facts: consent, section
// 5): contacts stay only where others claim them or an order or a lead carries them. An id whose
// storage is denied leaves the paths of the person's other ids; what is proven brings it back when
// it is granted again. `lanes`: the site's.
Outcome<void> put_choice(Tables& tables, const SiteConfig& site, const Id128& anonymous_id,
                         const ConsentRecord& record, const std::vector<EventLane>& lanes = {});

// A choice and all that follows from it: put_choice(), and tighten_linked() for the visitor's other
// ids. Of what the person's other browsers did before a refusal nothing waits any more that it does
// not permit; who is proven to be the person counts, whoever only claims it neither stops nor is
// stopped. Their own choices stay: what they do afterwards goes by those.
Outcome<void> apply_choice(Tables& tables, const SiteConfig& site, const Id128& anonymous_id,
                           const ConsentRecord& record, const std::vector<EventLane>& lanes = {});

// Makes the choices of the ids linked to this one as strict as its choice is; their newer choices
// stand.
Outcome<void> tighten_linked(Tables& tables, const SiteConfig& site, const Id128& anonymous_id,
                             const ConsentRecord& record, const std::vector<EventLane>& lanes = {});

}  // namespace tl::server
