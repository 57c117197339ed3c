// SPDX-License-Identifier: Apache-2.0
#include "server/core/outbox/choices_elsewhere.hpp"

#include "server/core/people/person.hpp"

#include <algorithm>

namespace tl::server {
namespace {

Outcome<bool> is_any_proven(PeopleStore& people, std::string_view site_id,
                            const std::vector<Id128>& ids) {
  for (const auto& id : ids) {
    TL_TRY(claims, people.claims_of_visitor(site_id, id));
    if (std::any_of(claims.begin(), claims.end(), [](const auto& claim) { return claim.verified; }))
      return true;
  }
  return false;
}

}  // namespace

Outcome<std::vector<ConsentRecord>> choices_elsewhere(Tables& tables, std::string_view site_id,
                                                      const Id128& anonymous_id) {
  std::vector<ConsentRecord> choices;
  TL_TRY(own, tables.events().linked_ids(site_id, anonymous_id));
  TL_TRY(is_proven, is_any_proven(tables.people(), site_id, own));
  if (!is_proven) return choices;
  TL_TRY(person, find_proven_person(tables, site_id, {anonymous_id, {}}));
  for (const auto& id : person.ids) {
    if (std::find(own.begin(), own.end(), id) != own.end()) continue;
    TL_TRY(choice, tables.people().find_consent(site_id, id));
    if (choice) choices.push_back(*choice);
  }
  return choices;
}

}  // namespace tl::server
