// SPDX-License-Identifier: Apache-2.0
// Leads: a person who sent a form, or whom the site's own server told as a lead, opportunity or
// customer. They are conversions like any other, in the same ledger; what is theirs alone is that
// nobody names them: the same person and form within kLeadMergesMs of the last sending is the same
// lead, whoever tells it and in whatever order. The same person: the same e-mail address; where one
// of the two has none, the same phone number; or the same user id.
#pragma once

#include "server/core/attribution/conversions.hpp"
#include "server/core/leads/lead_facts.hpp"
#include "server/core/orders/order_steps.hpp"

namespace tl::server {

inline constexpr std::int64_t kLeadMergesMs = 30LL * 24 * 3600 * 1000;

// Inside a transaction. Errors: those of Orders::receive_lead().
Outcome<LeadResult> record_lead(Tables& tables, const SiteConfig& site, const LeadStatement& told,
                                const OrderUseCase& by);

// A conversion's draft as the lead's facts have it; none when it has not come to that stage.
std::optional<ConversionDraft> lead_draft(const LeadFacts& lead, std::string_view stage,
                                          const std::string& reference);

}  // namespace tl::server
