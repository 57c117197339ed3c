// SPDX-License-Identifier: Apache-2.0
// Everything in a site that belongs to one e-mail address, phone number, user id or anonymous id,
// and to whom evidence proves to be the same person (person.hpp): for erasure and export.
//   visitors, contacts    the person's (named_person.hpp)
//   orders, conversions   that name one of the contacts; without any contact, one of the visitors;
//              and what else the same subscription or customer account at the provider paid
//   inbox, rejects        whose text speaks of one of them (mentions.hpp)
// Of a contact that too many share (info@, a till: kMostTies) only what carries it itself is found.
// Reads the ledger, the inbox and the rejects of the site from end to end.
#pragma once

#include "server/core/config.hpp"
#include "server/core/ports/store.hpp"
#include "server/core/privacy/mentions.hpp"
#include "server/core/privacy/named_person.hpp"
#include "server/core/records.hpp"

#include <cstdint>
#include <set>
#include <string>
#include <vector>

namespace tl::server {

struct PersonTraces {
  std::vector<Id128> visitors, sessions, events;  // ascending; sessions: with their aliases
  std::vector<ContactRef> contacts;               // ascending
  std::vector<OrderKey> orders;                   // the person's own
  std::vector<Id128> conversions;                 // the person's own
  // Where the person's ids or contacts stand in what is somebody else's: rewritten, not emptied.
  std::vector<OrderKey> other_orders;
  std::vector<Id128> other_conversions;
  std::vector<std::int64_t> inbox, rejects, deliveries;
  std::string user_id, email, phone;  // when the person was named by it
  std::set<ContactRef> others_too;    // of the contacts: in orders that are not the person's
  bool is_shared = false;             // the contact is shared by too many

  // Nothing is held but, perhaps, the name itself.
  [[nodiscard]] bool is_empty() const;
};

// Errors: as of find_named_person().
Outcome<PersonTraces> find_traces(Tables& tables, const SiteConfig& site, const PersonName& name,
                                  Reach reach);
// The same for ids, contacts and orders that are known to be one person's, or several persons'.
Outcome<PersonTraces> find_traces(Tables& tables, const SiteConfig& site,
                                  const std::vector<Id128>& visitors,
                                  const std::vector<ContactRef>& contacts,
                                  const std::vector<OrderKey>& orders = {});

// What the texts of a site are searched for.
Outcome<Mentions> mentions_of(Tables& tables, const SiteConfig& site, const PersonTraces& traces);

}  // namespace tl::server
