// SPDX-License-Identifier: Apache-2.0
// How the rows of a person are made nobody's. First what is counted by touches, while they still
// have their places; then the rows; then everything derived from them, by the code that always
// derives it.

#include "server/core/access/secret_box.hpp"
#include "server/core/attribution/conversion_path.hpp"
#include "server/core/attribution/late_evidence.hpp"
#include "server/core/attribution/milestones.hpp"
#include "server/core/leads/lead_facts.hpp"
#include "server/core/orders/order_fact.hpp"
#include "server/core/orders/order_fold.hpp"
#include "server/core/privacy/derived_ids.hpp"
#include "server/core/privacy/erased_references.hpp"
#include "server/core/privacy/erasure.hpp"
#include "server/core/privacy/fresh_ids.hpp"
#include "server/core/privacy/touch_places.hpp"
#include "server/core/reports/credit_rollups.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

namespace tl::server {
namespace {

constexpr const char* kNamesAPerson = "*";  // as in the page, for an e-mail address

class Rewriting {
 public:
  Rewriting(Tables& tables, Entropy& entropy, const SecretBox& box, const SiteConfig& site,
            const PersonTraces& traces, const Mentions& mentions, std::int64_t now_ms)
      : tables_(tables),
        entropy_(entropy),
        erased_(&box, site.id),
        derived_ids_(tables, site, entropy),
        site_(site),
        traces_(traces),
        mentions_(mentions),
        now_ms_(now_ms) {
    renames_.visitors = fresh_visitors(traces.visitors, entropy);
    renames_.sessions = fresh_timed_ids(traces.sessions, entropy);
    renames_.events = fresh_timed_ids(traces.events, entropy);
    renames_.contacts = fresh_contacts(traces.contacts, entropy);
    for (const auto* ids : {&renames_.visitors, &renames_.sessions})
      fresh_.insert(ids->begin(), ids->end());
    for (const auto& contact : renames_.contacts) hashes_[contact.before] = &contact;
  }

  Outcome<void> run() {
    for (const auto& [visitor, fresh] : renames_.visitors) {
      TL_CHECK(recount(visitor, fresh));
      TL_CHECK(unname_events(visitor));
    }
    TL_CHECK(rewrite_deliveries());
    TL_CHECK(tables_.privacy().rename(site_.id, renames_));
    for (const auto& order : traces_.orders) TL_CHECK(rewrite_order(order, /*is_own=*/true));
    for (const auto& order : traces_.other_orders) TL_CHECK(rewrite_order(order, /*is_own=*/false));
    for (const auto& id : traces_.conversions) TL_CHECK(rewrite_conversion(id, /*is_own=*/true));
    for (const auto& id : traces_.other_conversions)
      TL_CHECK(rewrite_conversion(id, /*is_own=*/false));
    for (const auto number : traces_.inbox) TL_CHECK(tables_.privacy().scrub_inbox(number));
    for (const auto number : traces_.rejects)
      TL_CHECK(tables_.operations().delete_reject(site_.id, number));
    for (const auto* ids : {&traces_.conversions, &traces_.other_conversions})
      for (const auto& id : *ids) {
        TL_TRY(row, tables_.orders().find_conversion(site_.id, derived_ids_.present(id)));
        if (row) TL_CHECK(restate_conversion(tables_, site_, *row, now_ms_));
      }
    return {};
  }

 private:
  // --- Traffic

  // The same sums under the fresh id, without landing pages and what names the person.
  Outcome<void> recount(const Id128& visitor, const Id128& fresh) {
    return clear_places(tables_, site_, visitor, fresh, [this](TouchRow& touch) {
      for (std::string* value : {&touch.source, &touch.medium, &touch.campaign, &touch.content})
        if (mentions_.in_value(*value)) *value = kNamesAPerson;
      touch.landing_path.clear();
    });
  }

  // Names that the page made up.
  Outcome<void> unname_events(const Id128& visitor) {
    TL_TRY(names, tables_.privacy().event_names_of(site_.id, visitor));
    for (const auto& name : names) {
      const bool is_known =
          name == "page_view" || is_milestone(name) ||
          std::find(site_.conversion_events.begin(), site_.conversion_events.end(), name) !=
              site_.conversion_events.end();
      if (!is_known && mentions_.in_value(name))
        TL_CHECK(tables_.privacy().rename_events(site_.id, visitor, name, kNamesAPerson));
    }
    return {};
  }

  // --- Orders and conversions

  void rename(std::optional<Id128>& id) const {
    if (!id) return;
    if (const auto found = fresh_.find(*id); found != fresh_.end()) id = found->second;
  }
  void rename(std::optional<Digest>& hash, ContactKind kind) const {
    if (!hash) return;
    if (const auto found = hashes_.find({kind, *hash}); found != hashes_.end())
      hash = found->second->after;
  }
  void forget(std::optional<Digest>& digest) {
    if (digest) entropy_.fill(digest->data(), digest->size());
  }
  [[nodiscard]] std::string fresh_reference() {
    const Id128 random = entropy_.id();
    return "erased-" +
           to_hex({reinterpret_cast<const char*>(random.bytes.data()), random.bytes.size()});
  }

