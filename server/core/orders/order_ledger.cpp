// SPDX-License-Identifier: Apache-2.0
#include "server/core/orders/order_ledger.hpp"

#include "server/core/orders/collected_sales.hpp"
#include "server/core/orders/known_news.hpp"
#include "server/core/orders/known_orders.hpp"
#include "server/core/orders/order_fold.hpp"
#include "server/core/orders/sale_halves.hpp"
#include "server/core/orders/sale_regrouping.hpp"
#include "server/core/privacy/erased_references.hpp"
#include "server/core/privacy/mentions.hpp"
#include "server/core/text/uuid_text.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace tl::server {
namespace {

class Recording {
 public:
  Recording(OrderStore& store, const LedgerEntry& entry, const SecretBox* box)
      : store_(store),
        entry_(entry),
        erased_(box, entry.site_id),
        known_(store, entry.site_id, erased_),
        news_(entry.fact) {
    if (!news_.is_stated()) news_.teller = entry.provider;
    news_.recorded_ms = entry.recorded_ms;
  }

  Outcome<LedgerStep> run() {
    TL_CHECK(load_named());
    TL_CHECK(take_out_erased());
    place_fact();
    TL_CHECK(find_sales());
    SaleGroup& own = *std::find_if(sales_.begin(), sales_.end(), [this](const SaleGroup& sale) {
      return holds_told(sale.facts);
    });
    TL_CHECK(has_other_rows() ? regroup(store_, entry_, {rows_, facts_, sales_}) : name_sale(own));
    for (const auto& sale : sales_) TL_CHECK(put_deltas(sale));
    for (const auto& sale : sales_) TL_CHECK(store_.put_order(sale.changed.order));
    TL_CHECK(tell_news(own));
    for (auto& sale : sales_)
      if (&sale != &own) step_.parted.push_back(std::move(sale.changed));
    static_cast<ChangedSale&>(step_) = std::move(own.changed);
    return std::move(step_);
  }

 private:
  // --- What is known

  // false: it was there.
  Outcome<bool> load_row(OrderRow row) {
    for (const auto& seen : rows_)
      if (key_of(seen) == key_of(row)) return false;
    TL_TRY(changes, store_.changes_of(entry_.site_id, row.provider, row.order_id));
    for (auto& change : changes) {
      facts_.push_back({read_fact(change), rows_.size()});
      changes_.push_back(std::move(change));
    }
    rows_.push_back(std::move(row));
    return true;
  }

  Outcome<void> load_named() {
    const auto references = references_of(entry_.fact);
    // What the site stated under one of the references is the same sale; a test payment is
    // nobody's.
    const bool may_be_stated = entry_.fact.live && entry_.provider != kStatedProvider;
    for (const auto& reference : references) TL_CHECK(load_reference(entry_.provider, reference));
    for (const auto& reference : references) {
      if (may_be_stated) TL_CHECK(load_reference(kStatedProvider, reference));
      for (const auto other : others_told(entry_.provider, reference))
        TL_CHECK(load_reference(other, reference));
    }
    return {};
  }

  Outcome<void> load_reference(std::string_view provider, const std::string& reference) {
    TL_TRY(row, known_.find(provider, reference));
    if (row) TL_CHECK(load_row(std::move(*row)));
    return {};
  }

