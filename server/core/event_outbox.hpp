// SPDX-License-Identifier: Apache-2.0
// Events on their way to destinations: rows of the outbox, written in the transaction that stores
// the event. Conversions: conversion_outbox.hpp.
#pragma once

#include "server/core/config.hpp"
#include "server/core/orders.hpp"
#include "server/core/ports/outbox_store.hpp"
#include "server/core/records.hpp"

#include <cstdint>
#include <string_view>

namespace tl::server {

// Whether a page may have this event forwarded at all. Money is told by providers and servers only,
// so purchases and refunds of a page are events of our own reports; identify, consent and
// page_leave are for us alone.
bool is_forwarded_event(std::string_view event_name);

// One row for every destination that takes the event; none for bots and forged events. Repeating it
// changes nothing. Consent is not asked here: it is read when the delivery is sent.
Outcome<void> enqueue_event(OutboxStore& outbox, const SiteConfig& site, const EventRow& event,
                            const DestinationTakes& takes, std::int64_t now_ms);

}  // namespace tl::server