  // Whether a reference names the person, or the account at the provider by which they pay.
  [[nodiscard]] bool is_name(const std::string& reference) const {
    return mentions_.in_value(reference) ||
           (!is_erased_reference(reference) &&
            std::any_of(accounts_.begin(), accounts_.end(), [&](const std::string& account) {
              return holds_account(reference, account);
            }));
  }
  void unname(std::string& reference) const {
    if (is_name(reference)) reference = erased_.of(reference);
  }

  void rewrite_fact(OrderFact& fact, bool is_own) {
    rename(fact.anonymous_id);
    rename(fact.session_id);
    if (fact.refund_id) unname(*fact.refund_id);
    unname(fact.part_id);
    unname(fact.subscription_id);
    unname(fact.change_key);
    if (mentions_.in_value(fact.items)) fact.items = "[]";
    if (!is_own) return;
    fact.is_erased = true;
    rename(fact.email_hash, ContactKind::email);
    rename(fact.phone_hash, ContactKind::phone);
    if (!fact.user_id.empty()) {
      const auto found = hashes_.find({ContactKind::user_id, sha256(fact.user_id)});
      if (found != hashes_.end()) fact.user_id = found->second->user_id;
    }
    fact.customer.clear();
    // The payments stay one subscription's and one customer's, and the next one is none of them.
    for (std::string* name : {&fact.subscription_id, &fact.customer_id})
      if (!name->empty() && !is_erased_reference(*name)) *name = erased_.of(*name);
    if (mentions_.in_value(fact.self_reported)) fact.self_reported.clear();
    forget(fact.digest);
  }

  Outcome<void> find_accounts(const OrderKey& key) {
    TL_TRY(changes, tables_.orders().changes_of(site_.id, key.provider, key.order_id));
    for (const auto& change : changes) {
      const OrderFact fact = read_fact(change);
      for (const std::string* account : {&fact.subscription_id, &fact.customer_id})
        if (!account->empty() && !is_erased_reference(*account)) accounts_.insert(*account);
    }
    return {};
  }

  Outcome<void> rewrite_order(const OrderKey& key, bool is_own) {
    OrderStore& orders = tables_.orders();
    accounts_.clear();
    if (is_own) TL_CHECK(find_accounts(key));
    std::string reference = key.order_id;
    if (is_own && is_name(key.order_id)) {
      reference = erased_.of(key.order_id);
      TL_TRY(taken, orders.find_order(site_.id, key.provider, reference));
      if (taken) reference = fresh_reference();
      TL_CHECK(tables_.privacy().rename_order(site_.id, key, reference));
    }
    DerivedIds::Replaced replaced;  // of the person's own names
    const auto unname_order = [&](std::string& name) {
      if (!is_name(name)) return;
      std::string digest = name == key.order_id ? reference : erased_.of(name);
      if (is_own && mentions_.in_value(name)) replaced[name] = digest;
      name = std::move(digest);
    };
    if (reference != key.order_id && mentions_.in_value(key.order_id))
      replaced[key.order_id] = reference;
    TL_TRY(aliases, orders.aliases_of(site_.id, key.provider, reference));
    for (auto& alias : aliases) {
      const std::string before = alias;
      unname_order(alias);
      if (alias == before) continue;
      TL_CHECK(tables_.privacy().remove_alias(site_.id, {key.provider, reference}, before));
      TL_CHECK(orders.add_alias(site_.id, key.provider, alias, reference));
    }
    TL_TRY(changes, orders.changes_of(site_.id, key.provider, reference));
    if (changes.empty()) return {};
    std::vector<OrderFact> facts;
    std::set<std::string> keys;
    for (const auto& change : changes) {
      keys.insert(change.change_key);
      OrderFact& fact = facts.emplace_back(read_fact(change));
      rewrite_fact(fact, is_own);
      unname_order(fact.order_id);
      for (auto& alias : fact.aliases) unname_order(alias);
    }
    if (!replaced.empty()) TL_CHECK(renew_ids({key.provider, reference}, facts, replaced));
    for (std::size_t i = 0; i < changes.size(); ++i) {
      OrderFact& fact = facts[i];
      OrderChangeRow& change = changes[i];
      if (fact.change_key != change.change_key && !keys.insert(fact.change_key).second)
        fact.change_key = fresh_reference();
      const std::string key_before = std::exchange(change.change_key, fact.change_key);
      change.detail = change_row(fact).detail;
      TL_CHECK(tables_.privacy().rewrite_change(change, key_before));
    }
    return orders.put_order(fold_order(site_.id, key.provider, std::move(facts)));
  }

