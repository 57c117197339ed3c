// SPDX-License-Identifier: Apache-2.0
// PeopleStore on SQLite: claims, proofs, contacts, consent.
#pragma once

#include "server/core/ports/people_store.hpp"
#include "server/store/sqlite/connection.hpp"

namespace tl::server::sqlite {

class SqlitePeopleStore : public PeopleStore {
 public:
  explicit SqlitePeopleStore(Connection& connection) : connection_(connection) {}

  Outcome<void> put_claim(std::string_view site_id, const ContactClaim& claim) override;
  Outcome<void> remove_claims(std::string_view site_id, const Id128& anonymous_id) override;
  Outcome<void> put_proofs(std::string_view site_id, const Id128& conversion_id,
                           const std::vector<ContactProof>& proofs) override;
  Outcome<std::vector<ContactProof>> proofs_of(std::string_view site_id,
                                               const Id128& conversion_id) override;
  Outcome<std::vector<ContactClaim>> ties_of_contact(std::string_view site_id,
                                                     const ContactRef& contact,
                                                     std::uint32_t limit) override;
  Outcome<std::vector<ContactClaim>> ties_of_visitor(std::string_view site_id,
                                                     const Id128& anonymous_id, ContactKind kind,
                                                     std::uint32_t limit) override;
  Outcome<std::vector<ContactRef>> companions_of(std::string_view site_id,
                                                 const ContactRef& contact,
                                                 std::uint32_t limit) override;
  Outcome<bool> is_proven(std::string_view site_id, const ContactRef& contact) override;
  Outcome<bool> is_cut(std::string_view site_id, const ContactRef& contact,
                       const Id128& anonymous_id) override;
  Outcome<void> put_cut(std::string_view site_id, const ContactRef& contact,
                        const Id128& anonymous_id, std::int64_t t_ms) override;
  Outcome<void> remove_cut(std::string_view site_id, const ContactRef& contact,
                           const Id128& anonymous_id) override;
  Outcome<std::vector<ContactRef>> cuts_of(std::string_view site_id,
                                           const Id128& anonymous_id) override;
  Outcome<std::vector<Id128>> cuts_of_contact(std::string_view site_id, const ContactRef& contact,
                                              std::uint32_t limit) override;
  Outcome<std::vector<ContactClaim>> claims_of_visitor(std::string_view site_id,
                                                       const Id128& anonymous_id) override;
  Outcome<void> put_contact(std::string_view site_id, const ContactVariants& contact) override;
  Outcome<std::optional<ContactVariants>> find_contact(std::string_view site_id, ContactKind kind,
                                                       const Digest& hash) override;
  Outcome<void> remove_unheld_contact(std::string_view site_id, const ContactRef& contact) override;
  Outcome<void> put_consent(std::string_view site_id, const Id128& anonymous_id,
                            const ConsentRecord& record) override;
  Outcome<bool> was_storage_withheld(std::string_view site_id, const Id128& anonymous_id,
                                     std::int64_t t_ms) override;
  Outcome<std::optional<ConsentRecord>> find_consent(std::string_view site_id,
                                                     const Id128& anonymous_id) override;
  Outcome<void> append_receipt(std::string_view site_id, const ConsentReceipt& receipt) override;

 private:
  Connection& connection_;
};

}  // namespace tl::server::sqlite