  // The buyer of an erased order goes out of its news, and so does who pays an erased subscription.
  // A lone payment of an erased customer is the bill's that it settles, which knows its buyer.
  Outcome<void> take_out_erased() {
    const bool is_of_erased = std::any_of(
        facts_.begin(), facts_.end(), [](const PlacedFact& known) { return known.fact.is_erased; });
    const OrderFact told = news_;
    TL_TRY(subscription,
           known_.later_name(entry_.provider, BuyerName::subscription, told.subscription_id));
    TL_TRY(customer, known_.later_name(entry_.provider, BuyerName::customer, told.customer_id));
    const bool is_lone = customer && told.half == SaleHalf::payment;
    const bool is_nobodys = is_of_erased || subscription;
    step_.is_erased = is_nobodys || is_lone;
    if (step_.is_erased) make_nobodys(news_);
    news_.is_erased = told.is_erased || is_nobodys;
    if (customer && !is_of_erased) news_.customer_id = *customer;
    name_as_known(news_, facts_, known_.digests(), erased_);
    if (subscription && news_.subscription_id == told.subscription_id)
      news_.subscription_id = *subscription;
    Mentions said;  // whom it names, it may name in its references too
    if (step_.is_erased)
      for (const auto& contact : contacts_of(told)) said.add(contact);
    const auto unname = [&](std::string& name) {
      if ((subscription && holds_account(name, told.subscription_id)) ||
          (customer && holds_account(name, told.customer_id)) || said.in_value(name))
        name = erased_.of(name);
    };
    unname(news_.order_id);
    for (auto& alias : news_.aliases) unname(alias);
    if (news_.refund_id) unname(*news_.refund_id);
    unname(news_.part_id);
    unname(news_.change_key);
    if (said.in_value(news_.items)) news_.items = "[]";
    return {};
  }

  void place_fact() {
    const auto names = names_of(entry_.site_id, entry_.provider, news_);
    const std::set<std::string> told_names(names.begin(), names.end());
    bool shares_name = false;
    const std::size_t list = same_list(news_, facts_);
    for (told_ = 0; told_ < facts_.size() && told_ != list; ++told_) {
      const OrderFact& fact = facts_[told_].fact;
      if (fact.change_key == news_.change_key) break;
      for (const auto& name : names_of(entry_.site_id, entry_.provider, fact))
        shares_name = shares_name || told_names.contains(name);
    }
    step_.is_new_fact = told_ == facts_.size();
    if (!step_.is_new_fact) {
      // Told again, in an event that may know more; what was kept by older rules of the provider
      // has a lower rank.
      OrderFact& fact = facts_[told_].fact;
      if (news_.listed_refunds && news_.occurred_ms > fact.listed_last_at().first)
        fact.listed_until = news_.listed_first_at();
      fact.rank = std::max(fact.rank, news_.rank);
      fact.changed_ms = std::max(fact.changed_ms, news_.changed_ms);
      if (comes_back(fact, facts_)) fact.retold_ms = entry_.recorded_ms;
      if (fact.half == SaleHalf::unsaid) fact.half = news_.half;
      if (fact.half == news_.half && !fact.half_made_ms) fact.half_made_ms = news_.half_made_ms;
      step_.is_fuller = fill_missing(fact, news_);
      for (auto& name : references_of(news_))
        if (name != fact.order_id &&
            std::find(fact.aliases.begin(), fact.aliases.end(), name) == fact.aliases.end())
          fact.aliases.push_back(std::move(name));
      return;
    }
    // Found by a name that no fact has: by that of an order only.
    facts_.push_back({news_, shares_name || rows_.empty() ? kNoRow : 0});
    OrderChangeRow change = change_row(news_);
    change.site_id = entry_.site_id;
    change.recorded_ms = entry_.recorded_ms;
    changes_.push_back(std::move(change));
  }

  // --- Which of it is one sale

  [[nodiscard]] bool holds_told(const FactGroup& group) const {
    return std::binary_search(group.begin(), group.end(), told_);
  }
  [[nodiscard]] bool is_new(std::size_t at) const { return step_.is_new_fact && at == told_; }

  [[nodiscard]] std::set<std::size_t> rows_of(const FactGroup& group) const {
    std::set<std::size_t> rows;
    for (const auto at : group)
      if (!is_new(at)) rows.insert(facts_[at].row);
    return rows;
  }
  // All facts of one row and no others.
  [[nodiscard]] bool is_row(const FactGroup& group) const {
    const std::size_t row = facts_[group.front()].row;
    if (rows_of(group).size() != 1) return false;
    return group.size() == static_cast<std::size_t>(std::count_if(
                               facts_.begin(), facts_.end(),
                               [row](const PlacedFact& fact) { return fact.row == row; }));
  }

