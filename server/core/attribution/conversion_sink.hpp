// SPDX-License-Identifier: Apache-2.0
// Own events that count as conversions (site.conversion_events) become conversions in the
// transaction that keeps the event. Implemented beside the orders.
#pragma once

#include "server/core/config.hpp"
#include "server/core/outcome.hpp"
#include "server/core/ports/store.hpp"
#include "server/core/records.hpp"

namespace tl::server {

class ConversionSink {
 public:
  virtual ~ConversionSink() = default;
  // The event is new, in the store together with its session and touch, not forged and no bot.
  // An error undoes the whole batch.
  virtual Outcome<void> on_conversion_event(Tables& tables, const SiteConfig& site,
                                            const EventRow& event) = 0;
};

}  // namespace tl::server
