// SPDX-License-Identifier: Apache-2.0
// A destination: turns what happened into a vendor's request and reads the vendor's answer. It
// never touches the store and sends nothing itself: the outbox does. One file a destination in
// server/destinations/, one line in its registry.
#pragma once

#include "server/core/config.hpp"
#include "server/core/outcome.hpp"
#include "server/core/ports/http_client.hpp"
#include "server/core/records.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tl::server {

// All that a vendor may be told about one event or conversion; gathered by the outbox at send time.
struct Dispatch {
  DeliveryRow delivery;
  std::string event_name;  // canonical: page_view, purchase …
  Id128 event_id;
  std::int64_t occurred_ms = 0;
  std::optional<Id128> anonymous_id, session_id;
  std::string user_id;
  Consent consent;                          // as read now
  std::string url, referrer, title, props;  // of the event (conversion: its session's last page)
  std::optional<SessionRow> session;
  std::optional<TouchRow> first_touch, last_touch;
  std::optional<SessionContext> context;
  std::optional<ConversionRow> conversion;
  std::optional<OrderRow> order;
  // hash variants: kind -> JSON object of hex (records.hpp ContactVariants::variants); empty if
  // none
  std::string email_variants, phone_variants;
  std::int64_t refunded_minor = 0;
};

enum class Purpose : std::uint8_t { storage = 1, marketing = 2 };

struct DeliveryVerdict {
  enum class Kind : std::uint8_t { delivered, retry, bisect, reject, auth_failed, rate_limited };
  Kind kind = Kind::retry;
  std::int64_t retry_after_ms = 0;
  std::uint32_t max_attempts = 0;  // 0: until the age limit; else dead after so many
  std::string reason;              // sentence with the vendor's code
};

struct DestinationLimits {
  std::uint32_t max_batch = 1;
  std::int64_t max_age_ms = 0;  // at send; 0: none
  std::int64_t dedup_window_ms =
      0;  // no repeat of an ambiguous attempt later than this; 0: unlimited
  std::int64_t timeout_ms = 5000;
};

class Destination {
 public:
  virtual ~Destination() = default;
  [[nodiscard]] virtual std::string_view kind() const = 0;
  [[nodiscard]] virtual Purpose purpose() const = 0;
  [[nodiscard]] virtual DestinationLimits limits() const = 0;
  // Settings with their meaning and whether they are needed; a wrong one is refused at start.
  virtual Outcome<void> check(const DestinationConfig& config) const = 0;
  // Canonical events sent when the configuration names none.
  [[nodiscard]] virtual std::vector<std::string> default_events() const = 0;
  // One event's JSON as it will stand in the batch; kept with the delivery so that a repeat is
  // byte-identical. Errors: invalid with the reason why this event can never be sent.
  virtual Outcome<std::string> build(const Dispatch& dispatch, const DestinationConfig& config,
                                     std::int64_t now_ms) const = 0;
  virtual OutgoingRequest envelope(const std::vector<std::string>& bodies,
                                   const DestinationConfig& config) const = 0;
  [[nodiscard]] virtual DeliveryVerdict judge(const OutgoingAnswer& answer,
                                              std::size_t batch_size) const = 0;
};

}  // namespace tl::server