  // A shop whose payment the collector tells, before the collector, before the site.
  [[nodiscard]] std::string provider_of(const FactGroup& group) const {
    std::string shop, teller;
    for (const auto at : group) {
      const std::string& told = facts_[at].fact.teller;
      if (is_shop(told) && (shop.empty() || told < shop)) shop = told;
      if (!told.empty()) teller = told;
    }
    if (!shop.empty()) return shop;
    if (!teller.empty()) return teller;
    if (holds_told(group)) return entry_.provider;
    for (const auto at : group)
      if (rows_[facts_[at].row].provider != kStatedProvider) return rows_[facts_[at].row].provider;
    return std::string(kStatedProvider);
  }

  [[nodiscard]] std::vector<OrderFact> facts_of_sale(const FactGroup& group) const {
    std::vector<OrderFact> facts;
    for (const auto at : group) facts.push_back(facts_[at].fact);
    return facts;
  }

  // Also loads what the halves that are left alone may be paired with, until nothing is left.
  Outcome<void> find_sales() {
    for (bool has_grown = true; has_grown;) {
      has_grown = false;
      sales_.clear();
      for (auto& group : group_facts(entry_.site_id, entry_.provider, facts_)) {
        if (!holds_told(group) && is_row(group)) continue;
        SaleGroup sale;
        sale.rows = rows_of(group);
        const auto facts = facts_of_sale(group);
        sale.changed.half = half_of(facts);
        sale.changed.order = fold_order(entry_.site_id, provider_of(group), facts);
        sale.changed.is_in_parts = is_paid_in_parts(sale.changed.order, facts);
        sale.facts = std::move(group);
        sales_.push_back(std::move(sale));
      }
      for (const auto& sale : sales_) {
        TL_TRY(has_more, load_others(sale));
        has_grown = has_grown || has_more;
      }
    }
    return {};
  }

  Outcome<bool> load_others(const SaleGroup& sale) {
    const OrderRow& order = sale.changed.order;
    bool has_more = false;
    if (!order.paid_ms || order.customer_id.empty() || !is_half(facts_of_sale(sale.facts)))
      return has_more;
    TL_TRY(rows, store_.paid_orders_of_customer(order.site_id, order.provider, order.customer_id,
                                                *order.paid_ms - kPairingMs,
                                                *order.paid_ms + kPairingMs));
    for (auto& row : rows) {
      TL_TRY(is_new_row, load_row(std::move(row)));
      has_more = has_more || is_new_row;
    }
    return has_more;
  }

  // --- What is written

  [[nodiscard]] bool has_other_rows() const {
    const SaleGroup& first = sales_.front();
    return sales_.size() > 1 || first.rows.size() > 1 ||
           (first.rows.size() == 1 &&
            key_of(rows_[*first.rows.begin()]) != key_of(first.changed.order));
  }

  Outcome<void> name_sale(const SaleGroup& sale) {
    const OrderRow& order = sale.changed.order;
    const OrderFact& fact = facts_[told_].fact;
    for (const auto& reference : references_of(fact))
      if (reference != order.order_id)
        TL_CHECK(store_.add_alias(order.site_id, order.provider, reference, order.order_id));
    return {};
  }

  // The last fact takes what the sale is worth beyond what its facts brought.
  Outcome<void> put_deltas(const SaleGroup& sale) {
    const OrderRow& order = sale.changed.order;
    std::int64_t missing = net_minor(order);
    std::size_t last = sale.facts.front();
    for (const auto at : sale.facts) {
      missing -= changes_[at].delta_minor;
      if (is_new(at) || (!is_new(last) && changes_[at].recorded_ms >= changes_[last].recorded_ms))
        last = at;
    }
    for (const auto at : sale.facts) {
      OrderChangeRow to = changes_[at];
      to.provider = order.provider;
      to.order_id = order.order_id;
      if (at == last) to.delta_minor += missing;
      if (is_new(at)) {
        changes_[at] = std::move(to);
        continue;
      }
      const OrderChangeRow& from = changes_[at];
      if (at == told_ || to.provider != from.provider)
        to.detail = change_row(facts_[at].fact).detail;
      const bool is_same = to.provider == from.provider && to.order_id == from.order_id &&
                           to.delta_minor == from.delta_minor && to.detail == from.detail;
      if (!is_same) TL_CHECK(store_.move_change(from, to));
      changes_[at] = std::move(to);
    }
    return {};
  }

