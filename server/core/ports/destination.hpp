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
#include <utility>
#include <vector>

namespace tl::server {

// A click id as the vendor's link gave it. `name`: params.tsv, such as "ttclid".
struct KnownClick {
  std::string name, value;
  std::int64_t t_ms = 0;
};

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
  std::vector<KnownClick> clicks;  // of the whole path, newest first (path_clicks.hpp)
  std::optional<SessionContext> context;
  std::optional<ConversionRow> conversion;
  std::optional<OrderRow> order;
  // hash variants: kind -> JSON object of hex (records.hpp ContactVariants::variants); empty if
  // none
  std::string email_variants, phone_variants;
  std::int64_t refunded_minor = 0;
  std::string transaction_id;  // of a sale, where Destination::order_numbers() has a scope
};

enum class Purpose : std::uint8_t { storage = 1, marketing = 2 };

struct DeliveryVerdict {
  // accepted: taken, to be judged later; `receipt` is what the vendor calls the request. gone: the
  // receiver wants no more, ever.
  enum class Kind : std::uint8_t {
    delivered,
    retry,
    bisect,
    reject,
    auth_failed,
    rate_limited,
    accepted,
    gone
  };
  Kind kind = Kind::retry;
  std::int64_t retry_after_ms = 0;
  std::uint32_t max_attempts = 0;  // 0: until the age limit; else dead after so many
  std::string reason;              // sentence with the vendor's code
  // Where the vendor judges event by event: one verdict each, in the order of the bodies. "bisect"
  // stands for an event that is not at fault and goes again without the others. Empty: all alike.
  std::vector<DeliveryVerdict> each = {};
  std::string receipt = {};
};

inline constexpr std::int64_t kNeverRepeat = 1;  // dedup window of a vendor that recognises nothing

struct DestinationLimits {
  std::uint32_t max_batch = 1;
  std::int64_t max_age_ms = 0;  // at send; 0: none
  std::int64_t dedup_window_ms =
      0;  // no repeat of an ambiguous attempt later than this; 0: unlimited
  std::int64_t timeout_ms = 5000;
  std::int64_t first_attempt_margin_ms = 4 * 3'600'000;  // before max_age_ms, for repeats
  bool has_limited_use = true;  // can be told to limit the use of a visitor opted out of sale
  // A sale told again replaces its value: refunds are told so, and every attempt says what the sale
  // is worth by then.
  bool restates = false;
  std::int64_t result_after_ms =
      0;  // when the vendor is first asked what became of an accepted one

  // Of an event that may still be sent for the first time; 0: any.
  [[nodiscard]] std::int64_t first_max_age_ms() const {
    return max_age_ms > 0 ? max_age_ms - first_attempt_margin_ms : 0;
  }
};

// Where a vendor knows a sale again by its number alone (transaction_ids.hpp).
struct OrderNumbers {
  std::string
      scope;  // the account in which no two sales may share one; empty: it goes by event ids
  std::string tag_provider = {};  // whose numbers the page's tag says; empty: whoever comes first
  std::size_t most_bytes = 100;
};

// A setting of a destination, for the configuration's checks and its documentation.
struct Setting {
  enum class Form : std::uint8_t { digits, word, visible, text, url, flag };
  std::string_view name, meaning, default_value;
  Form form = Form::visible;
  bool is_required = false;
  bool is_secret = false;
  bool is_map = false;  // a table of event name = value; its settings are called name.event
};

struct AccessToken {
  std::string text;
  std::int64_t until_ms = 0;
};
struct TokenAnswer {
  std::optional<AccessToken> token;
  DeliveryVerdict refusal;  // what it means for the deliveries when there is none
};
// What one attempt is signed with.
struct SendMoment {
  std::int64_t now_ms = 0;
  std::string nonce;  // 32 hex digits, new each time
  std::string token;  // of token_request(), else empty
};

// The code with which build() refuses what nothing leads to a person or browser of.
inline constexpr std::string_view kTooLittleInformation = "too_little_customer_information";