  // What was made of a reference that named the person.
  Outcome<void> renew_ids(const OrderKey& order, std::vector<OrderFact>& facts,
                          const DerivedIds::Replaced& replaced) {
    // What vendors call it may be a name that the order had before it got a better one.
    TL_CHECK(tables_.privacy().rename_order(site_.id, order, order.order_id));
    for (auto& fact : facts) {
      if (fact.refund_event_id) TL_CHECK(derived_ids_.renew_refund(order, *fact.refund_event_id));
      for (auto& id : fact.restated_ids) TL_CHECK(derived_ids_.renew_refund(order, id));
    }
    TL_CHECK(derived_ids_.renew_joined(order, replaced));
    TL_TRY(sale, tables_.orders().find_conversion_of_order(site_.id, order.provider, order.order_id,
                                                           "purchase"));
    return sale ? derived_ids_.renew(*sale, replaced) : Outcome<void>();
  }

  // A contact that is not erased with the person was another's, typed into the person's form.
  void rename_or_forget(std::optional<Digest>& hash, ContactKind kind) const {
    if (hash && !hashes_.contains({kind, *hash})) hash.reset();
    rename(hash, kind);
  }
  std::string rewritten_lead(const std::string& said, bool is_own) {
    LeadFacts lead = read_lead_facts(said);
    for (auto& fact : lead.facts) {
      rename(fact.anonymous_id);
      rename(fact.session_id);
      if (!is_own) continue;
      fact.is_erased = true;
      rename_or_forget(fact.email_hash, ContactKind::email);
      rename_or_forget(fact.phone_hash, ContactKind::phone);
      rename_or_forget(fact.user_id_hash, ContactKind::user_id);
      entropy_.fill(fact.digest.data(), fact.digest.size());
      if (mentions_.in_value(fact.self_reported)) fact.self_reported.clear();
    }
    return write_lead_facts(lead);
  }

  // It is counted under these words.
  Outcome<void> clear_report(ConversionRow& row) {
    TL_TRY(credits, tables_.orders().credits_of(site_.id, row.id));
    const CountedConversion before{row, credits};
    row.self_reported.clear();
    return restate_rollups(tables_.rollups(), site_, {before},
                           CountedConversion{row, std::move(credits)});
  }

  // What no order keeps; the rest of the row is derived.
  Outcome<void> rewrite_conversion(const Id128& id, bool is_own) {
    TL_TRY(row, tables_.orders().find_conversion(site_.id, id));
    if (!row || row->kind == "purchase") return {};
    if (row->provider == kLeadProvider) {
      row->said = rewritten_lead(row->said, is_own);
      return tables_.orders().put_conversion(*row);
    }
    DerivedIds::Replaced replaced;
    TL_TRY(draft, draft_of(tables_, *row));
    rename(draft.anonymous_id);
    rename(draft.session_id);
    if (is_own) {
      draft.is_erased = true;
      rename(draft.email_hash, ContactKind::email);
      rename(draft.phone_hash, ContactKind::phone);
      rename(draft.user_id_hash, ContactKind::user_id);
      forget(row->request_digest);
      if (mentions_.in_value(row->self_reported)) TL_CHECK(clear_report(*row));
      if (mentions_.in_value(row->order_id)) {
        const OrderKey key{row->provider, row->order_id};
        row->order_id = erased_.of(key.order_id);
        TL_TRY(taken, tables_.orders().find_conversion_of_order(site_.id, key.provider,
                                                                row->order_id, row->kind));
        if (taken) row->order_id = fresh_reference();
        TL_CHECK(tables_.privacy().rename_order(site_.id, key, row->order_id));
        replaced[key.order_id] = row->order_id;
      }
    }
    row->said = write_said(draft);
    TL_CHECK(tables_.orders().put_conversion(*row));
    return replaced.empty() ? Outcome<void>() : derived_ids_.renew(*row, replaced);
  }

  // What waits goes; what was sent is forgotten but for that it was.
  Outcome<void> rewrite_deliveries() {
    for (const auto number : traces_.deliveries) {
      TL_TRY(row, tables_.outbox().find_delivery(number));
      if (!row) continue;
      TL_CHECK(was_sent(*row) ? tables_.privacy().scrub_delivery(number)
                              : tables_.privacy().remove_delivery(number));
    }
    return {};
  }

  Tables& tables_;
  Entropy& entropy_;
  ErasedReferences erased_;
  DerivedIds derived_ids_;
  const SiteConfig& site_;
  const PersonTraces& traces_;
  const Mentions& mentions_;
  std::int64_t now_ms_;
  Renames renames_;
  std::map<Id128, Id128> fresh_;  // visitors and sessions
  std::map<ContactRef, const Renames::Contact*> hashes_;
  std::set<std::string>
      accounts_;  // the subscriptions and customers of the order that is rewritten
};

}  // namespace

Outcome<void> rewrite_traces(Tables& tables, Entropy& entropy, const SecretBox& box,
                             const SiteConfig& site, const PersonTraces& traces,
                             std::int64_t now_ms) {
  TL_TRY(mentions, mentions_of(tables, site, traces));
  return Rewriting(tables, entropy, box, site, traces, mentions, now_ms).run();
}

}  // namespace tl::server
