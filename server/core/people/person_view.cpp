// SPDX-License-Identifier: Apache-2.0
#include "server/core/people/person_view.hpp"

#include <algorithm>

namespace tl::server {
namespace {

struct TieEnds {
  Ties contact, id;
  bool is_of_person = false;  // both
};

TieState judge(const ContactClaim& tie, const TieEnds& ends) {
  if (ends.id.is_withheld) return TieState::no_consent;
  if (tie.verified) {
    if (ends.contact.is_shared || ends.id.is_shared) return TieState::shared;
  } else {
    if (tie.kind == ContactKind::user_id) return TieState::not_signed;
    if (!ends.contact.is_proven) return TieState::not_proven;
    if (ends.contact.has_many_claims || ends.id.has_many_claims) return TieState::shared;
  }
  return ends.is_of_person ? TieState::joined : TieState::other_person;
}

}  // namespace

std::string_view tie_state_name(TieState state) {
  switch (state) {
    case TieState::joined:
      return "joined";
    case TieState::cut:
      return "cut";
    case TieState::no_consent:
      return "no_consent";
    case TieState::shared:
      return "shared";
    case TieState::not_proven:
      return "not_proven";
    case TieState::not_signed:
      return "not_signed";
    case TieState::other_person:
      return "other_person";
  }
  return "";
}

Outcome<PersonTies> view_ties(Tables& tables, std::string_view site_id, const Person& person) {
  PersonTies view;
  const auto add_cut = [&view](const ContactRef& contact, const Id128& id) {
    view.shown.push_back({contact, id, false, {}, 0, TieState::cut});
  };
  for (const auto& contact : person.seen_contacts) {
    TieEnds ends;
    TL_TRY(of_contact, ties_of(tables, site_id, contact));
    ends.contact = std::move(of_contact);
    const bool is_crowded = ends.contact.is_shared || ends.contact.has_many_claims;
    const bool has_contact =
        std::binary_search(person.contacts.begin(), person.contacts.end(), contact);
    TL_TRY(ties, tables.people().ties_of_contact(site_id, contact, kMostTies + 1));
    for (auto& tie : ties) {
      const bool is_own =
          std::binary_search(person.ids.begin(), person.ids.end(), tie.anonymous_id);
      if (is_crowded && !is_own) {
        view.has_more = true;
        continue;
      }
      TL_TRY(of_id, ties_of(tables, site_id, tie.anonymous_id));
      ends.id = std::move(of_id);
      ends.is_of_person = is_own && has_contact;
      const TieState state = judge(tie, ends);
      view.shown.push_back(
          {contact, tie.anonymous_id, tie.verified, std::move(tie.source), tie.t_ms, state});
    }
    // Whoever was cut off is no part of the person any more; the way back starts here all the same.
    TL_TRY(cut_off, tables.people().cuts_of_contact(site_id, contact, kMostTies));
    for (const auto& id : cut_off) add_cut(contact, id);
  }
  for (const auto& id : person.ids) {
    TL_TRY(cuts, tables.people().cuts_of(site_id, id));
    for (const auto& contact : cuts)
      if (!std::binary_search(person.seen_contacts.begin(), person.seen_contacts.end(), contact))
        add_cut(contact, id);
  }
  return view;
}

Outcome<Person> person_of(Tables& tables, const ConversionRow& conversion) {
  PersonSeed seed;
  // Whom a contact led to is found from the contact again.
  const MatchType match = conversion.match_type;
  if (match != MatchType::email && match != MatchType::phone && match != MatchType::user_id)
    seed.anonymous_id = conversion.anonymous_id;
  TL_TRY(proofs, tables.people().proofs_of(conversion.site_id, conversion.id));
  for (const auto& proof : proofs) seed.contacts.push_back(proof.contact);
  return find_person(tables, conversion.site_id, seed);
}

}  // namespace tl::server
