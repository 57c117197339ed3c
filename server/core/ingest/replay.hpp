// SPDX-License-Identifier: Apache-2.0
// From a decoded event to the arguments of decide(), with memory for what they borrow.
#pragma once

#include "server/core/ingest/wire_event.hpp"
#include "throughline/session.hpp"

#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace tl::server {

// Evidence of one event. Not movable: the evidence borrows from it.
class Replay {
 public:
  Replay(std::string_view site_id, const WireEvent& event, const WireBatch& batch,
         const Consent& consent);
  Replay(const Replay&) = delete;
  Replay& operator=(const Replay&) = delete;

  // May be called again with another state. The decision's touch lives as long as the replay.
  Decision decide(const SessionState& state, const SessionRules& rules);
  [[nodiscard]] const Evidence& evidence() const { return evidence_; }

 private:
  static constexpr std::size_t kArenaBytes = 4 * kTouchArenaBytes;
  std::unique_ptr<char[]> buffer_;
  Out arena_;
  std::string site_, url_, referrer_, campaign_url_;
  Touch campaign_;
  Evidence evidence_;
};

// Reduced again as the page had to: a URL that is reduced already stays as it is. With
// `keeps_query`, names that the page chose to keep stay unless their value looks like an address.
std::string reduced_again(std::string_view url, bool keeps_query, bool permits_marketing);

// The address of a touch that the page started itself: its fields as the query of that page.
std::string campaign_url(std::string_view page_url,
                         const std::map<std::string, std::string>& fields);

// Whether a touch says what the browser said of it.
bool is_same_touch(const Touch& touch, const std::map<std::string, std::string>& said);

}  // namespace tl::server
