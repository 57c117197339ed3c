// SPDX-License-Identifier: Apache-2.0
// One destination of one site: takes what is due, builds it, sends it, settles it. The order of
// writes makes a crash harmless:
//   lease -> gather and build -> body, time of sending and "ambiguous" into the row -> send ->
//   settle. A row found leased and expired was sent, or not: it is ambiguous and sent again with
//   the same body.
// Where a vendor takes first and judges later, the row is "accepted" in between and the lane asks
// what became of it (delivery_results.cpp).
// One caller at a time; no thread of its own.
#pragma once

#include "server/core/clock.hpp"
#include "server/core/config.hpp"
#include "server/core/orders/orders.hpp"
#include "server/core/outbox/dispatch_gathering.hpp"
#include "server/core/outbox/signed_sending.hpp"
#include "server/core/ports/destination.hpp"
#include "server/core/ports/http_client.hpp"
#include "server/core/ports/store.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tl::server {

using DestinationLookup = std::function<const Destination*(std::string_view kind)>;
// What a person may want to know: auth_failed, dead_letter, warning … (constant word), lane, and
// which delivery or answer it was; of a receiver that closed also why (loggable_words.hpp). What
// the vendor said of an event may repeat whom it was told of: it stands with the delivery, for
// those who may read it, and in no log.
using LaneReport =
    std::function<void(std::string_view what, std::string_view lane, std::string_view detail)>;

struct OutboxParts {
  Store& store;
  HttpClient& client;
  const Clock& clock;
  Entropy& entropy;
  SiteLookup find_site;
  DestinationLookup find_destination;
  LaneReport report;  // may be empty
};

class DeliveryLane {
 public:
  DeliveryLane(const OutboxParts& parts, std::string site_id, std::string destination_name);

  struct Round {
    bool did_work = false;
    // When there is something to do again, as far as known; none: nothing waits.
    std::optional<std::int64_t> next_ms;
  };
  // One batch, and one question what became of an earlier one. Errors: unavailable (the store).
  Outcome<Round> run_once();

  [[nodiscard]] std::string name() const { return site_id_ + "/" + destination_; }

 private:
  struct Item {
    DeliveryRow row;
    bool was_ambiguous = false;  // before this round's sending
    std::int64_t leased_until_ms = 0;
    bool is_clear = false;    // consent and age permit it; the body is built
    bool goes_again = false;  // not at fault: sent again at once, without those that were
    bool is_mine = true;      // still leased to this round
  };
  using Items = std::vector<Item>;
  struct Target {  // what this round works with
    const SiteConfig& site;
    const DestinationConfig& config;
    const Destination& destination;
    [[nodiscard]] DestinationLimits limits(std::string_view event_name = {}) const {
      return destination.limits(config, event_name);
    }
  };

  struct Due {  // when there is something to send, to ask
    std::optional<std::int64_t> send_ms, ask_ms;
  };
  Outcome<Due> look();
  Outcome<Items> lease(const Target& target, std::uint32_t limit);
  Outcome<void> prepare(const Target& target, Items& items);
  [[nodiscard]] bool may_go(const Target& target, const Gathered& gathered, Item& item) const;
  Outcome<void> name_sales(const Target& target, const std::vector<bool>& goes,
                           std::vector<Gathered>& gathered);
  // Leaves it for when its account is back.
  void hold_for_account(DeliveryRow& row) const;
  void build(const Target& target, const Gathered& gathered, Item& item);
  Outcome<void> mark_sending(const Target& target, Items& items, bool counts);
  Outcome<void> send_in_parts(const Target& target, Items items);
  Outcome<void> deliver(const Target& target, Items items, bool counts);
  Outcome<void> give_back(const Target& target, Items items);
  Outcome<void> settle(const Target& target, Items& items, const OutgoingAnswer& answer,
                       const DeliveryVerdict& verdict, std::int64_t started_ms);
  void apply(const Target& target, const DeliveryVerdict& verdict, const OutgoingAnswer& answer,
             Item& item);
  Outcome<void> ask_result(const Target& target);
  Outcome<void> settle_result(const Target& target, const std::vector<DeliveryRow>& rows,
                              const OutgoingAnswer& answer, const DeliveryVerdict& verdict,
                              std::int64_t started_ms);
  // Until its vendor is asked again, or given up on.
  void wait_on(const Target& target, DeliveryRow& row) const;
  // Sets the lane's state and pause from a verdict; true when the state is to be written.
  bool follow(const DeliveryVerdict& verdict, const OutgoingAnswer& answer);
  static constexpr std::size_t kKeptAnswerBytes = 2048;
  static std::string_view outcome_name(DeliveryVerdict::Kind kind);
  void end(DeliveryRow& row, DeliveryState state, std::string reason) const;
  // Ends it as dead and says so. `code`: our own word for why; what the vendor said stands with the
  // delivery alone.
  void bury(DeliveryRow& row, std::string_view code, std::string reason) const;
  [[nodiscard]] std::int64_t lease_until(const Target& target) const;
  [[nodiscard]] std::uint64_t random() const;
  void report(std::string_view what, std::string_view detail) const;
  // By the receiver: it is asked again by one delivery, when its time has come or after a start.
  [[nodiscard]] bool is_closed() const { return lane_.is_closed(); }

  const OutboxParts& parts_;
  SignedSending sending_;
  std::string site_id_, destination_;
  LaneState lane_{"ok", 0, ""};
  bool is_first_round_ =
      true;  // after a start, a closed lane is tried at once: key or address may be new
  // Failures in a row of the whole destination: a pause of up to a minute before the next batch.
  std::uint32_t failures_ = 0;
  std::int64_t pause_until_ms_ = 0;
  std::int64_t asking_pause_until_ms_ = 0;  // of questions alone: what waits to be sent goes on
};

}  // namespace tl::server
