// SPDX-License-Identifier: Apache-2.0
// Why a person is one: every tie that was looked at, with what became of it. Not on the way of any
// conversion; for people who ask.
#pragma once

#include "server/core/people/person.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tl::server {

enum class TieState : std::uint8_t {
  joined,
  cut,           // somebody undid it
  no_consent,    // the visitor denied or withdrew storage
  shared,        // the contact or the id has too many ties
  not_proven,    // nobody is proven to have the contact
  not_signed,    // a user id without a signature
  other_person,  // both are proven to be somebody; a claim joins no two
};
std::string_view tie_state_name(TieState state);

struct PersonTie {
  ContactRef contact;
  Id128 anonymous_id;
  bool is_proven = false;
  std::string source;     // identify, identify_signed or the provider; empty for a cut one
  std::int64_t t_ms = 0;  // when it was said first
  TieState state = TieState::joined;
};

struct PersonTies {
  std::vector<PersonTie> shown;  // those of a contact, then what was cut from it
  bool has_more = false;  // of a contact that too many share, only the person's own are shown
};
// Errors: unavailable.
Outcome<PersonTies> view_ties(Tables& tables, std::string_view site_id, const Person& person);

// The buyer of a conversion, as its path was read for.
Outcome<Person> person_of(Tables& tables, const ConversionRow& conversion);

}  // namespace tl::server
