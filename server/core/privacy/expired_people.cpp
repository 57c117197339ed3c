// SPDX-License-Identifier: Apache-2.0
#include "server/core/privacy/expired_people.hpp"

#include "server/core/attribution/late_evidence.hpp"
#include "server/core/durations.hpp"
#include "server/core/leads/lead_facts.hpp"
#include "server/core/orders/order_fact.hpp"
#include "server/core/people/person.hpp"
#include "server/core/privacy/person_traces.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <utility>

namespace tl::server {
namespace {

constexpr std::uint32_t kFactsAPage = 500;

// What an order or lead stands under, and what joins it to others.
enum class Joint : std::uint8_t { contact, order, lead, subscription, customer };
struct JointName {
  Joint kind;
  std::string provider, name;
  auto operator<=>(const JointName&) const = default;
};

JointName name_of(const ContactRef& contact) {
  const char kind = static_cast<char>(contact.kind);
  return {Joint::contact, {}, std::string(1, kind) + std::string(view_of(contact.hash))};
}
ContactRef contact_of(const JointName& joint) {
  ContactRef contact;
  contact.kind = static_cast<ContactKind>(joint.name.front());
  std::copy(joint.name.begin() + 1, joint.name.end(), contact.hash.begin());
  return contact;
}

std::vector<ContactRef> contacts_of(const ConversionDraft& draft) {
  LeadFact fact;
  fact.email_hash = draft.email_hash;
  fact.phone_hash = draft.phone_hash;
  fact.user_id_hash = draft.user_id_hash;
  return contacts_of(fact);
}

// Disjoint sets of names: each is one person.
class PeopleSearch {
 public:
  PeopleSearch(Tables& tables, const SiteConfig& site) : tables_(tables), site_(site) {}

  Outcome<void> read_orders() {
    const std::int64_t days = site_.retention.order_contact_days;
    for (std::int64_t last = 0;;) {
      TL_TRY(page, tables_.privacy().changes_after(site_.id, last, kFactsAPage));
      for (const auto& change : page) {
        last = change.number;
        const OrderFact fact = read_fact(change.row);
        if (fact.is_erased) continue;
        std::vector<JointName> joints;
        const auto contacts = contacts_of(fact);
        TL_CHECK(add_joints(contacts, joints));
        const std::string& provider = change.row.provider;
        if (!fact.subscription_id.empty())
          joints.push_back({Joint::subscription, provider, fact.subscription_id});
        if (!fact.customer_id.empty())
          joints.push_back({Joint::customer, provider, fact.customer_id});
        const bool is_named = !contacts.empty() || !joints.empty() || !fact.customer.empty();
        const std::int64_t t_ms = fact.occurred_ms > 0 ? fact.occurred_ms : change.row.recorded_ms;
        add({Joint::order, provider, change.row.order_id}, is_named, t_ms, days, joints);
      }
      if (page.size() < kFactsAPage) return {};
    }
  }

  Outcome<void> read_leads() {
    ListQuery query;
    query.site_id = site_.id;
    query.limit = 1000;
    for (;;) {
      TL_TRY(page, tables_.orders().list_conversions(query));
      for (const auto& row : page.items)
        if (row.kind != "purchase") TL_CHECK(read_lead(row));
      if (!page.next_cursor) return {};
      query.cursor = *page.next_cursor;
    }
  }

  Outcome<ExpiredPeople> expired(std::int64_t now_ms, std::size_t limit) {
    const auto is_due = [&](std::size_t person) {
      return people_[person].is_named && people_[person].until_ms < now_ms;
    };
    std::map<std::size_t, std::vector<ContactRef>> due;
    for (const auto& [joint, number] : numbers_)
      if (const std::size_t person = person_of(number); is_due(person)) {
        auto& contacts = due[person];
        if (joint.kind == Joint::contact) contacts.push_back(contact_of(joint));
      }
    ExpiredPeople found;
    std::set<std::size_t> people;
    for (const auto& [person, contacts] : due) {
      TL_CHECK(keep_as_said(person, contacts));
      if (!is_due(person)) continue;
      found.has_more = people.size() == limit;
      if (found.has_more) break;
      people.insert(person);
    }
    for (const auto& [joint, number] : numbers_) {
      if (!people.contains(person_of(number))) continue;
      if (joint.kind == Joint::contact) found.contacts.push_back(contact_of(joint));
      if (joint.kind == Joint::order) found.orders.push_back({joint.provider, joint.name});
      if (joint.kind == Joint::lead) ++found.leads;
    }
    return found;
  }

 private:
  struct Person {
    std::size_t parent = 0;     // itself: of the names that are joined the one that stands for all
    std::int64_t until_ms = 0;  // for how long they are kept
    std::int64_t days = 0;      // of what is kept longest
    bool is_named = false;      // anything in it tells who it is
  };

  Outcome<void> read_lead(const ConversionRow& row) {
    std::vector<ContactRef> contacts;
    bool is_named = false;
    std::int64_t t_ms = row.occurred_ms;
    if (row.provider == kLeadProvider) {
      for (const auto& fact : read_lead_facts(row.said).facts) {
        const auto named = contacts_of(fact);
        is_named = is_named || (!fact.is_erased && !named.empty());
        contacts.insert(contacts.end(), named.begin(), named.end());
        t_ms = std::max(t_ms, fact.last_ms);
      }
    } else {
      TL_TRY(draft, draft_of(tables_, row));
      contacts = contacts_of(draft);
      is_named = !draft.is_erased && !contacts.empty();
    }
    if (!is_named) return {};
    std::vector<JointName> joints;
    TL_CHECK(add_joints(contacts, joints));
    const std::string id(reinterpret_cast<const char*>(row.id.bytes.data()), row.id.bytes.size());
    add({Joint::lead, {}, id}, is_named, t_ms, site_.retention.lead_days, joints);
    return {};
  }

