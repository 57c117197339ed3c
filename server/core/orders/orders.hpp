// SPDX-License-Identifier: Apache-2.0
// The use case "a payment is reported": by a provider's signed webhook or by the site's own server.
// One store write each, answered only when it is on disk:
//   inbox or digest (was it told before?) -> ledger (which sale, what is it worth now) ->
//   conversion (who, which path, which credits) -> outbox.
// Works on values; knows no HTTP and no provider's format.
#pragma once

#include "server/core/access/secret_box.hpp"
#include "server/core/clock.hpp"
#include "server/core/config.hpp"
#include "server/core/ingest/session_token.hpp"
#include "server/core/leads/lead_facts.hpp"
#include "server/core/outcome.hpp"
#include "server/core/ports/provider.hpp"
#include "server/core/ports/store.hpp"
#include "server/core/records.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tl::server {

// The running configuration of a site, or null. Shared, so that a reload never pulls it away.
using SiteLookup = std::function<std::shared_ptr<const SiteConfig>(std::string_view site_id)>;
// Whether a configured destination wants an event of that canonical name.
using DestinationTakes =
    std::function<bool(const DestinationConfig& destination, std::string_view event_name)>;

struct WebhookResult {
  std::string result;    // purchase, refund, dispute, pending, ignored, duplicate, lookup
  std::string reason;    // for ignored: unknown_type, secondary_event …
  std::string order_id;  // empty when the webhook concerns none
};

// What POST /api/conversions says, checked and in our units.
struct StatedConversion {
  std::string kind = "purchase";  // purchase, refund, lead, opportunity, customer, signup, custom
  std::string reference;          // order_id, or id where no order stands behind it
  std::string refund_id;
  std::int64_t amount_minor = 0;
  std::string currency;  // empty: no money
  std::int64_t occurred_ms = 0;
  std::optional<Id128> anonymous_id, session_id;
  std::optional<std::int64_t> checkout_started_ms;
  std::string coarse;  // in place of ids, without consent (throughline/coarse_handover.hpp)
  CustomerDetails customer;
  std::string user_id, self_reported;
  std::vector<OrderItem> items;
  Consent consent;
  Digest digest{};  // of the request's meaning: the same again, or a conflict
};

// What POST /api/webhook/lead says. `said` holds ids, contacts, value, time, self report and
// consent; its reference is not used.
struct LeadStatement {
  std::string stage = "lead";    // lead, opportunity, customer
  std::string form;              // "" of a later stage: whichever form it was
  std::optional<Id128> lead_id;  // of a later stage: the conversion that the lead is
  LeadWord word = LeadWord::browser;
  StatedConversion said;
  // The visitor whose session's token came with it: the contacts are then claims of that visitor.
  std::optional<SessionToken> visit;
  std::string fresh_reference;  // random; of a lead that is new
};

struct LeadResult {
  bool is_new = false;    // false: the lead was known, or had come to that stage
  Id128 conversion_id{};  // of the lead
};

struct StatedResult {
  bool is_new = false;  // false: the same again
  Id128 conversion_id;
  std::string order_id;
};

class Orders {
 public:
  // Keeps references. `takes` is asked inside transactions and must not block. `box` seals the
  // plain contacts of sites that store them encrypted; without it none are stored.
  Orders(Store& store, const Clock& clock, DestinationTakes takes, const SecretBox* box = nullptr)
      : store_(store), clock_(clock), takes_(std::move(takes)), box_(box) {}

  // `changes` were read from the webhook in `entry` (result and order_id are filled in here).
  // `counted`: the counters it is counted in, webhook_… or import_….
  // Errors: unavailable (store_unavailable): answer 503, the provider will send again.
  Outcome<WebhookResult> receive_webhook(const SiteConfig& site, InboxEntry entry,
                                         const std::vector<OrderChange>& changes,
                                         const std::string& counted = "webhook");

  // Idempotent on (kind, reference, refund_id). Errors: conflict (conversion_differs), not_found
  // (unknown_order: a refund of an order nobody told), invalid, unavailable.
  Outcome<StatedResult> receive_stated(const SiteConfig& site, const StatedConversion& stated);

  // Idempotent: leads.hpp says what is the same lead. Errors: not_found (unknown_lead),
  // unavailable.
  Outcome<LeadResult> receive_lead(const SiteConfig& site, const LeadStatement& told);

 private:
  Store& store_;
  const Clock& clock_;
  DestinationTakes takes_;
  const SecretBox* box_;
};

}  // namespace tl::server
