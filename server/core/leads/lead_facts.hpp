// SPDX-License-Identifier: Apache-2.0
// What was said about one lead, as it is kept with its conversions (conversion.said, JSON):
// contacts as hashes only. Each stage of a lead (lead, opportunity, customer) is a conversion of
// that kind under one reference, and a pure function of these facts: the order of arrival never
// matters.
#pragma once

#include "server/core/attribution/conversion_match.hpp"
#include "server/core/ports/order_store.hpp"
#include "server/core/records.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tl::server {

// In the order in which a lead moves on.
inline constexpr std::string_view kLeadStages[] = {"lead", "opportunity", "customer"};
bool is_lead_stage(std::string_view kind);

enum class LeadWord : std::uint8_t {
  browser = 0,         // what somebody typed into a form: proves nothing
  signed_contact = 1,  // the same, its one contact signed by the site's server
  server = 2           // the site's own server, with its secret key
};

struct LeadFact {
  std::string stage = "lead";
  LeadWord word = LeadWord::browser;
  std::int64_t t_ms = 0, last_ms = 0;  // said first, and said again last
  std::optional<Id128> anonymous_id, session_id;
  std::optional<Digest> email_hash, phone_hash, user_id_hash;
  std::int64_t amount_minor = 0;  // 0: none was named
  std::string currency, self_reported;
  Consent consent;
  Digest digest{};  // of its meaning: said again, or something else
  // Of a later stage: whether it named the lead, and the form that it named ("": none).
  bool is_pinned = false;
  bool is_erased = false;  // whose it was is gone: the contacts are nobody's (privacy/erasure.hpp)
  std::string about_form;
};

// By e-mail, phone, user id.
std::vector<ContactRef> contacts_of(const LeadFact& fact);

struct LeadFacts {
  std::string form;  // which form: the site's own word
  std::vector<LeadFact> facts;
  [[nodiscard]] bool is_empty() const { return facts.empty(); }
  // From the first to the last time somebody sent the form, or else of anything.
  [[nodiscard]] std::int64_t first_ms() const;
  [[nodiscard]] std::int64_t last_ms() const;
};

// Of what is said again only the times are kept; of one stage and word at most this many facts, the
// earliest and the newest among them.
inline constexpr std::size_t kMostLeadFacts = 8;
void add_fact(LeadFacts& lead, LeadFact fact);

// What a stage's conversion is made of:
//   time       the earliest of the stage
//   ids        the server's first, else those of the first form
//   contacts   the server's (or the signed ones) alone if there are any, else those of the first
//              form; proven to be the ids' only when the server said both
//   value      the newest that the server named at that stage
//   self report  the first
// What a browser says after the server has spoken of the lead counts for nothing.
struct LeadStageView {
  std::int64_t t_ms = 0;
  std::optional<Id128> anonymous_id, session_id;
  bool ids_stated = false;
  std::optional<Digest> email_hash, phone_hash, user_id_hash;
  ContactProofs proofs = ContactProofs::none;
  std::int64_t amount_minor = 0;
  std::string currency, self_reported;
  Consent consent;
};
// None when the lead has not come to that stage.
std::optional<LeadStageView> view_stage(const LeadFacts& lead, std::string_view stage);

std::string write_lead_facts(const LeadFacts& lead);
LeadFacts read_lead_facts(std::string_view text);

}  // namespace tl::server