  // A contact that too many share is nobody's, and joins nobody (person.hpp).
  Outcome<void> add_joints(const std::vector<ContactRef>& contacts,
                           std::vector<JointName>& joints) {
    for (const auto& contact : contacts) {
      const auto [shared, is_new] = is_shared_.try_emplace(contact, false);
      if (is_new) {
        TL_TRY(ties, ties_of(tables_, site_.id, contact));
        shared->second = ties.is_shared || ties.has_many_companions;
      }
      if (!shared->second) joints.push_back(name_of(contact));
    }
    return {};
  }

  void add(JointName name, bool is_named, std::int64_t t_ms, std::int64_t days,
           std::vector<JointName>& joints) {
    const std::size_t number = number_of(std::move(name));
    for (auto& joint : joints) join(number, number_of(std::move(joint)));
    Person& person = people_[person_of(number)];
    person.is_named = person.is_named || is_named;
    const std::int64_t until_ms =
        days == 0 ? std::numeric_limits<std::int64_t>::max() : t_ms + days * kDayMs;
    person.until_ms = std::max(person.until_ms, until_ms);
    person.days = std::max(person.days, days);
  }

  // What a visitor says of themselves is news as well: the next order is matched by it. A contact
  // that too many say is nobody's.
  Outcome<void> keep_as_said(std::size_t person, const std::vector<ContactRef>& contacts) {
    for (const auto& contact : contacts) {
      TL_TRY(ties, tables_.people().ties_of_contact(site_.id, contact, kMostTies + 1));
      if (ties.size() > kMostTies) continue;
      for (const auto& tie : ties) {
        TL_TRY(claims, tables_.people().claims_of_visitor(site_.id, tie.anonymous_id));
        for (const auto& claim : claims)
          if (claim.kind == contact.kind && claim.hash == contact.hash)
            people_[person].until_ms =
                std::max(people_[person].until_ms, claim.t_ms + people_[person].days * kDayMs);
      }
    }
    return {};
  }

  std::size_t number_of(JointName name) {
    const auto [found, is_new] = numbers_.try_emplace(std::move(name), people_.size());
    if (is_new) people_.push_back({people_.size()});
    return found->second;
  }
  std::size_t person_of(std::size_t number) {
    while (people_[number].parent != number)
      number = people_[number].parent = people_[people_[number].parent].parent;
    return number;
  }
  void join(std::size_t a, std::size_t b) {
    a = person_of(a);
    b = person_of(b);
    if (a == b) return;
    people_[b].parent = a;
    people_[a].until_ms = std::max(people_[a].until_ms, people_[b].until_ms);
    people_[a].days = std::max(people_[a].days, people_[b].days);
    people_[a].is_named = people_[a].is_named || people_[b].is_named;
  }

  Tables& tables_;
  const SiteConfig& site_;
  std::map<ContactRef, bool> is_shared_;
  std::map<JointName, std::size_t> numbers_;
  std::vector<Person> people_;
};

// What was bought and asked under these contacts, and what was said of it.
using SaidUnder = std::map<Id128, std::string>;
Outcome<SaidUnder> said_under(Tables& tables, const SiteConfig& site,
                              const std::vector<ContactRef>& contacts) {
  SaidUnder found;
  for (const auto& contact : contacts) {
    TL_TRY(ids,
           tables.orders().conversions_by_key(site.id, contact_key(contact.kind, contact.hash), 0));
    for (const auto& id : ids) {
      TL_TRY(row, tables.orders().find_conversion(site.id, id));
      if (row) found[id] = row->said;
    }
  }
  return found;
}

}  // namespace

Outcome<ExpiredPeople> find_expired_people(Tables& tables, const SiteConfig& site,
                                           std::int64_t now_ms, std::size_t limit) {
  if (site.retention.lead_days == 0 && site.retention.order_contact_days == 0)
    return ExpiredPeople{};
  PeopleSearch search(tables, site);
  TL_CHECK(search.read_orders());
  TL_CHECK(search.read_leads());
  return search.expired(now_ms, limit);
}

Outcome<ClearedPeople> remove_expired_people(const ErasureServices& services,
                                             const SiteConfig& site, std::int64_t now_ms,
                                             std::size_t limit) {
  ExpiredPeople expired;
  PersonTraces traces;
  SaidUnder said;
  TL_CHECK(services.store.read([&](Tables& tables) -> Outcome<void> {
    TL_TRY(people, find_expired_people(tables, site, now_ms, limit));
    expired = std::move(people);
    if (expired.orders.empty() && expired.leads == 0) return {};
    TL_TRY(found, find_traces(tables, site, {}, expired.contacts, expired.orders));
    traces = std::move(found);
    traces.rejects.clear();  // they have a time of their own, and may be news of the same people
    TL_TRY(under, said_under(tables, site, expired.contacts));
    said = std::move(under);
    return {};
  }));
  ClearedPeople cleared;
  if (expired.orders.empty() && expired.leads == 0) {
    cleared.is_done = true;
    return cleared;
  }
  TL_CHECK(services.store.write([&](Tables& tables) -> Outcome<void> {
    cleared = {};
    TL_TRY(under, said_under(tables, site, expired.contacts));
    if (under != said) return {};
    TL_CHECK(rewrite_traces(tables, services.entropy, services.box, site, traces, now_ms));
    tables.privacy().forget_soon();
    cleared = {static_cast<std::int64_t>(expired.orders.size()), expired.leads, !expired.has_more};
    return {};
  }));
  return cleared;
}

}  // namespace tl::server
