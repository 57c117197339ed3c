// SPDX-License-Identifier: Apache-2.0
#include "server/core/privacy/person_traces.hpp"

#include "server/core/attribution/late_evidence.hpp"
#include "server/core/leads/lead_facts.hpp"
#include "server/core/orders/order_fact.hpp"
#include "server/core/people/contact_variants.hpp"
#include "server/core/people/person.hpp"
#include "throughline/text.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>
#include <set>

namespace tl::server {
namespace {

constexpr std::uint32_t kRowsAPage = 500;

class TraceSearch {
 public:
  TraceSearch(Tables& tables, const SiteConfig& site) : tables_(tables), site_(site) {}

  void set(NamedPerson person) {
    found_.is_shared = person.is_shared;
    visitors_ = std::move(person.visitors);
    claiming_ = std::move(person.claiming);
    contacts_ = std::move(person.contacts);
  }
  void set(const std::vector<Id128>& visitors, const std::vector<ContactRef>& contacts,
           const std::vector<OrderKey>& orders) {
    visitors_.insert(visitors.begin(), visitors.end());
    contacts_.insert(contacts.begin(), contacts.end());
    for (const auto& order : orders) orders_.insert({order.provider, order.order_id});
  }

  Outcome<PersonTraces> finish(const PersonName& name) {
    found_.user_id = name.user_id;
    found_.email = name.email;
    found_.phone = name.phone;
    found_.visitors.assign(visitors_.begin(), visitors_.end());
    std::set<Id128> sessions, events;
    for (const auto& visitor : visitors_) {
      TL_TRY(own, tables_.privacy().sessions_of(site_.id, visitor));
      sessions.insert(own.begin(), own.end());
      TL_TRY(seen, tables_.privacy().events_of(site_.id, visitor));
      events.insert(seen.begin(), seen.end());
    }
    found_.sessions.assign(sessions.begin(), sessions.end());
    found_.events.assign(events.begin(), events.end());
    sessions_ = std::move(sessions);
    TL_CHECK(find_orders());
    TL_CHECK(find_conversions());
    TL_CHECK(add_contacts_of_leads());
    found_.contacts.assign(contacts_.begin(), contacts_.end());
    TL_CHECK(find_deliveries());
    TL_TRY(mentions, mentions_of(tables_, site_, found_));
    TL_CHECK(find_inbox(mentions));
    TL_CHECK(find_rejects(mentions));
    return std::move(found_);
  }

 private:
  [[nodiscard]] bool is_visitors(const std::optional<Id128>& anonymous_id,
                                 const std::optional<Id128>& session_id) const {
    return (anonymous_id && visitors_.contains(*anonymous_id)) ||
           (session_id && sessions_.contains(*session_id));
  }

