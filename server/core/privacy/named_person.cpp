// SPDX-License-Identifier: Apache-2.0
#include "server/core/privacy/named_person.hpp"

#include "server/core/people/contact_variants.hpp"
#include "server/core/people/person.hpp"

#include <algorithm>
#include <vector>

namespace tl::server {
namespace {

ServerError bad_person(const std::string& what) {
  return invalid("bad_person", what +
                                   "; name the person by exactly one of email, phone, user_id and "
                                   "anonymous_id");
}

// The contact or id that the name is.
Outcome<PersonSeed> seed_of(const PersonName& name, const SiteConfig& site) {
  const int given = (name.email.empty() ? 0 : 1) + (name.phone.empty() ? 0 : 1) +
                    (name.user_id.empty() ? 0 : 1) + (name.anonymous_id ? 1 : 0);
  if (given != 1) return bad_person(given == 0 ? "nobody is named" : "several are named");
  PersonSeed seed;
  seed.anonymous_id = name.anonymous_id;
  const auto add = [&](ContactKind kind, const std::string& text) {
    const auto hash = contact_hash(kind, text, site.default_country);
    if (hash) seed.contacts.push_back({kind, *hash});
    return hash.has_value();
  };
  if (!name.email.empty() && !add(ContactKind::email, name.email))
    return bad_person("the email is no e-mail address");
  if (!name.phone.empty() && !add(ContactKind::phone, name.phone))
    return bad_person("the phone is no phone number; begin it with + and the country code");
  if (!name.user_id.empty()) add(ContactKind::user_id, name.user_id);
  return seed;
}

// Whether a browser is proven to be of somebody who has another contact.
Outcome<bool> is_somebody_elses(Tables& tables, std::string_view site_id,
                                const std::vector<Id128>& browser, const NamedPerson& person) {
  for (const auto& id : browser) {
    TL_TRY(ties, ties_of(tables, site_id, id));
    if (ties.is_shared) return true;
    for (const auto& tie : ties.proven)
      if (!person.contacts.contains({tie.kind, tie.hash})) return true;
  }
  return false;
}

// Browsers that say a contact.
Outcome<void> add_claimants(Tables& tables, std::string_view site_id, const ContactRef& contact,
                            NamedPerson& person) {
  TL_TRY(ties, tables.people().ties_of_contact(site_id, contact, kMostTies + 1));
  if (ties.size() > kMostTies) {
    person.is_shared = true;
    return {};
  }
  for (const auto& tie : ties) {
    TL_TRY(browser, tables.events().linked_ids(site_id, tie.anonymous_id));
    TL_TRY(is_elses, is_somebody_elses(tables, site_id, browser, person));
    if (!is_elses) person.claiming.insert(browser.begin(), browser.end());
  }
  return {};
}

// What nobody else claims or has proven.
Outcome<void> add_own_claims(Tables& tables, std::string_view site_id, NamedPerson& person) {
  for (const auto& visitor : person.visitors) {
    TL_TRY(claims, tables.people().claims_of_visitor(site_id, visitor));
    for (const auto& claim : claims) {
      const ContactRef contact{claim.kind, claim.hash};
      if (person.contacts.contains(contact)) continue;
      TL_TRY(is_proven, tables.people().is_proven(site_id, contact));
      if (is_proven) continue;
      TL_TRY(ties, tables.people().ties_of_contact(site_id, contact, kMostTies + 1));
      const bool is_own =
          ties.size() <= kMostTies && std::all_of(ties.begin(), ties.end(), [&](const auto& tie) {
            return person.visitors.contains(tie.anonymous_id);
          });
      if (is_own) person.contacts.insert(contact);
    }
  }
  return {};
}

}  // namespace

Outcome<NamedPerson> find_named_person(Tables& tables, const SiteConfig& site,
                                       const PersonName& name, Reach reach) {
  TL_TRY(seed, seed_of(name, site));
  TL_TRY(proven, find_proven_person(tables, site.id, seed));
  NamedPerson person;
  person.is_shared = proven.is_too_large;
  person.visitors.insert(proven.ids.begin(), proven.ids.end());
  person.contacts.insert(proven.contacts.begin(), proven.contacts.end());
  person.contacts.insert(seed.contacts.begin(), seed.contacts.end());
  for (const auto& contact : person.contacts)
    TL_CHECK(add_claimants(tables, site.id, contact, person));
  if (reach == Reach::claiming)
    person.visitors.insert(person.claiming.begin(), person.claiming.end());
  TL_CHECK(add_own_claims(tables, site.id, person));
  return person;
}

}  // namespace tl::server
