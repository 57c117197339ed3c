// SPDX-License-Identifier: Apache-2.0
#include "server/core/people/person.hpp"

#include "server/core/people/restatement.hpp"
#include "throughline/consent.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <set>
#include <utility>

namespace tl::server {
namespace {

constexpr auto kTieLimit = static_cast<std::uint32_t>(kMostTies + 1);

ContactRef contact_of(const ContactClaim& tie) {
  return {tie.kind, tie.hash};
}

bool has_contact(const std::vector<ContactClaim>& ties, const ContactRef& contact) {
  return std::any_of(ties.begin(), ties.end(),
                     [&](const ContactClaim& tie) { return contact_of(tie) == contact; });
}
bool has_id(const std::vector<ContactClaim>& ties, const Id128& id) {
  return std::any_of(ties.begin(), ties.end(),
                     [&](const ContactClaim& tie) { return tie.anonymous_id == id; });
}

// Adds ties of one kind, proven ones first in the list, as far as they are not too many.
void add_ties(Ties& ties, ContactKind kind, std::vector<ContactClaim> found) {
  const auto end_of_proven = std::find_if(found.begin(), found.end(),
                                          [](const ContactClaim& tie) { return !tie.verified; });
  const auto proven = static_cast<std::size_t>(end_of_proven - found.begin());
  if (proven > kMostTies) {
    ties.is_shared = true;
    return;
  }
  ties.proven.insert(ties.proven.end(), found.begin(), end_of_proven);
  if (kind == ContactKind::user_id) return;
  if (found.size() > kMostTies)
    ties.has_many_claims = true;
  else
    ties.claimed.insert(ties.claimed.end(), end_of_proven, found.end());
}

bool is_same_list(const std::vector<ContactClaim>& a, const std::vector<ContactClaim>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const ContactClaim& x, const ContactClaim& y) {
                      return contact_of(x) == contact_of(y) && x.anonymous_id == y.anonymous_id;
                    });
}

Outcome<Ties> read_ties(Tables& tables, std::string_view site_id, const ContactRef& contact) {
  PeopleStore& people = tables.people();
  Ties ties;
  TL_TRY(found, people.ties_of_contact(site_id, contact, kTieLimit));
  add_ties(ties, contact.kind, std::move(found));
  TL_TRY(companions, people.companions_of(site_id, contact, kTieLimit));
  ties.has_many_companions = companions.size() > kMostTies;
  if (!ties.has_many_companions) ties.companions = std::move(companions);
  TL_TRY(is_proven, people.is_proven(site_id, contact));
  ties.is_proven = is_proven;
  return ties;
}

Outcome<Ties> read_ties(Tables& tables, std::string_view site_id, const Id128& anonymous_id) {
  Ties ties;
  for (const auto kind : {ContactKind::email, ContactKind::phone, ContactKind::user_id}) {
    TL_TRY(found, tables.people().ties_of_visitor(site_id, anonymous_id, kind, kTieLimit));
    add_ties(ties, kind, std::move(found));
  }
  TL_TRY(consent, tables.people().find_consent(site_id, anonymous_id));
  ties.is_withheld = consent && !permits_ids(consent->consent);
  return ties;
}

template <class Of, class Read>
Outcome<Ties> known_or_read(Tables& tables, std::map<Of, Ties> Restatement::*known, const Of& of,
                            Read read) {
  if (tables.restatement == nullptr) return read();
  auto& ties = tables.restatement->*known;
  if (const auto found = ties.find(of); found != ties.end()) return found->second;
  TL_TRY(fresh, read());
  return ties.emplace(of, std::move(fresh)).first->second;
}

class PersonSearch {
 public:
  PersonSearch(Tables& tables, std::string_view site_id, const PersonSeed& seed)
      : tables_(tables), site_id_(site_id), seed_(seed) {}

  Outcome<Person> run() {
    TL_CHECK(begin());
    bool is_withheld = false;
    if (seed_.anonymous_id) {
      TL_TRY(ties, ties_at(*seed_.anonymous_id));
      is_withheld = ties->is_withheld;
    }
    if (contacts_.empty() && !is_withheld) TL_CHECK(follow_own_claims());
    TL_CHECK(add_claimants());
    return finish();
  }

  Outcome<Person> run_proven() {
    TL_CHECK(begin());
    ids_.insert(withheld_.begin(), withheld_.end());
    return finish();
  }

 private:
  Outcome<void> begin() {
    if (seed_.anonymous_id) {
      TL_CHECK(add_browser(*seed_.anonymous_id));
      own_ = ids_;
    }
    for (const auto& contact : seed_.contacts) {
      if (seed_.anonymous_id) {
        TL_TRY(is_cut, tables_.people().is_cut(site_id_, contact, *seed_.anonymous_id));
        if (is_cut) continue;
      }
      add_contact(contact);
    }
    return follow_proofs();
  }

  Outcome<const Ties*> ties_at(const Id128& id) {
    const auto found = ids_seen_.find(id);
    if (found != ids_seen_.end()) return &found->second;
    TL_TRY(ties, ties_of(tables_, site_id_, id));
    return &ids_seen_.emplace(id, std::move(ties)).first->second;
  }
  Outcome<const Ties*> ties_at(const ContactRef& contact) {
    const auto found = contacts_seen_.find(contact);
    if (found != contacts_seen_.end()) return &found->second;
    TL_TRY(ties, ties_of(tables_, site_id_, contact));
    return &contacts_seen_.emplace(contact, std::move(ties)).first->second;
  }

