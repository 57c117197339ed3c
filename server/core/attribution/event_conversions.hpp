// SPDX-License-Identifier: Apache-2.0
// Own events that count as conversions (site.conversion_events): kind is the event's name, the
// order id its event id, so that a resent event is the same conversion. No money: a page never
// states any.
#pragma once

#include "server/core/attribution/conversion_sink.hpp"
#include "server/core/clock.hpp"

namespace tl::server {

class EventConversions final : public ConversionSink {
 public:
  explicit EventConversions(const Clock& clock) : clock_(clock) {}
  Outcome<void> on_conversion_event(Tables& tables, const SiteConfig& site,
                                    const EventRow& event) override;

 private:
  const Clock& clock_;
};

}  // namespace tl::server
