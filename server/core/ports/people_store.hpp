// SPDX-License-Identifier: Apache-2.0
// Contacts, claims and consent.
#pragma once

#include "server/core/outcome.hpp"
#include "server/core/records.hpp"

#include <optional>
#include <string_view>
#include <vector>

namespace tl::server {

class PeopleStore {
 public:
  virtual ~PeopleStore() = default;

  // Repeating a claim refreshes its time and keeps verified once true. true when it is new, or
  // newly verified.
  virtual Outcome<bool> put_claim(std::string_view site_id, const ContactClaim& claim) = 0;
  // Claims of a contact, newest first.
  virtual Outcome<std::vector<ContactClaim>> claims_of_contact(std::string_view site_id,
                                                               ContactKind kind,
                                                               const Digest& hash) = 0;
  virtual Outcome<std::vector<ContactClaim>> claims_of_visitor(std::string_view site_id,
                                                               const Id128& anonymous_id) = 0;
  virtual Outcome<void> put_contact(std::string_view site_id, const ContactVariants& contact) = 0;
  virtual Outcome<std::optional<ContactVariants>> find_contact(std::string_view site_id,
                                                               ContactKind kind,
                                                               const Digest& hash) = 0;

  // The newest record by t_ms wins, whatever the order of arrival.
  virtual Outcome<void> put_consent(std::string_view site_id, const Id128& anonymous_id,
                                    const ConsentRecord& record) = 0;
  virtual Outcome<std::optional<ConsentRecord>> find_consent(std::string_view site_id,
                                                             const Id128& anonymous_id) = 0;
  virtual Outcome<void> append_receipt(std::string_view site_id, const ConsentReceipt& receipt) = 0;
};

}  // namespace tl::server
