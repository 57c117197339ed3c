// SPDX-License-Identifier: Apache-2.0
// Which of a person's leads a statement belongs to. A form that is sent belongs to the lead that it
// lies near (leads.hpp). News of a later stage that names no lead belongs to the person's newest
// lead up to then, else to the first after; of that form, if one is named. It is given out anew
// whenever something is told of the person, by the times alone, so that the order of arrival never
// matters.
#pragma once

#include "server/core/leads/lead_facts.hpp"
#include "server/core/orders/orders.hpp"
#include "server/core/ports/store.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace tl::server {

struct KnownLead {
  std::string reference;
  LeadFacts before;                 // as it stands in the store; empty: it is new
  LeadFacts lead;                   // as it is from now on; empty: it went into others
  std::vector<std::string> joined;  // references of leads whose form went into it
};

struct PlacedLeadFact {
  std::vector<KnownLead> leads;  // all that the fact may concern
  std::size_t home = 0;          // where the fact itself is
};

bool has_stage(const LeadFacts& lead, std::string_view stage);

// The lead in which a stage of `from` goes on: it has that stage now, and something that was there.
bool goes_on_in(const KnownLead& from, const KnownLead& into, std::string_view stage);

// Errors: not_found (unknown_lead).
Outcome<PlacedLeadFact> place_lead_fact(Tables& tables, const SiteConfig& site,
                                        const LeadStatement& told, const LeadFact& fact);

}  // namespace tl::server