  // An order whose contacts are all somebody else's was paid by that person, whoever's link it was.
  struct OrderNews {
    bool has_contact = false, has_own_contact = false, has_own_id = false, is_own = false;
    std::vector<ContactRef> contacts;
    std::string subscription_id, customer_id;
  };
  // Whom it was taken for by the account alone is that account's, whatever else it says.
  Outcome<bool> is_of_account(const OrderKey& order, const OrderNews& told) {
    if (!told.has_contact) return true;
    TL_TRY(row, tables_.orders().find_conversion_of_order(site_.id, order.provider, order.order_id,
                                                          "purchase"));
    return row &&
           (row->match_type == MatchType::customer || row->match_type == MatchType::subscription);
  }
  // A subscription's payments are one person's, and so are an account's orders that name nobody.
  Outcome<void> add_buyers_orders(std::map<std::pair<std::string, std::string>, OrderNews>& news) {
    std::set<std::pair<std::string, std::string>> subscriptions, customers;
    for (bool has_grown = true; has_grown;) {
      has_grown = false;
      for (const auto& [key, told] : news) {
        if (!told.is_own) continue;
        if (!told.subscription_id.empty()) subscriptions.insert({key.first, told.subscription_id});
        if (!told.customer_id.empty()) customers.insert({key.first, told.customer_id});
      }
      for (auto& [key, told] : news) {
        if (told.is_own) continue;
        told.is_own = subscriptions.contains({key.first, told.subscription_id});
        if (!told.is_own && customers.contains({key.first, told.customer_id})) {
          TL_TRY(is_own, is_of_account({key.first, key.second}, told));
          told.is_own = is_own;
        }
        has_grown = has_grown || told.is_own;
      }
    }
    return {};
  }
  Outcome<void> find_orders() {
    std::map<std::pair<std::string, std::string>, OrderNews> news;
    std::int64_t last = 0;
    for (;;) {
      TL_TRY(page, tables_.privacy().changes_after(site_.id, last, kRowsAPage));
      for (const auto& change : page) {
        last = change.number;
        const OrderFact fact = read_fact(change.row);
        OrderNews& told = news[{change.row.provider, change.row.order_id}];
        told.has_own_id = told.has_own_id || is_visitors(fact.anonymous_id, fact.session_id);
        if (told.subscription_id.empty()) told.subscription_id = fact.subscription_id;
        if (told.customer_id.empty()) told.customer_id = fact.customer_id;
        for (const auto& contact : contacts_of(fact)) {
          told.has_contact = true;
          told.has_own_contact = told.has_own_contact || contacts_.contains(contact);
          told.contacts.push_back(contact);
        }
      }
      if (page.size() < kRowsAPage) break;
    }
    for (auto& [key, told] : news)
      told.is_own =
          told.has_own_contact || (told.has_own_id && !told.has_contact) || orders_.contains(key);
    TL_CHECK(add_buyers_orders(news));
    for (const auto& [key, told] : news) {
      if (!told.is_own) found_.others_too.insert(told.contacts.begin(), told.contacts.end());
      if (!told.is_own && !told.has_own_id) continue;
      OrderKey order{key.first, key.second};
      (told.is_own ? found_.orders : found_.other_orders).push_back(std::move(order));
    }
    // Of a test payment, which proves nothing. What others gave as well ("guest") stays theirs.
    for (const auto& [key, told] : news)
      if (told.is_own)
        for (const auto& contact : told.contacts)
          if (!found_.others_too.contains(contact)) contacts_.insert(contact);
    return {};
  }

  [[nodiscard]] bool is_own_lead(const LeadFacts& lead) const {
    bool has_contact = false, has_own_contact = false, has_own_id = false;
    for (const auto& fact : lead.facts) {
      has_own_id = has_own_id || is_visitors(fact.anonymous_id, fact.session_id);
      for (const auto& contact : contacts_of(fact)) {
        has_contact = true;
        has_own_contact = has_own_contact || contacts_.contains(contact);
      }
    }
    return has_contact ? has_own_contact : has_own_id;
  }
  // What else was typed into the person's forms, unless it is anybody else's too: in whichever
  // browser that says who they are.
  Outcome<void> add_contacts_of_leads() {
    std::set<ContactRef> typed;
    for (const auto& id : found_.conversions) {
      TL_TRY(row, tables_.orders().find_conversion(site_.id, id));
      if (!row || row->provider != kLeadProvider) continue;
      for (const auto& fact : read_lead_facts(row->said).facts)
        for (const auto& contact : contacts_of(fact)) typed.insert(contact);
    }
    for (const auto& contact : typed) {
      if (contacts_.contains(contact)) continue;
      TL_TRY(ties, tables_.people().ties_of_contact(site_.id, contact, kMostTies + 1));
      TL_TRY(named, tables_.orders().conversions_by_key(
                        site_.id, contact_key(contact.kind, contact.hash), 0));
      const bool is_own =
          ties.size() <= kMostTies &&
          std::all_of(ties.begin(), ties.end(),
                      [&](const auto& tie) {
                        return visitors_.contains(tie.anonymous_id) ||
                               claiming_.contains(tie.anonymous_id);
                      }) &&
          std::all_of(named.begin(), named.end(), [&](const auto& id) {
            return std::binary_search(found_.conversions.begin(), found_.conversions.end(), id);
          });
      if (is_own) contacts_.insert(contact);
    }
    return {};
  }

