// SPDX-License-Identifier: Apache-2.0
// The part of SqlitePeopleStore that tells whose contact is whose: claims, proofs and cuts.

#include "server/store/sqlite/people_store.hpp"

namespace tl::server::sqlite {
namespace {

// A proof is a claim that is verified; ?1 is the site. `narrowed` narrows both, each by an index
// that is named: to have them grouped, SQLite would rather read all that the site has.
#define TL_SAID(narrowed, claims, proofs)                                                         \
  "(SELECT kind, hash, anonymous_id, verified, source, t_ms, first_ms FROM contact_claim " claims \
  " WHERE site_id = ?1 AND " narrowed                                                             \
  " UNION ALL SELECT kind, hash, anonymous_id, 1, source, t_ms, t_ms FROM contact_proof "         \
  "INDEXED BY " proofs " WHERE site_id = ?1 AND anonymous_id IS NOT NULL AND " narrowed           \
  ") AS said "
#define TL_SAID_OF_VISITOR(narrowed) \
  TL_SAID(narrowed, "INDEXED BY contact_claim_by_visitor", "contact_proof_by_visitor")
// Of several that said the same, the proof is named.
#define TL_TIE_COLUMNS \
  "kind, hash, anonymous_id, max(verified) AS is_proven, substr(max(verified || source), 2), "
#define TL_NOT_CUT                                                                           \
  "WHERE NOT EXISTS (SELECT 1 FROM person_cut AS cut WHERE cut.site_id = ?1 AND cut.kind = " \
  "said.kind AND cut.hash = said.hash AND cut.anonymous_id = said.anonymous_id) "

ContactClaim read_tie(Query& query) {
  ContactClaim tie;
  query.read(tie.kind, tie.hash, tie.anonymous_id, tie.verified, tie.source, tie.t_ms);
  return tie;
}

ContactRef read_contact(Query& query) {
  ContactRef contact;
  query.read(contact.kind, contact.hash);
  return contact;
}

}  // namespace

Outcome<void> SqlitePeopleStore::remove_claims(std::string_view site_id,
                                               const Id128& anonymous_id) {
  return attempt([&] {
    const auto run = [&](Sql sql) { connection_.query(sql).bind(site_id, anonymous_id).run(); };
    run("DELETE FROM contact_claim WHERE site_id = ? AND anonymous_id = ?");
    run("DELETE FROM person_cut AS cut WHERE site_id = ? AND anonymous_id = ? AND NOT EXISTS "
        "(SELECT 1 FROM contact_proof AS proof INDEXED BY contact_proof_by_contact "
        "WHERE proof.site_id = cut.site_id AND proof.kind = "
        "cut.kind AND proof.hash = cut.hash AND proof.anonymous_id = cut.anonymous_id)");
  });
}

Outcome<void> SqlitePeopleStore::put_proofs(std::string_view site_id, const Id128& conversion_id,
                                            const std::vector<ContactProof>& proofs) {
  return attempt([&] {
    connection_.query("DELETE FROM contact_proof WHERE site_id = ? AND conversion_id = ?")
        .bind(site_id, conversion_id)
        .run();
    for (const auto& proof : proofs)
      connection_
          .query(
              "INSERT INTO contact_proof (site_id, conversion_id, kind, hash, anonymous_id, source,"
              " t_ms, conversion_kind) VALUES (?,?,?,?,?,?,?,?)")
          .bind(site_id, conversion_id, proof.contact.kind, proof.contact.hash, proof.anonymous_id,
                proof.source, proof.t_ms, proof.conversion_kind)
          .run();
  });
}

Outcome<std::vector<ContactProof>> SqlitePeopleStore::proofs_of(std::string_view site_id,
                                                                const Id128& conversion_id) {
  return attempt([&] {
    auto query = connection_.query(
        "SELECT kind, hash, anonymous_id, source, t_ms, conversion_kind FROM contact_proof WHERE"
        " site_id = ? AND conversion_id = ? ORDER BY kind");
    query.bind(site_id, conversion_id);
    return all_rows<ContactProof>(query, [](Query& row) {
      ContactProof proof;
      row.read(proof.contact.kind, proof.contact.hash, proof.anonymous_id, proof.source, proof.t_ms,
               proof.conversion_kind);
      return proof;
    });
  });
}

Outcome<std::vector<ContactClaim>> SqlitePeopleStore::claims_of_visitor(std::string_view site_id,
                                                                        const Id128& anonymous_id) {
  return attempt([&] {
    auto query = connection_.query("SELECT " TL_TIE_COLUMNS "max(t_ms) FROM " TL_SAID_OF_VISITOR(
        "anonymous_id = ?2") "GROUP BY kind, hash ORDER BY max(t_ms) DESC, kind, hash");
    query.bind(site_id, anonymous_id);
    return all_rows<ContactClaim>(query, read_tie);
  });
}

Outcome<std::vector<ContactClaim>> SqlitePeopleStore::ties_of_contact(std::string_view site_id,
                                                                      const ContactRef& contact,
                                                                      std::uint32_t limit) {
  return attempt([&] {
    auto query = connection_.query(
        "SELECT " TL_TIE_COLUMNS "min(first_ms) FROM " TL_SAID(
            "kind = ?2 AND hash = ?3", "", "contact_proof_by_contact") TL_NOT_CUT
        "GROUP BY anonymous_id ORDER BY is_proven DESC, min(first_ms) DESC, anonymous_id DESC"
        " LIMIT ?4");
    query.bind(site_id, contact.kind, contact.hash, limit);
    return all_rows<ContactClaim>(query, read_tie);
  });
}

Outcome<std::vector<ContactClaim>> SqlitePeopleStore::ties_of_visitor(std::string_view site_id,
                                                                      const Id128& anonymous_id,
                                                                      ContactKind kind,
                                                                      std::uint32_t limit) {
  return attempt([&] {
    auto query = connection_.query(
        "SELECT " TL_TIE_COLUMNS
        "min(first_ms) FROM " TL_SAID_OF_VISITOR("anonymous_id = ?2 AND kind = ?3") TL_NOT_CUT
        "GROUP BY hash ORDER BY is_proven DESC, min(first_ms) DESC, hash DESC LIMIT ?4");
    query.bind(site_id, anonymous_id, kind, limit);
    return all_rows<ContactClaim>(query, read_tie);
  });
}

Outcome<std::vector<ContactRef>> SqlitePeopleStore::companions_of(std::string_view site_id,
                                                                  const ContactRef& contact,
                                                                  std::uint32_t limit) {
  return attempt([&] {
    auto query = connection_.query(
        "SELECT DISTINCT other.kind, other.hash FROM contact_proof AS this CROSS JOIN "
        "contact_proof AS"
        " other ON other.site_id = this.site_id AND other.conversion_id = this.conversion_id AND"
        " other.kind <> this.kind WHERE this.site_id = ? AND this.kind = ? AND this.hash = ?"
        " ORDER BY other.kind, other.hash LIMIT ?");
    query.bind(site_id, contact.kind, contact.hash, limit);
    return all_rows<ContactRef>(query, read_contact);
  });
}

Outcome<bool> SqlitePeopleStore::is_proven(std::string_view site_id, const ContactRef& contact) {
  return attempt([&] {
    auto query = connection_.query(
        "SELECT 1 FROM contact_proof WHERE site_id = ?1 AND kind = ?2 AND hash = ?3 UNION ALL"
        " SELECT 1 FROM contact_claim WHERE site_id = ?1 AND kind = ?2 AND hash = ?3 AND"
        " verified = 1 LIMIT 1");
    return query.bind(site_id, contact.kind, contact.hash).step();
  });
}

Outcome<bool> SqlitePeopleStore::is_cut(std::string_view site_id, const ContactRef& contact,
                                        const Id128& anonymous_id) {
  return attempt([&] {
    auto query = connection_.query(
        "SELECT 1 FROM person_cut WHERE site_id = ? AND kind = ? AND hash = ? AND"
        " anonymous_id = ?");
    return query.bind(site_id, contact.kind, contact.hash, anonymous_id).step();
  });
}

Outcome<void> SqlitePeopleStore::put_cut(std::string_view site_id, const ContactRef& contact,
                                         const Id128& anonymous_id, std::int64_t t_ms) {
  return attempt([&] {
    connection_
        .query(
            "INSERT INTO person_cut (site_id, kind, hash, anonymous_id, t_ms) VALUES (?,?,?,?,?)"
            " ON CONFLICT DO NOTHING")
        .bind(site_id, contact.kind, contact.hash, anonymous_id, t_ms)
        .run();
  });
}

Outcome<void> SqlitePeopleStore::remove_cut(std::string_view site_id, const ContactRef& contact,
                                            const Id128& anonymous_id) {
  return attempt([&] {
    connection_
        .query(
            "DELETE FROM person_cut WHERE site_id = ? AND kind = ? AND hash = ? AND"
            " anonymous_id = ?")
        .bind(site_id, contact.kind, contact.hash, anonymous_id)
        .run();
  });
}

Outcome<std::vector<ContactRef>> SqlitePeopleStore::cuts_of(std::string_view site_id,
                                                            const Id128& anonymous_id) {
  return attempt([&] {
    auto query = connection_.query(
        "SELECT kind, hash FROM person_cut WHERE site_id = ? AND anonymous_id = ?"
        " ORDER BY kind, hash");
    query.bind(site_id, anonymous_id);
    return all_rows<ContactRef>(query, read_contact);
  });
}

Outcome<std::vector<Id128>> SqlitePeopleStore::cuts_of_contact(std::string_view site_id,
                                                               const ContactRef& contact,
                                                               std::uint32_t limit) {
  return attempt([&] {
    auto query = connection_.query(
        "SELECT anonymous_id FROM person_cut WHERE site_id = ? AND kind = ? AND hash = ?"
        " ORDER BY anonymous_id LIMIT ?");
    query.bind(site_id, contact.kind, contact.hash, limit);
    return all_rows<Id128>(query, read_only_id);
  });
}

}  // namespace tl::server::sqlite
