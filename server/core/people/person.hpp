// SPDX-License-Identifier: Apache-2.0
// Who is one person: the anonymous ids, and the contacts that join them. A pure function of what is
// stored, so the order in which anything arrived never matters; nothing about a person is stored
// beside the evidence.
//   signed    A conversion from a provider or with a secret key joins its contacts to each other
//   and
//             to the visitor whose ids it carried; a signed identify joins its user id. Such ties,
//             and the links between ids of one browser, are followed as far as they lead.
//   claimed   What a browser says without a signature joins it to whoever is proven to have the
//             e-mail address or phone number, but joins nobody else through it: two people who are
//             each proven stay two, whatever a browser claims. A claimed user id is easily guessed
//             and joins nothing.
// Left out: an id whose visitor denied or withdrew storage; ties that somebody cut; a contact or an
// id with more than kMostTies ties of a kind (info@, a till: many people share it), unsigned ones
// first; and everything, when more than kMostIds would be one person.
#pragma once

#include "server/core/ports/store.hpp"
#include "server/core/records.hpp"

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace tl::server {

inline constexpr std::size_t kMostTies = 16;
inline constexpr std::size_t kMostIds = 64;

// What a contact or an id is tied to, as far as it counts.
struct Ties {
  std::vector<ContactClaim> proven, claimed;
  std::vector<ContactRef> companions;  // of a contact: proven by the same conversion
  bool is_proven = false;              // of a contact: somebody has it
  bool is_withheld = false;            // of an id: its visitor denied storage
  bool is_shared = false;              // proven ties of too many: none counts
  bool has_many_claims = false;        // then none of the unsigned ones counts
  bool has_many_companions = false;    // then none of them counts
};
// Whether both lead to the same ids and contacts.
bool is_same(const Ties& a, const Ties& b);
Outcome<Ties> ties_of(Tables& tables, std::string_view site_id, const ContactRef& contact);
Outcome<Ties> ties_of(Tables& tables, std::string_view site_id, const Id128& anonymous_id);

// Where a person is looked for; what a conversion says of its buyer is proven by itself.
struct PersonSeed {
  std::optional<Id128> anonymous_id;
  std::vector<ContactRef> contacts;
};

struct Person {
  std::vector<Id128> ids;            // ascending; the seed's own are always there
  std::vector<ContactRef> contacts;  // ascending
  std::optional<ContactRef> name;    // the first that not too many share, else the first
  bool is_too_large = false;         // only the seed's own ids are left
  bool is_ambiguous = false;  // the seed claims contacts of several people and is joined to none
  // Whatever was looked at: a change of its ties may change the person.
  std::vector<Id128> seen_ids;
  std::vector<ContactRef> seen_contacts;
};

Outcome<Person> find_person(Tables& tables, std::string_view site_id, const PersonSeed& seed);

// By what is signed alone: nothing that is only claimed joins anybody. With the ids of whoever
// denied storage that a contact of the person is proven to be of; they lead no further.
Outcome<Person> find_proven_person(Tables& tables, std::string_view site_id,
                                   const PersonSeed& seed);

}  // namespace tl::server
