// SPDX-License-Identifier: Apache-2.0
// From the browser's clock to the server's. A batch says when it was sent; the difference to when
// it was received is the browser's error (and the network's delay, which is why nothing here is
// exact):
//   corrected  t - (sent - received)
//   received   the browser is more than 48 h off, or the event lies after its own sending or
//              before the year 2000
//   late       as corrected, but more than 72 h old; kept and flagged
// The raw time stays in every id: ids are derived from what the browser said.
#pragma once

#include "server/core/records.hpp"

#include <cstdint>

namespace tl::server {

class EventClock {
 public:
  // sent_ms 0: not said, the browser's clock is taken as right.
  EventClock(std::int64_t sent_ms, std::int64_t received_ms);

  struct Reading {
    std::int64_t t_ms = 0;
    ClockRule rule = ClockRule::corrected;
  };
  [[nodiscard]] Reading read(std::int64_t t_ms) const;
  // 0 was not said: when it was received.
  [[nodiscard]] std::int64_t sent_ms() const { return sent_ms_; }
  // The same moment on the other clock, without the rules above.
  [[nodiscard]] std::int64_t to_server(std::int64_t browser_ms) const;
  [[nodiscard]] std::int64_t to_browser(std::int64_t server_ms) const;

 private:
  std::int64_t sent_ms_, received_ms_, skew_ms_;
};

}  // namespace tl::server
