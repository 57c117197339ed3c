// SPDX-License-Identifier: Apache-2.0
// Events on their way to destinations: rows of the outbox, written in the transaction that stores
// the event. Conversions: conversion_outbox.hpp.
#pragma once

#include "server/core/outbox/event_lane.hpp"
#include "server/core/ports/outbox_store.hpp"
#include "server/core/records.hpp"
#include "throughline/consent.hpp"

#include <cstdint>
#include <vector>

namespace tl::server {

// Whether a page may have this event forwarded at all. Money is told by providers and servers only,
// so purchases and refunds of a page are events of our own reports; identify, consent and
// page_leave are for us alone, and so is video_progress at other marks than 25, 50, 75 and 95
// percent.
bool is_forwarded_event(const EventRow& event);

// One row for every lane that takes the event and may have it by `consent`, which is what counts
// for this event at its own time (facts: destinations 0.3): a later yes does not reach back. It is
// read once more when the delivery is sent. None for bots and forged events, and for what is too
// old for the destination already. Repeating it changes nothing.
Outcome<void> enqueue_event(OutboxStore& outbox, const std::vector<EventLane>& lanes,
                            const EventRow& event, const Consent& consent, std::int64_t now_ms);

}  // namespace tl::server
