// SPDX-License-Identifier: Apache-2.0
#include "server/core/people/person_evidence.hpp"

#include "server/core/attribution/late_evidence.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace tl::server {
namespace {

Outcome<void> restate_both(Tables& tables, const SiteConfig& site, const ContactRef& contact,
                           const Id128& anonymous_id, std::int64_t now_ms) {
  return restate_conversions(tables, site,
                             {contact_key(contact.kind, contact.hash), visitor_key(anonymous_id)},
                             0, now_ms);
}

ServerError unknown_tie() {
  return fail(ErrorKind::not_found, "unknown_tie",
              "nothing ties that contact to that anonymous_id; the ties of a visitor are listed "
              "under \"person\" of /api/visitors/<anonymous_id>");
}

}  // namespace

Outcome<void> TieWatch::add(const ContactRef& contact) {
  if (contacts_.contains(contact)) return {};
  TL_TRY(ties, ties_of(tables_, site_.id, contact));
  contacts_.emplace(contact, std::move(ties));
  return {};
}

Outcome<void> TieWatch::add(const Id128& anonymous_id) {
  if (ids_.contains(anonymous_id)) return {};
  TL_TRY(ties, ties_of(tables_, site_.id, anonymous_id));
  ids_.emplace(anonymous_id, std::move(ties));
  return {};
}

Outcome<void> TieWatch::add(const ContactProof& proof) {
  TL_CHECK(add(proof.contact));
  return proof.anonymous_id ? add(*proof.anonymous_id) : Outcome<void>();
}

Outcome<void> TieWatch::restate_changed(std::int64_t now_ms, const std::optional<Id128>& except) {
  std::vector<std::string> keys;
  for (const auto& [contact, before] : contacts_) {
    TL_TRY(after, ties_of(tables_, site_.id, contact));
    if (!is_same(before, after)) keys.push_back(contact_key(contact.kind, contact.hash));
  }
  for (const auto& [id, before] : ids_) {
    TL_TRY(after, ties_of(tables_, site_.id, id));
    if (!is_same(before, after)) keys.push_back(visitor_key(id));
  }
  return restate_conversions(tables_, site_, keys, 0, now_ms, except);
}

Outcome<void> keep_claim(Tables& tables, const SiteConfig& site, const ContactClaim& claim,
                         std::int64_t now_ms) {
  TieWatch watch(tables, site);
  TL_CHECK(watch.add(ContactRef{claim.kind, claim.hash}));
  TL_CHECK(watch.add(claim.anonymous_id));
  TL_CHECK(tables.people().put_claim(site.id, claim));
  return watch.restate_changed(now_ms);
}

Outcome<void> cut_tie(Tables& tables, const SiteConfig& site, const ContactRef& contact,
                      const Id128& anonymous_id, std::int64_t now_ms) {
  TL_TRY(is_cut, tables.people().is_cut(site.id, contact, anonymous_id));
  if (is_cut) return {};
  TL_TRY(claims, tables.people().claims_of_visitor(site.id, anonymous_id));
  const bool is_known = std::any_of(claims.begin(), claims.end(), [&](const ContactClaim& claim) {
    return ContactRef{claim.kind, claim.hash} == contact;
  });
  if (!is_known) return unknown_tie();
  TL_CHECK(tables.people().put_cut(site.id, contact, anonymous_id, now_ms));
  return restate_both(tables, site, contact, anonymous_id, now_ms);
}

Outcome<void> join_tie(Tables& tables, const SiteConfig& site, const ContactRef& contact,
                       const Id128& anonymous_id, std::int64_t now_ms) {
  TL_TRY(is_cut, tables.people().is_cut(site.id, contact, anonymous_id));
  if (!is_cut) return unknown_tie();
  TL_CHECK(tables.people().remove_cut(site.id, contact, anonymous_id));
  return restate_both(tables, site, contact, anonymous_id, now_ms);
}

}  // namespace tl::server