  // Destinations hear of what is refunded beyond what they heard of already: money that came back
  // (a dispute that is won after all) cannot be untold, and in sum they never hear of more than the
  // sale. Those that restate sales hear of everything else that changes what is left.
  Outcome<void> tell_news(const SaleGroup& sale) {
    const OrderRow& order = sale.changed.order;
    OrderFact& fact = facts_[told_].fact;
    std::int64_t told_minor = 0;
    for (const auto at : sale.facts) told_minor += facts_[at].fact.refund_event_minor;
    const bool is_more = step_.is_new_fact && order.refunded_minor > told_minor;
    step_.is_reversal = step_.is_new_fact && !is_more && told_minor > 0 &&
                        order.refunded_minor != refunded_before(sale);
    step_.is_restated = !is_more && !step_.is_reversal && was_worth_another_amount(sale);
    const bool is_told = is_more || step_.is_reversal || step_.is_restated;
    if (is_told) {
      TL_TRY(event_id, fresh_refund_id(order));
      step_.refund_event_id = event_id;
      if (fact.refund_event_id) {
        fact.restated_ids.push_back(event_id);
      } else {
        fact.refund_event_id = event_id;
        fact.refund_event_minor = is_more ? order.refunded_minor - told_minor : 0;
      }
      TL_CHECK(
          store_.add_alias(order.site_id, order.provider, uuid_text(event_id), order.order_id));
    }
    OrderChangeRow change = changes_[told_];
    if (is_told || step_.is_new_fact) change.detail = change_row(fact).detail;
    if (step_.is_new_fact)
      TL_CHECK(store_.append_change(change));
    else if (is_told)
      TL_CHECK(store_.move_change(changes_[told_], change));
    return {};
  }

  [[nodiscard]] bool was_worth_another_amount(const SaleGroup& sale) const {
    const OrderRow& order = sale.changed.order;
    return order.state == OrderState::paid &&
           std::any_of(sale.rows.begin(), sale.rows.end(), [&](std::size_t row) {
             const OrderRow& before = rows_[row];
             return before.state == OrderState::paid &&
                    (before.amount_minor != order.amount_minor ||
                     before.currency != order.currency);
           });
  }

  [[nodiscard]] std::int64_t refunded_before(const SaleGroup& sale) const {
    std::int64_t refunded = 0;
    for (const auto row : sale.rows) refunded += rows_[row].refunded_minor;
    return refunded;
  }

  // A refund that was counted while two sales were held for one keeps its id. The same amount may
  // go back and forth: each reversal and each return is an event of its own.
  Outcome<Id128> fresh_refund_id(const OrderRow& order) {
    const bool is_refund = !step_.is_reversal && !step_.is_restated;
    std::string kind =
        "refund:" + (is_refund ? std::to_string(order.refunded_minor) : news_.change_key);
    for (;; kind += '+') {
      const Id128 id = derive_order_event_id(order.site_id, order.provider, order.order_id, kind);
      TL_TRY(owner, store_.find_order(order.site_id, order.provider, uuid_text(id)));
      const bool is_anew = facts_[told_].fact.refund_event_id.has_value();
      if (!owner || (owner->order_id == order.order_id && !is_anew)) return id;
    }
  }

  OrderStore& store_;
  const LedgerEntry& entry_;
  const ErasedReferences erased_;
  KnownOrders known_;
  OrderFact news_;  // the entry's, without the buyer where that one was erased
  std::vector<OrderRow> rows_;
  std::vector<PlacedFact> facts_;
  std::vector<OrderChangeRow> changes_;  // of each fact
  std::size_t told_ = 0;                 // the entry's own fact
  std::vector<SaleGroup> sales_;         // what this step changes
  LedgerStep step_;
};

}  // namespace

Outcome<LedgerStep> record_fact(OrderStore& store, const LedgerEntry& entry, const SecretBox* box) {
  return Recording(store, entry, box).run();
}

}  // namespace tl::server
