// SPDX-License-Identifier: Apache-2.0
#include "server/core/orders/known_news.hpp"

#include "server/core/orders/sale_regrouping.hpp"

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

}  // namespace tl::server
