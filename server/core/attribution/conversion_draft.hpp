// SPDX-License-Identifier: Apache-2.0
// What is known of a conversion before it is made or restated: what was told of it, and by whom;
// who bought, and from where, follows from it.
#pragma once

#include "server/core/attribution/conversion_match.hpp"
#include "server/core/config.hpp"
#include "server/core/leads/lead_facts.hpp"
#include "server/core/ports/order_store.hpp"
#include "server/core/records.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tl::server {

// Why a conversion is matched and credited again although its draft says the same.
enum class Restates : std::uint8_t {
  no = 0,
  late = 1,   // other evidence came: by the models and rules it has; the same match ends it
  whole = 2,  // likewise, and all that follows from the match is derived again
  anew = 3    // by the site's present models and rules
};

struct ConversionDraft {
  std::string kind = "purchase";
  std::string provider, order_id;
  std::vector<OrderKey> former;  // of the same order until now
  std::int64_t amount_minor = 0;
  std::string refunds = "[]";  // order_refunds.hpp
  std::string items = "[]";    // as the order has them
  std::string currency;
  bool live = true;
  SubscriptionRole subscription = SubscriptionRole::none;
  std::string subscription_id, customer_id;
  std::int64_t occurred_ms = 0, first_told_ms = 0;
  std::optional<Id128> anonymous_id, session_id;
  std::optional<std::int64_t> checkout_started_ms;
  std::string coarse;  // coarse_origin.hpp
  std::optional<Digest> email_hash, phone_hash, user_id_hash;
  bool is_erased = false;  // of what no order keeps: these are nobody's (privacy/erasure.hpp)
  bool is_browser_hint = true;
  ContactProofs proofs = ContactProofs::whole;
  std::string self_reported;
  Consent stated_consent;
  std::optional<Digest> request_digest;
  Restates restates = Restates::no;
  LeadFacts lead;  // of a lead or a later stage of one
  // Deliveries wait this long for a companion that may still join this order to another one.
  std::int64_t hold_ms = 0;
};

ConversionDraft draft_of(const OrderRow& order);
// With the subscriber's contacts, where what was told of the subscription itself has them and the
// payment has none. Errors: unavailable.
Outcome<ConversionDraft> draft_of(OrderStore& orders, const OrderRow& order);
// Whether it is no sale but what was told of a subscription, which is its name.
bool tells_subscription(const OrderRow& order);

// What its match depends on; equal evidence keeps the snapshot as it is.
std::string evidence_digest(const ConversionDraft& draft);
MatchEvidence evidence_of(const SiteConfig& site, const ConversionDraft& draft,
                          std::int64_t recorded_ms);

}  // namespace tl::server