  Outcome<void> find_conversions() {
    std::set<Id128> own, seen;
    for (const auto& order : found_.orders) {
      TL_TRY(row, tables_.orders().find_conversion_of_order(site_.id, order.provider,
                                                            order.order_id, "purchase"));
      if (row) own.insert(row->id);
    }
    std::vector<std::string> keys;
    for (const auto& visitor : visitors_) keys.push_back(visitor_key(visitor));
    for (const auto& session : sessions_) keys.push_back(session_key(session));
    for (const auto& contact : contacts_) keys.push_back(contact_key(contact.kind, contact.hash));
    for (const auto& key : keys) {
      TL_TRY(ids, tables_.orders().conversions_by_key(site_.id, key, 0));
      seen.insert(ids.begin(), ids.end());
    }
    for (const auto& id : seen) {
      if (own.contains(id)) continue;
      TL_TRY(row, tables_.orders().find_conversion(site_.id, id));
      if (!row) continue;
      bool is_own = false;
      if (row->provider == kLeadProvider) {
        is_own = is_own_lead(read_lead_facts(row->said));
      } else if (row->kind != "purchase") {
        TL_TRY(draft, draft_of(tables_, *row));
        const bool has_contact = draft.email_hash || draft.phone_hash || draft.user_id_hash;
        const auto is_persons = [&](ContactKind kind, const std::optional<Digest>& hash) {
          return hash && contacts_.contains({kind, *hash});
        };
        is_own = has_contact ? is_persons(ContactKind::email, draft.email_hash) ||
                                   is_persons(ContactKind::phone, draft.phone_hash) ||
                                   is_persons(ContactKind::user_id, draft.user_id_hash)
                             : is_visitors(draft.anonymous_id, draft.session_id);
      }
      if (is_own)
        own.insert(id);
      else
        found_.other_conversions.push_back(id);
    }
    found_.conversions.assign(own.begin(), own.end());
    return {};
  }

  Outcome<void> find_deliveries() {
    std::set<std::int64_t> numbers;
    for (const auto& visitor : visitors_) {
      TL_TRY(rows, tables_.outbox().deliveries_of_visitor(site_.id, visitor));
      // A conversion's go by whose conversion it is.
      for (const auto& row : rows)
        if (row.subject == DeliverySubject::event) numbers.insert(row.id);
    }
    const auto add = [&](const Id128& event_id) -> Outcome<void> {
      TL_TRY(rows, tables_.outbox().deliveries_of_event(site_.id, event_id));
      for (const auto& row : rows) numbers.insert(row.id);
      return {};
    };
    for (const auto& id : found_.conversions) TL_CHECK(add(id));
    for (const auto& order : found_.orders) {
      TL_TRY(changes, tables_.orders().changes_of(site_.id, order.provider, order.order_id));
      for (const auto& change : changes) {
        const OrderFact fact = read_fact(change);
        if (fact.refund_event_id) TL_CHECK(add(*fact.refund_event_id));
        for (const auto& id : fact.restated_ids) TL_CHECK(add(id));
      }
    }
    found_.deliveries.assign(numbers.begin(), numbers.end());
    return {};
  }

