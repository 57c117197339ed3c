// SPDX-License-Identifier: Apache-2.0
#include "server/core/orders/known_news.hpp"

#include "server/core/orders/sale_regrouping.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>
#include <string>
#include <utility>

namespace tl::server {
namespace {

bool says_same(const OrderFact& list, const OrderFact& news) {
  return list.listed_refunds->ids == news.listed_refunds->ids &&
         list.email_hash == news.email_hash && list.phone_hash == news.phone_hash &&
         list.customer == news.customer && list.customer_id == news.customer_id &&
         list.anonymous_id == news.anonymous_id && list.session_id == news.session_id;
}

bool take_missing(std::string& known, const std::string& told) {
  if (!known.empty() || told.empty()) return false;
  known = told;
  return true;
}
template <class T>
bool take_missing(std::optional<T>& known, const std::optional<T>& told) {
  if (known || !told) return false;
  known = told;
  return true;
}

template <class T>
bool differ(const std::optional<T>& known, const std::optional<T>& told) {
  return known && told && known != told;
}
bool differ(const std::string& known, const std::string& told) {
  return !known.empty() && !told.empty() && known != told;
}
template <class T>
bool agree(const T& known, const T& told) {
  return known != T{} && known == told;
}

// The ids of a hand-over are one visitor's: a half is completed by what names that half too.
bool take_missing_ids(OrderFact& known, const OrderFact& news) {
  const bool has_half = known.anonymous_id || known.session_id;
  const bool names_half =
      agree(known.anonymous_id, news.anonymous_id) || agree(known.session_id, news.session_id);
  if ((has_half && !names_half) || differ(known.checkout_started_ms, news.checkout_started_ms))
    return false;
  const bool has_visitor = take_missing(known.anonymous_id, news.anonymous_id);
  const bool has_session = take_missing(known.session_id, news.session_id);
  const bool has_start = take_missing(known.checkout_started_ms, news.checkout_started_ms);
  return has_visitor || has_session || has_start;
}

// {"country","fn","ln"} (order_fact.cpp), of which one telling may know the half.
bool join_customer(std::string& known, const std::string& told) {
  if (known.empty() || told.empty()) return take_missing(known, told);
  auto members = nlohmann::json::parse(known, nullptr, /*allow_exceptions=*/false);
  const auto more = nlohmann::json::parse(told, nullptr, /*allow_exceptions=*/false);
  if (!members.is_object() || !more.is_object()) return false;
  members.insert(more.begin(), more.end());  // none that is there
  std::string joined = members.dump();
  if (joined == known) return false;
  known = std::move(joined);
  return true;
}

// A contact is unreadable as long as none of that kind is known.
void join_unreadable(OrderFact& known, const OrderFact& news) {
  std::set<std::string> contacts(known.unreadable.begin(), known.unreadable.end());
  contacts.insert(news.unreadable.begin(), news.unreadable.end());
  if (known.email_hash) contacts.erase("email");
  if (known.phone_hash) contacts.erase("phone");
  known.unreadable.assign(contacts.begin(), contacts.end());
}

}  // namespace

void name_as_known(OrderFact& news, const std::vector<PlacedFact>& facts,
                   const std::set<std::string>& digests, const ErasedReferences& erased) {
  std::set<std::string> known = digests;
  const auto add = [&](const std::string& text) {
    if (is_erased_reference(text)) known.insert(text);
  };
  for (const auto& placed : facts) {
    const OrderFact& fact = placed.fact;
    for (const auto& name : references_of(fact)) add(name);
    if (fact.refund_id) add(*fact.refund_id);
    add(fact.part_id);
    add(fact.subscription_id);
    add(fact.change_key);
  }
  if (known.empty()) return;
  std::vector<std::string> names;  // that were replaced
  const auto replace = [&](std::string& told) {
    for (const auto& form : erased.forms_of(told)) {
      if (form == told || !known.contains(form)) continue;
      names.push_back(std::exchange(told, form));
      return true;
    }
    return false;
  };
  std::string& key = news.change_key;
  const std::string order_id = news.order_id;
  const bool is_known_key = replace(key);
  replace(news.order_id);
  for (auto& alias : news.aliases) replace(alias);
  if (news.refund_id) replace(*news.refund_id);
  replace(news.part_id);
  replace(news.subscription_id);
  if (is_known_key) return;
  // A key is often made of the other references; an order's is renamed in it.
  if (news.order_id != order_id)
    for (auto at = key.find(order_id); at != std::string::npos;
         at = key.find(order_id, at + news.order_id.size()))
      key.replace(at, order_id.size(), news.order_id);
  const auto is_in_key = [&](const auto& name) { return key.find(name) != std::string::npos; };
  if (!replace(key) && std::any_of(names.begin(), names.end(), is_in_key)) key = erased.of(key);
}

std::size_t same_list(const OrderFact& news, const std::vector<PlacedFact>& facts) {
  const std::size_t none = facts.size();
  if (!news.listed_refunds) return none;
  const auto until = [&facts](std::size_t at) { return facts[at].fact.listed_last_at(); };
  std::size_t newest = none;
  for (std::size_t at = 0; at < facts.size(); ++at) {
    const OrderFact& fact = facts[at].fact;
    if (!fact.listed_refunds || fact.teller != news.teller || fact.order_id != news.order_id)
      continue;
    if (says_same(fact, news) && fact.occurred_ms <= news.occurred_ms &&
        news.occurred_ms <= until(at).first)
      return at;
    if (newest == none || until(newest) < until(at)) newest = at;
  }
  const bool goes_on = newest != none && says_same(facts[newest].fact, news) &&
                       until(newest).first < news.occurred_ms;
  return goes_on ? newest : none;
}

bool names_another_buyer(const OrderFact& known, const OrderFact& told) {
  if (differ(known.anonymous_id, told.anonymous_id) || differ(known.session_id, told.session_id))
    return true;
  if (agree(known.customer_id, told.customer_id) ||
      agree(known.subscription_id, told.subscription_id))
    return false;
  if (differ(known.email_hash, told.email_hash) || differ(known.customer_id, told.customer_id))
    return true;
  return !agree(known.email_hash, told.email_hash) && differ(known.phone_hash, told.phone_hash);
}

bool fill_missing(OrderFact& known, const OrderFact& news) {
  if (known.is_erased || names_another_buyer(known, news)) return false;
  bool is_more = take_missing_ids(known, news);
  const auto take = [&is_more](auto& into, const auto& told) {
    if (take_missing(into, told)) is_more = true;
  };
  take(known.coarse, news.coarse);
  if (take_missing(known.email_hash, news.email_hash)) {
    known.email_told_ms = news.recorded_ms;
    is_more = true;
  }
  take(known.phone_hash, news.phone_hash);
  join_unreadable(known, news);
  is_more = join_customer(known.customer, news.customer) || is_more;
  take(known.customer_id, news.customer_id);
  take(known.subscription_id, news.subscription_id);
  if (known.subscription == SubscriptionRole::none && news.subscription != known.subscription) {
    known.subscription = news.subscription;
    is_more = true;
  }
  if (known.items == "[]" && news.items != known.items) {
    known.items = news.items;
    is_more = true;
  }
  return is_more;
}

bool comes_back(const OrderFact& told, const std::vector<PlacedFact>& facts) {
  using Kind = OrderChange::Kind;
  const bool is_amount =
      told.kind == Kind::purchase || told.kind == Kind::pending || told.kind == Kind::failed;
  return is_amount && told.changed_ms == 0 &&
         std::any_of(facts.begin(), facts.end(), [&told](const PlacedFact& other) {
           return other.fact.kind == told.kind && other.fact.order_id == told.order_id &&
                  other.fact.part_id == told.part_id &&
                  other.fact.amount_minor != told.amount_minor;
         });
}

}  // namespace tl::server
