// SPDX-License-Identifier: Apache-2.0
// What changes who is one person, and the conversions that it then restates: by the machinery of
// late evidence, for each conversion is filed under every id and contact that its person was looked
// for at. What changes nothing (a claim said again, the hundredth of info@) restates nothing.
#pragma once

#include "server/core/config.hpp"
#include "server/core/people/person.hpp"
#include "server/core/ports/store.hpp"
#include "server/core/records.hpp"

#include <cstdint>
#include <map>
#include <optional>

namespace tl::server {

// The ties of ids and contacts before a change, to be compared with those after it.
class TieWatch {
 public:
  TieWatch(Tables& tables, const SiteConfig& site) : tables_(tables), site_(site) {}
  Outcome<void> add(const ContactRef& contact);
  Outcome<void> add(const Id128& anonymous_id);
  Outcome<void> add(const ContactProof& proof);
  // Matches and credits again every conversion that looked at what has changed since.
  Outcome<void> restate_changed(std::int64_t now_ms,
                                const std::optional<Id128>& except = std::nullopt);

 private:
  Tables& tables_;
  const SiteConfig& site_;
  std::map<ContactRef, Ties> contacts_;
  std::map<Id128, Ties> ids_;
};

// A claim, signed or not. Errors: unavailable, bug.
Outcome<void> keep_claim(Tables& tables, const SiteConfig& site, const ContactClaim& claim,
                         std::int64_t now_ms);

// Undoes a tie, whatever evidence there is or comes; joining takes that back. Credits become what
// they would be if it had never been said. An id and a contact may be joined over others too: each
// tie is cut by itself. Errors: not_found (unknown_tie): nobody ever said it; unavailable, bug.
Outcome<void> cut_tie(Tables& tables, const SiteConfig& site, const ContactRef& contact,
                      const Id128& anonymous_id, std::int64_t now_ms);
Outcome<void> join_tie(Tables& tables, const SiteConfig& site, const ContactRef& contact,
                       const Id128& anonymous_id, std::int64_t now_ms);

}  // namespace tl::server
