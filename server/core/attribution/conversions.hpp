// SPDX-License-Identifier: Apache-2.0
// Making and restating conversions inside a transaction: match, path, credits, rollups, the
// session's end, verified contacts and the outbox. A conversion's id is derived once, when it is
// made, and kept for ever; its match and path change only when the evidence of who bought does (ids
// that come with a later webhook); its credits are split again from the stored snapshot whenever
// its value changes.
#pragma once

#include "server/core/attribution/conversion_match.hpp"
#include "server/core/config.hpp"
#include "server/core/orders/orders.hpp"
#include "server/core/ports/store.hpp"
#include "server/core/records.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tl::server {

struct ConversionDraft {
  std::string kind = "purchase";
  std::string provider, order_id;
  std::vector<OrderKey> former;  // of the same order until now
  std::int64_t amount_minor = 0;
  std::string refunds = "[]";  // order_refunds.hpp
  std::string currency;
  bool live = true;
  SubscriptionRole subscription = SubscriptionRole::none;
  std::string subscription_id;
  std::int64_t occurred_ms = 0, first_told_ms = 0;
  std::optional<Id128> anonymous_id, session_id;
  std::optional<std::int64_t> checkout_started_ms;
  std::string coarse;  // coarse_origin.hpp
  std::optional<Digest> email_hash, phone_hash, user_id_hash;
  bool is_browser_hint = true;
  ContactProofs proofs = ContactProofs::whole;
  std::string self_reported;
  Consent stated_consent;
  std::optional<Digest> request_digest;
  bool is_evidence_new = false;      // match and credit again although the draft says the same
  bool keeps_configuration = false;  // and then by the models and rules that it has
  LeadFacts lead;                    // of a lead or a later stage of one
  // Deliveries wait this long for a companion that may still join this order to another one.
  std::int64_t hold_ms = 0;
};

ConversionDraft draft_of(const OrderRow& order);

struct RecordedConversion {
  ConversionRow conversion;
  bool is_new = false;
};

// Also for own events that count as conversions. Errors: unavailable, bug.
Outcome<RecordedConversion> record_conversion(Tables& tables, const SiteConfig& site,
                                              const ConversionDraft& draft,
                                              const DestinationTakes& takes, std::int64_t now_ms);

}  // namespace tl::server