class Destination {
 public:
  virtual ~Destination() = default;
  [[nodiscard]] virtual std::string_view kind() const = 0;
  // As people write it: "Google Ads".
  [[nodiscard]] virtual std::string_view title() const = 0;
  [[nodiscard]] virtual Purpose purpose(const DestinationConfig& config) const = 0;
  // Whether its requests carry the visitor's IP address: else none is kept for it.
  [[nodiscard]] virtual bool uses_address(const DestinationConfig& /*config*/) const {
    return false;
  }
  // `event_name` matters to vendors that recognise repeats of some events only.
  [[nodiscard]] virtual DestinationLimits limits(const DestinationConfig& config,
                                                 std::string_view event_name) const = 0;
  [[nodiscard]] virtual OrderNumbers order_numbers(const DestinationConfig& /*config*/) const {
    return {};
  }
  // What the configuration may say; its form is checked before check() is asked.
  [[nodiscard]] virtual std::vector<Setting> settings() const = 0;
  virtual Outcome<void> check(const DestinationConfig& config) const = 0;
  // What is permitted and hardly meant, "" or a sentence that begins with the setting's name.
  [[nodiscard]] virtual std::string doubt(const DestinationConfig& /*config*/) const { return {}; }
  // Canonical events sent when the configuration names none.
  [[nodiscard]] virtual std::vector<std::string> default_events(
      const DestinationConfig& config) const = 0;
  // One event's JSON as it will stand in the batch; kept with the delivery so that a repeat is
  // byte-identical. Errors: invalid with the reason why this event can never be sent.
  virtual Outcome<std::string> build(const Dispatch& dispatch, const DestinationConfig& config,
                                     std::int64_t now_ms) const = 0;
  virtual OutgoingRequest envelope(const std::vector<std::string>& bodies,
                                   const DestinationConfig& config) const = 0;
  [[nodiscard]] virtual DeliveryVerdict judge(const OutgoingAnswer& answer,
                                              std::size_t batch_size) const = 0;

  // Vendors that judge later: the request that asks what became of an accepted one.
  [[nodiscard]] virtual std::optional<OutgoingRequest> result_request(
      const std::string& /*receipt*/, const DestinationConfig& /*config*/) const {
    return {};
  }
  // `event_names`: of the deliveries that the request held; one verdict for each of them, `each`.
  // bisect: others of them failed, nobody knows which; it goes again alone. `kind` is about asking:
  // accepted, while the vendor has not judged all. Without `each` the question failed.
  [[nodiscard]] virtual DeliveryVerdict judge_result(
      const OutgoingAnswer& /*answer*/, const std::vector<std::string>& /*event_names*/,
      const DestinationConfig& /*config*/) const {
    return {};
  }

  // OAuth: the request that fetches an access token, none where the vendor wants none.
  [[nodiscard]] virtual std::optional<OutgoingRequest> token_request(
      const DestinationConfig& /*config*/, std::int64_t /*now_ms*/) const {
    return {};
  }
  [[nodiscard]] virtual TokenAnswer read_token(const OutgoingAnswer& /*answer*/,
                                               std::int64_t /*now_ms*/) const {
    return {};
  }
  // Adds what differs from attempt to attempt: signatures, tokens, times. The body stays.
  virtual void sign(OutgoingRequest& /*request*/, const DestinationConfig& /*config*/,
                    const SendMoment& /*moment*/) const {}

  // Turns a request into one that the vendor checks without counting it; none where the vendor
  // offers no such mode. judge_test() reads the answer.
  [[nodiscard]] virtual std::optional<OutgoingRequest> as_test(
      OutgoingRequest /*request*/, const DestinationConfig& /*config*/) const {
    return {};
  }
  [[nodiscard]] virtual DeliveryVerdict judge_test(const OutgoingAnswer& answer) const {
    return judge(answer, 1);
  }
};

}  // namespace tl::server
