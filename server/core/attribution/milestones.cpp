// SPDX-License-Identifier: Apache-2.0
#include "server/core/attribution/milestones.hpp"

#include <algorithm>
#include <array>
#include <span>

namespace tl::server {
namespace {

constexpr std::array<std::string_view, 3> kLeadNames = {"lead", "signup", "email_signup"};
constexpr std::array<std::string_view, 1> kOpportunityNames = {"opportunity"};

Outcome<std::optional<std::int64_t>> newest(Tables& tables, const ConversionRow& conversion,
                                            const Person& person,
                                            std::span<const std::string_view> names) {
  std::optional<std::int64_t> time;
  const auto keep = [&time](const std::optional<std::int64_t>& found) {
    if (found && (!time || *found > *time)) time = found;
  };
  for (const auto name : names) {
    for (const auto& id : person.ids) {
      TL_TRY(told, tables.orders().newest_of_visitor(conversion, name, id));
      keep(told);
      // An own event that counts as a conversion is no milestone of itself.
      const std::int64_t until_ms = conversion.occurred_ms - (conversion.kind == name ? 1 : 0);
      TL_TRY(sent, tables.events().newest_event(conversion.site_id, id, name, until_ms));
      keep(sent);
    }
    for (const auto& contact : person.contacts) {
      TL_TRY(told, tables.orders().newest_of_contact(conversion, name, contact));
      keep(told);
    }
  }
  return time;
}

}  // namespace

bool is_milestone(std::string_view name) {
  return std::find(kLeadNames.begin(), kLeadNames.end(), name) != kLeadNames.end() ||
         std::find(kOpportunityNames.begin(), kOpportunityNames.end(), name) !=
             kOpportunityNames.end();
}

Outcome<std::optional<std::int64_t>> previous_conversion(Tables& tables,
                                                         const ConversionRow& conversion,
                                                         const Person& person) {
  ConversionRow earlier = conversion;
  earlier.occurred_ms -= 1;
  std::optional<std::int64_t> time;
  for (const auto& id : person.ids) {
    TL_TRY(found, tables.orders().newest_of_visitor(earlier, earlier.kind, id));
    time = std::max(time, found);
  }
  for (const auto& contact : person.contacts) {
    TL_TRY(found, tables.orders().newest_of_contact(earlier, earlier.kind, contact));
    time = std::max(time, found);
  }
  return time;
}

Outcome<MilestoneTimes> milestones_before(Tables& tables, const ConversionRow& conversion,
                                          const Person& person) {
  MilestoneTimes times;
  TL_TRY(lead, newest(tables, conversion, person, kLeadNames));
  TL_TRY(opportunity, newest(tables, conversion, person, kOpportunityNames));
  times.lead_ms = lead;
  times.opportunity_ms = opportunity;
  return times;
}

}  // namespace tl::server
