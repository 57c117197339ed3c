// SPDX-License-Identifier: Apache-2.0
// Whom somebody asks about, for erasure and export: the browsers and contacts of the person that
// one e-mail address, phone number, user id or anonymous id names.
#pragma once

#include "server/core/config.hpp"
#include "server/core/ports/store.hpp"
#include "server/core/records.hpp"

#include <cstdint>
#include <optional>
#include <set>
#include <string>

namespace tl::server {

// Exactly one is set.
struct PersonName {
  std::string email, phone, user_id;
  std::optional<Id128> anonymous_id;
};

// Which browsers are the person's.
enum class Reach : std::uint8_t {
  proven,    // to give out: what a browser says without a signature shows nobody anything
  claiming,  // to forget: also those that say a contact of the person or the user id, for who asks
             // may have been there unsigned; but none that is proven to be somebody else's
};

struct NamedPerson {
  std::set<Id128> visitors;
  std::set<Id128> claiming;       // that say a contact; among the visitors if the reach takes them
  std::set<ContactRef> contacts;  // the person's, and what only these visitors claim
  bool is_shared = false;         // by too many (kMostTies): the contact leads to no visitor
};

// Errors: invalid (bad_person): none or several are set, or it is no e-mail address or phone
// number; unavailable.
Outcome<NamedPerson> find_named_person(Tables& tables, const SiteConfig& site,
                                       const PersonName& name, Reach reach);

}  // namespace tl::server
