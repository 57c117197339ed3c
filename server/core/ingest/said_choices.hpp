// SPDX-License-Identifier: Apache-2.0
// What a visitor said about consent, and in which order: arrival alone does not tell, for pages
// keep what they could not send, and clocks are wrong.
#pragma once

#include "server/core/ports/store.hpp"
#include "server/core/records.hpp"

#include <cstdint>
#include <string_view>
#include <vector>

namespace tl::server {

// When something was said, and sent, by a browser's clock, and when it was received by ours.
struct SaidTime {
  std::int64_t said_ms = 0, sent_ms = 0, received_ms = 0;
  // By our clock, if the network had no delay.
  [[nodiscard]] std::int64_t corrected_ms() const { return received_ms - (sent_ms - said_ms); }
};

// How long after what is on record it was said, negative before it. By the browser's clock in both,
// so that neither its error nor a delay counts; unless that clock was ahead of ours then, and is so
// no more: what it said of the future was wrong, and when the record came decides.
std::int64_t said_after_ms(const SaidTime& said, const ConsentRecord& record);

// A visitor's receipts as they were said.
Outcome<std::vector<NumberedReceipt>> receipts_as_said(Tables& tables, std::string_view site_id,
                                                       const Id128& visitor);

// Whether the last choice that the visitor told, by whichever linked id, refuses marketing. What
// events stated is none.
Outcome<bool> has_refused_marketing(Tables& tables, std::string_view site_id, const Id128& visitor);

}  // namespace tl::server
