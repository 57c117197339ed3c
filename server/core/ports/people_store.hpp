// SPDX-License-Identifier: Apache-2.0
// Contacts, claims, proofs and consent.
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

  // Repeating a claim refreshes its time and keeps verified once true.
  virtual Outcome<void> put_claim(std::string_view site_id, const ContactClaim& claim) = 0;
  // All that a visitor claims, signed or not, with the cuts that nothing proven stands against.
  virtual Outcome<void> remove_claims(std::string_view site_id, const Id128& anonymous_id) = 0;
  // Replaces what a conversion proves, at most one contact a kind.
  virtual Outcome<void> put_proofs(std::string_view site_id, const Id128& conversion_id,
                                   const std::vector<ContactProof>& proofs) = 0;
  virtual Outcome<std::vector<ContactProof>> proofs_of(std::string_view site_id,
                                                       const Id128& conversion_id) = 0;
  // Claims and proofs of a visitor, those said last first.
  virtual Outcome<std::vector<ContactClaim>> claims_of_visitor(std::string_view site_id,
                                                               const Id128& anonymous_id) = 0;

  // Ties: who claims a contact or is proven to have it, each once, cut ones left out. Proven ones
  // first, each group by when it was first said (t_ms here), newest first. At most `limit`.
  virtual Outcome<std::vector<ContactClaim>> ties_of_contact(std::string_view site_id,
                                                             const ContactRef& contact,
                                                             std::uint32_t limit) = 0;
  virtual Outcome<std::vector<ContactClaim>> ties_of_visitor(std::string_view site_id,
                                                             const Id128& anonymous_id,
                                                             ContactKind kind,
                                                             std::uint32_t limit) = 0;
  // Contacts that one conversion proved together with this one, ascending.
  virtual Outcome<std::vector<ContactRef>> companions_of(std::string_view site_id,
                                                         const ContactRef& contact,
                                                         std::uint32_t limit) = 0;
  // Whether any conversion or signature proved it, with or without a visitor.
  virtual Outcome<bool> is_proven(std::string_view site_id, const ContactRef& contact) = 0;
  // A cut tie is none, whoever says or proves it.
  virtual Outcome<bool> is_cut(std::string_view site_id, const ContactRef& contact,
                               const Id128& anonymous_id) = 0;
  virtual Outcome<void> put_cut(std::string_view site_id, const ContactRef& contact,
                                const Id128& anonymous_id, std::int64_t t_ms) = 0;
  virtual Outcome<void> remove_cut(std::string_view site_id, const ContactRef& contact,
                                   const Id128& anonymous_id) = 0;
  // What is cut from a visitor, ascending by contact.
  virtual Outcome<std::vector<ContactRef>> cuts_of(std::string_view site_id,
                                                   const Id128& anonymous_id) = 0;
  // Whom it is cut from, ascending; at most `limit`.
  virtual Outcome<std::vector<Id128>> cuts_of_contact(std::string_view site_id,
                                                      const ContactRef& contact,
                                                      std::uint32_t limit) = 0;
  virtual Outcome<void> put_contact(std::string_view site_id, const ContactVariants& contact) = 0;
  virtual Outcome<std::optional<ContactVariants>> find_contact(std::string_view site_id,
                                                               ContactKind kind,
                                                               const Digest& hash) = 0;
  // Unless somebody claims it or an order, a lead or another conversion carries it.
  virtual Outcome<void> remove_unheld_contact(std::string_view site_id,
                                              const ContactRef& contact) = 0;

  // The newest record by t_ms wins, whatever the order of arrival.
  virtual Outcome<void> put_consent(std::string_view site_id, const Id128& anonymous_id,
                                    const ConsentRecord& record) = 0;
  virtual Outcome<std::optional<ConsentRecord>> find_consent(std::string_view site_id,
                                                             const Id128& anonymous_id) = 0;
  // Whether storage was refused at that time, by all records that were put, in whatever order: of
  // two of one time the last one counts.
  virtual Outcome<bool> was_storage_withheld(std::string_view site_id, const Id128& anonymous_id,
                                             std::int64_t t_ms) = 0;
  virtual Outcome<void> append_receipt(std::string_view site_id, const ConsentReceipt& receipt) = 0;
};

}  // namespace tl::server