  Outcome<void> find_inbox(const Mentions& mentions) {
    std::set<std::pair<std::string, std::string>> own;
    for (const auto& order : found_.orders) own.insert({order.provider, order.order_id});
    std::int64_t last = 0;
    for (;;) {
      TL_TRY(page, tables_.privacy().inbox_after(site_.id, last, kRowsAPage));
      for (const auto& [number, entry] : page) {
        last = number;
        if (entry.body.empty() && entry.headers_json.empty()) continue;  // scrubbed
        if (own.contains({entry.provider, entry.order_id}) || mentions.in(entry.body) ||
            mentions.in(entry.headers_json))
          found_.inbox.push_back(number);
      }
      if (page.size() < kRowsAPage) return {};
    }
  }

  Outcome<void> find_rejects(const Mentions& mentions) {
    ListQuery query;
    query.site_id = site_.id;
    query.limit = 1000;
    for (;;) {
      TL_TRY(page, tables_.operations().list_rejects(query));
      for (const auto& head : page.items) {
        TL_TRY(reject, tables_.operations().find_reject(site_.id, head.id));
        if (reject && (mentions.in(reject->message) || mentions.in(reject->route) ||
                       mentions.in(reject->body) || mentions.says_user_id(reject->body) ||
                       mentions.in(reject->sender_json)))
          found_.rejects.push_back(head.id);
      }
      if (!page.next_cursor) return {};
      query.cursor = *page.next_cursor;
    }
  }

  Tables& tables_;
  const SiteConfig& site_;
  PersonTraces found_;
  std::set<Id128> visitors_, claiming_, sessions_;
  std::set<std::pair<std::string, std::string>> orders_;  // that are known to be the person's
  std::set<ContactRef> contacts_;
};

}  // namespace

bool PersonTraces::is_empty() const {
  return sessions.empty() && events.empty() && orders.empty() && conversions.empty() &&
         other_orders.empty() && other_conversions.empty() && inbox.empty() && rejects.empty() &&
         deliveries.empty();
}

Outcome<Mentions> mentions_of(Tables& tables, const SiteConfig& site, const PersonTraces& traces) {
  Mentions mentions(site.default_country);
  // A shorter one stands in too many texts that are not about the person.
  constexpr std::size_t kLeastUserId = 4;
  if (traces.user_id.size() >= kLeastUserId)
    mentions.add_text(nlohmann::json(traces.user_id)
                          .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  for (const auto* ids : {&traces.visitors, &traces.sessions, &traces.events})
    for (const auto& id : *ids) mentions.add(id);
  const auto add_variants = [&](const std::string& text) {
    const auto variants = nlohmann::json::parse(text, nullptr, false);
    if (!variants.is_object()) return;
    for (const auto& variant : variants)
      if (variant.is_string()) mentions.add_text(variant.get<std::string>());
  };
  for (const auto& [kind, plain] :
       {std::pair{ContactKind::email, traces.email}, std::pair{ContactKind::phone, traces.phone}}) {
    mentions.add_address(trim(plain));
    if (const auto text = contact_text(kind, plain, site.default_country))
      mentions.add_address(*text);
  }
  // Those that are kept may be old and gone, or of a hash alone.
  if (!traces.email.empty()) add_variants(contact_variants(ContactKind::email, traces.email, {}));
  for (const auto& contact : traces.contacts) {
    mentions.add(contact, !traces.others_too.contains(contact));
    TL_TRY(kept, tables.people().find_contact(site.id, contact.kind, contact.hash));
    if (kept) add_variants(kept->variants);
  }
  return mentions;
}

Outcome<PersonTraces> find_traces(Tables& tables, const SiteConfig& site, const PersonName& name,
                                  Reach reach) {
  TL_TRY(person, find_named_person(tables, site, name, reach));
  TraceSearch search(tables, site);
  search.set(std::move(person));
  return search.finish(name);
}

Outcome<PersonTraces> find_traces(Tables& tables, const SiteConfig& site,
                                  const std::vector<Id128>& visitors,
                                  const std::vector<ContactRef>& contacts,
                                  const std::vector<OrderKey>& orders) {
  TraceSearch search(tables, site);
  search.set(visitors, contacts, orders);
  return search.finish({});
}

}  // namespace tl::server
