// SPDX-License-Identifier: Apache-2.0
// PeopleStore on SQLite: claims, contacts, consent.
#pragma once

#include "server/core/ports/people_store.hpp"
#include "server/store/sqlite/connection.hpp"

namespace tl::server::sqlite {

class SqlitePeopleStore : public PeopleStore {
 public:
  explicit SqlitePeopleStore(Connection& connection) : connection_(connection) {}

  Outcome<bool> put_claim(std::string_view site_id, const ContactClaim& claim) override;
  Outcome<std::vector<ContactClaim>> claims_of_contact(std::string_view site_id, ContactKind kind,
                                                       const Digest& hash) override;
  Outcome<std::vector<ContactClaim>> claims_of_visitor(std::string_view site_id,
                                                       const Id128& anonymous_id) override;
  Outcome<void> put_contact(std::string_view site_id, const ContactVariants& contact) override;
  Outcome<std::optional<ContactVariants>> find_contact(std::string_view site_id, ContactKind kind,
                                                       const Digest& hash) override;
  Outcome<void> put_consent(std::string_view site_id, const Id128& anonymous_id,
                            const ConsentRecord& record) override;
  Outcome<std::optional<ConsentRecord>> find_consent(std::string_view site_id,
                                                     const Id128& anonymous_id) override;
  Outcome<void> append_receipt(std::string_view site_id, const ConsentReceipt& receipt) override;

 private:
  Connection& connection_;
};

}  // namespace tl::server::sqlite