  // An id with all that are the same browser's.
  Outcome<void> add_browser(const Id128& id) {
    if (ids_.contains(id)) return {};
    TL_TRY(linked, tables_.events().linked_ids(site_id_, id));
    for (const auto& one : linked)
      if (ids_.insert(one).second) pending_ids_.push_back(one);
    return {};
  }
  void add_contact(const ContactRef& contact) {
    if (contacts_.insert(contact).second) pending_contacts_.push_back(contact);
  }
  [[nodiscard]] bool is_full() const { return ids_.size() > kMostIds; }

  Outcome<void> follow_id(const Id128& id) {
    TL_TRY(ties, ties_at(id));
    if (ties->is_withheld) return {};
    for (const auto& tie : ties->proven) {
      TL_TRY(back, ties_at(contact_of(tie)));
      if (has_id(back->proven, id)) add_contact(contact_of(tie));
    }
    return {};
  }
  Outcome<void> follow_contact(const ContactRef& contact) {
    TL_TRY(ties, ties_at(contact));
    for (const auto& tie : ties->proven) {
      TL_TRY(back, ties_at(tie.anonymous_id));
      if (!has_contact(back->proven, contact)) continue;
      if (back->is_withheld)
        withheld_.insert(tie.anonymous_id);
      else
        TL_CHECK(add_browser(tie.anonymous_id));
    }
    for (const auto& companion : ties->companions) {
      TL_TRY(back, ties_at(companion));
      const auto& others = back->companions;
      if (std::find(others.begin(), others.end(), contact) != others.end()) add_contact(companion);
    }
    return {};
  }
  Outcome<void> follow_proofs() {
    while (!is_full() && (!pending_ids_.empty() || !pending_contacts_.empty())) {
      if (!pending_ids_.empty()) {
        const Id128 id = pending_ids_.front();
        pending_ids_.pop_front();
        TL_CHECK(follow_id(id));
      } else {
        const ContactRef contact = pending_contacts_.front();
        pending_contacts_.pop_front();
        TL_CHECK(follow_contact(contact));
      }
    }
    return {};
  }

  // A browser of which nothing is proven belongs to whose contacts it claims, if that is one
  // person.
  Outcome<void> follow_own_claims() {
    std::set<ContactRef> claimed;
    for (const auto& id : ids_) {
      TL_TRY(ties, ties_at(id));
      for (const auto& tie : ties->claimed) {
        TL_TRY(back, ties_at(contact_of(tie)));
        if (back->is_proven && has_id(back->claimed, id)) claimed.insert(contact_of(tie));
      }
    }
    if (claimed.empty()) return {};
    add_contact(*claimed.begin());
    TL_CHECK(follow_proofs());
    if (std::includes(contacts_.begin(), contacts_.end(), claimed.begin(), claimed.end()))
      return {};
    is_ambiguous_ = true;
    ids_ = own_;
    contacts_.clear();
    pending_ids_.clear();
    pending_contacts_.clear();
    return {};
  }

  // Browsers that claim a contact of this person; what else they claim leads no further.
  Outcome<void> add_claimants() {
    for (const auto& contact : contacts_) {
      TL_TRY(ties, ties_at(contact));
      for (const auto& tie : ties->claimed) {
        TL_TRY(back, ties_at(tie.anonymous_id));
        if (!back->is_withheld && has_contact(back->claimed, contact))
          TL_CHECK(add_browser(tie.anonymous_id));
      }
    }
    return {};
  }

  Person finish() const {
    Person person;
    person.is_ambiguous = is_ambiguous_;
    person.is_too_large = is_full();
    const auto& ids = is_full() ? own_ : ids_;
    person.ids.assign(ids.begin(), ids.end());
    if (!is_full()) person.contacts.assign(contacts_.begin(), contacts_.end());
    for (const auto& contact : person.contacts) {
      const Ties& ties = contacts_seen_.at(contact);
      if (ties.is_shared || ties.has_many_companions) continue;
      person.name = contact;
      break;
    }
    if (!person.name && !person.contacts.empty()) person.name = person.contacts.front();
    for (const auto& [id, ties] : ids_seen_) person.seen_ids.push_back(id);
    for (const auto& [contact, ties] : contacts_seen_) person.seen_contacts.push_back(contact);
    return person;
  }

  Tables& tables_;
  std::string_view site_id_;
  const PersonSeed& seed_;
  std::set<Id128> own_, ids_, withheld_;
  std::set<ContactRef> contacts_;
  std::deque<Id128> pending_ids_;
  std::deque<ContactRef> pending_contacts_;
  std::map<Id128, Ties> ids_seen_;
  std::map<ContactRef, Ties> contacts_seen_;
  bool is_ambiguous_ = false;
};

}  // namespace

bool is_same(const Ties& a, const Ties& b) {
  return is_same_list(a.proven, b.proven) && is_same_list(a.claimed, b.claimed) &&
         a.companions == b.companions && a.is_proven == b.is_proven &&
         a.is_withheld == b.is_withheld;
}

Outcome<Ties> ties_of(Tables& tables, std::string_view site_id, const ContactRef& contact) {
  return known_or_read(tables, &Restatement::ties_of_contacts, contact,
                       [&] { return read_ties(tables, site_id, contact); });
}

Outcome<Ties> ties_of(Tables& tables, std::string_view site_id, const Id128& anonymous_id) {
  return known_or_read(tables, &Restatement::ties_of_ids, anonymous_id,
                       [&] { return read_ties(tables, site_id, anonymous_id); });
}

Outcome<Person> find_person(Tables& tables, std::string_view site_id, const PersonSeed& seed) {
  return PersonSearch(tables, site_id, seed).run();
}

Outcome<Person> find_proven_person(Tables& tables, std::string_view site_id,
                                   const PersonSeed& seed) {
  return PersonSearch(tables, site_id, seed).run_proven();
}

}  // namespace tl::server
