// SPDX-License-Identifier: Apache-2.0
#include "server/providers/described_change.hpp"

#include "server/core/ingest/plausible_time.hpp"
#include "server/core/orders/collected_sales.hpp"
#include "server/core/orders/currency.hpp"
#include "server/core/orders/order_refunds.hpp"
#include "server/core/text/rfc3339.hpp"
#include "server/providers/exact_json.hpp"
#include "throughline/text.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdlib>

namespace tl::server {
namespace {

using nlohmann::json;
using Description = PaymentDescription;

// Whole seconds are cut off: a touch in the same second came before the payment. From 10^11 on a
// number is milliseconds. What cannot be the time of a payment is none.
std::optional<std::int64_t> time_of(const std::string& text) {
  constexpr std::int64_t kFirstMilliseconds = 100'000'000'000, kEndOf9999Ms = 253'402'300'799'999;
  std::int64_t number = 0;
  if (parse_decimal(text, number)) {
    if (number > kEndOf9999Ms) return std::nullopt;
    const std::int64_t t_ms = number < kFirstMilliseconds ? number * 1000 + 999 : number;
    return t_ms < kEarliestTimeMs ? std::nullopt : std::optional(t_ms);
  }
  auto t_ms = parse_rfc3339(text);
  if (!t_ms) t_ms = parse_rfc3339(text + "Z");
  if (!t_ms || *t_ms < kEarliestTimeMs) return std::nullopt;
  return text.find('.') == std::string::npos ? *t_ms + 999 : *t_ms;
}

// Metadata as one object: an object, one written as text, or a list of names and values. Names
// begin with `prefix`, which is taken off.
json metadata_of(const json* value, const std::string& prefix) {
  json given = json::object();
  if (value == nullptr) return given;
  if (value->is_string()) {
    const json inner = parse_exact_json(value->get<std::string>());
    return inner.is_object() ? metadata_of(&inner, prefix) : given;
  }
  const auto put = [&](const std::string& name, const json& held) {
    if (name.starts_with(prefix)) given[name.substr(prefix.size())] = held;
  };
  if (value->is_object()) {
    for (const auto& [name, held] : value->items()) put(name, held);
    // Paystack's own list of names and values, also where all of it is text.
    const auto listed = metadata_of(field_at(*value, "custom_fields"), prefix);
    for (const auto& [name, held] : listed.items())
      if (!given.contains(name)) given[name] = held;
  }
  if (value->is_array())
    for (const auto& pair : *value) {
      const auto name = first_text_at(pair, {"name", "key", "variable_name", "display_name"});
      if (const json* held = field_at(pair, "value"); held != nullptr && !name.empty())
        put(name, *held);
    }
  return given;
}

class ChangeReader {
 public:
  ChangeReader(const RuleInForce& force, const EventPlace& place, OrderChange& change)
      : description_(force.description),
        rule_(force.rule),
        site_(force.site),
        place_(place),
        change_(change) {}

  Outcome<void> read() {
    if (rule_.role == EventRole::ignore) {
      ignore(change_, rule_.reason.empty() ? "secondary_event" : rule_.reason);
      read_names();
      return {};
    }
    read_names();
    read_customer();
    read_visit();
    change_.occurred_ms = time_of(text(&OrderFields::occurred_at)).value_or(0);
    if (change_.occurred_ms == 0) change_.occurred_ms = place_.request.now_ms;
    if (change_.order_id.empty()) return unreadable_field("order_id");
    switch (rule_.role) {
      case EventRole::paid:
        return read_paid();
      case EventRole::pending:
      case EventRole::failed:
        return read_unpaid();
      case EventRole::refund:
        return read_refund();
      case EventRole::dispute:
        return read_dispute();
      case EventRole::lookup:
        return read_lookup();
      case EventRole::enrich:
      case EventRole::ignore:
        break;
    }
    change_.kind = OrderChange::Kind::enrich;
    change_.reason = rule_.reason.empty() ? "secondary_event" : rule_.reason;
    change_.change_key = change_.event_type + ":" + change_.order_id;
    return {};
  }

 private:
  [[nodiscard]] const Sources& sources(Sources OrderFields::*member) const {
    const Sources& own = rule_.fields.*member;
    return own.empty() ? description_.fields.*member : own;
  }
  [[nodiscard]] std::string text(Sources OrderFields::*member) const {
    return first_text_of(place_, sources(member));
  }

  [[nodiscard]] ServerError unreadable_field(std::string_view field) const {
    return invalid("malformed_body", "the event " + change_.event_key + " (" + change_.event_type +
                                         ") of " + description_.name + " has no readable " +
                                         std::string(field) + "; it is kept among the rejects");
  }

  void read_names() {
    add_alias(change_, text(&OrderFields::order_id));
    if (change_.order_id.empty()) return;
    for (const auto& source : sources(&OrderFields::aliases))
      add_alias(change_, text_of(place_, source));
    if (auto charge = first_text_of(place_, description_.charge_id); is_charge(charge))
      add_alias(change_, std::move(charge));
    change_.customer_id = text(&OrderFields::customer_id);
    if (change_.customer_id == "0") change_.customer_id.clear();  // a guest
    change_.subscription_id = text(&OrderFields::subscription_id);
    const bool is_subscribed =
        sources(&OrderFields::subscription_id).empty() || !change_.subscription_id.empty();
    const std::string role = text(&OrderFields::subscription);
    if (role.empty() || !is_subscribed) return;
    if (is_one_of(role, description_.first_values))
      change_.subscription = SubscriptionRole::first;
    else if (is_one_of(role, description_.renewal_values))
      change_.subscription = SubscriptionRole::renewal;
    else if (is_one_of(role, description_.update_values))
      change_.subscription = SubscriptionRole::update;
    else if (is_one_of(role, description_.collected_values))
      change_.subscription = SubscriptionRole::collected;
  }

  void read_customer() {
    change_.customer = {text(&OrderFields::email), text(&OrderFields::phone),
                        text(&OrderFields::name), text(&OrderFields::country)};
    std::string& country = change_.customer.country;
    for (char& c : country)
      if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }

  void read_visit() {
    for (const auto& source : sources(&OrderFields::metadata)) {
      const json metadata = metadata_of(pointed_at(place_, source), description_.metadata_prefix);
      take_ids(change_, ids_in_metadata(&metadata, site_));
    }
    for (const auto& source : sources(&OrderFields::token))
      take_ids(change_, ids_in_token(text_of(place_, source)));
    if (const auto id = text(&OrderFields::anonymous_id); !id.empty()) {
      const json metadata = {{"anonymous_id", id}};
      take_ids(change_, ids_in_metadata(&metadata, SiteConfig{}));
    }
  }

  // In ISO minor units of `currency`.
  [[nodiscard]] std::optional<std::int64_t> one_amount(const std::string& written,
                                                       const std::string& currency) const {
    std::optional<std::int64_t> minor;
    if (description_.amounts == Description::Amounts::decimal) {
      minor = round_decimal_amount(written, currency);
    } else {
      std::int64_t amount = 0;
      const bool is_negative = written.starts_with('-');
      if (!parse_decimal(std::string_view(written).substr(is_negative ? 1 : 0), amount))
        return std::nullopt;
      const auto own = description_.exponents.find(currency);
      const std::int64_t exponent =
          own != description_.exponents.end() ? own->second : description_.exponent;
      const int iso = currency_exponent(currency);
      minor = shift_amount(is_negative ? -amount : amount,
                           exponent < 0 ? 0 : iso - static_cast<int>(exponent));
    }
    if (!minor || *minor > kMaxAmountMinor || *minor < -kMaxAmountMinor) return std::nullopt;
    return minor;
  }

  // "A + B + C": the first must be there, the others count where they are.
  [[nodiscard]] std::optional<std::int64_t> sum_at(const EventPlace& place, std::string_view source,
                                                   const std::string& currency) const {
    constexpr std::string_view kPlus = " + ";
    std::optional<std::int64_t> sum;
    for (bool is_first = true;; is_first = false) {
      const auto plus = source.find(kPlus);
      const std::string written = text_of(place, trim(source.substr(0, plus)));
      if (written.empty() && is_first) return std::nullopt;
      if (!written.empty()) {
        const auto part = one_amount(written, currency);
        if (!part) return std::nullopt;
        sum = sum.value_or(0) + *part;
      }
      if (plus == std::string_view::npos) return sum;
      source.remove_prefix(plus + kPlus.size());
    }
  }

  [[nodiscard]] std::optional<std::int64_t> amount_in(const EventPlace& place,
                                                      Sources OrderFields::*member) const {
    for (const auto& source : sources(member))
      if (const auto amount = sum_at(place, source, change_.currency)) return amount;
    return std::nullopt;
  }

  [[nodiscard]] std::optional<std::int64_t> amount(Sources OrderFields::*member) const {
    if (rule_.sum.empty()) return amount_in(place_, member);
    const json* list = pointed_at(place_, rule_.sum);
    if (list == nullptr || !list->is_array()) return std::nullopt;
    std::int64_t sum = 0;
    for (const auto& entry : *list) {
      const EventPlace inside = place_.at(entry);
      if (!all_hold(inside, rule_.sum_when)) continue;
      const auto part = amount_in(inside, member);
      if (!part) return std::nullopt;
      sum += *part;
    }
    return sum;
  }

  void read_change() { change_.changed_ms = time_of(text(&OrderFields::changed_at)).value_or(0); }

  bool read_currency() {
    std::string written = text(&OrderFields::currency);
    if (written.empty()) written = description_.default_currency;
    auto code = parse_currency(written);
    if (code.ok()) change_.currency = code.value();
    return code.ok();
  }

  Outcome<void> read_paid() {
    if (!read_currency()) return unreadable_field("currency");
    const auto paid = amount(&OrderFields::amount);
    if (!paid || *paid < 0) return unreadable_field("amount");
    change_.amount_minor = *paid;
    change_.amount_rank = static_cast<std::uint8_t>(rule_.rank);
    change_.kind = OrderChange::Kind::purchase;
    if (!description_.charge_id.empty()) change_.half = SaleHalf::whole;
    change_.part_id = text(&OrderFields::part_id);
    change_.change_key = purchase_key(change_);
    read_change();
    read_items();
    return {};
  }

  // Money that is awaited may not be known yet.
  Outcome<void> read_unpaid() {
    const bool is_failed = rule_.role == EventRole::failed;
    change_.reason = is_failed ? "payment_failed" : "unpaid";
    const auto due = read_currency() ? amount(&OrderFields::amount) : std::nullopt;
    if (!due || *due < 0) {
      change_.currency.clear();
      return {};
    }
    change_.amount_minor = *due;
    change_.amount_rank = static_cast<std::uint8_t>(rule_.rank);
    change_.kind = is_failed ? OrderChange::Kind::failed : OrderChange::Kind::pending;
    change_.change_key = std::string(is_failed ? "failed:" : "pending:") + change_.order_id + ":" +
                         std::to_string(*due);
    read_change();
    return {};
  }

  // The end of a change key: without the colon that parts the others.
  [[nodiscard]] std::string round() const {
    std::string id = text(&OrderFields::round_id);
    std::replace(id.begin(), id.end(), ':', '.');
    return id.empty() ? id : "." + id;
  }

  Outcome<void> read_refund() {
    if (!read_currency()) return unreadable_field("currency");
    change_.kind = OrderChange::Kind::refund;
    if (const auto id = text(&OrderFields::refund_id); !id.empty()) {
      const auto back = amount(&OrderFields::refund_amount);
      if (!back) return unreadable_field("refund_amount");
      change_.refund_id = id;
      change_.refund_amount_minor = std::abs(*back);
      const std::string status = text(&OrderFields::refund_status);
      if (is_one_of(status, description_.refund_failed_values))
        change_.refund_status = "failed";
      else if (is_one_of(status, description_.refund_pending_values) || *back == 0)
        change_.refund_status = "pending";
      else
        change_.refund_status = "succeeded";
      if (change_.refund_status == "pending")
        change_.reason = id.starts_with(kCollectionId) ? "secondary_event" : "refund_pending";
      change_.change_key = "refund:" + id + ":" + change_.refund_status + round();
      return {};
    }
    const auto total = amount(&OrderFields::refunded_total);
    if (!total) return unreadable_field("refunded_total");
    change_.refunded_total_minor = std::abs(*total);
    change_.change_key =
        "refunded_total:" + change_.order_id + ":" + std::to_string(std::abs(*total));
    return {};
  }

  // Asked again by each kind of event, once by all of a kind that wait.
  Outcome<void> read_lookup() {
    change_.kind = OrderChange::Kind::lookup;
    change_.change_key = change_.order_id + ":" + change_.event_type;
    return {};
  }

  Outcome<void> read_dispute() {
    change_.begun_ms = time_of(text(&OrderFields::begun_at));
    const std::string status = text(&OrderFields::dispute_status);
    change_.dispute = DisputeState::open;
    if (is_one_of(status, description_.dispute_won_values)) change_.dispute = DisputeState::won;
    if (is_one_of(status, description_.dispute_lost_values)) change_.dispute = DisputeState::lost;
    change_.kind = change_.dispute == DisputeState::open ? OrderChange::Kind::dispute
                                                         : OrderChange::Kind::dispute_closed;
    std::string id = text(&OrderFields::dispute_id);
    if (id.empty()) id = change_.order_id;
    change_.change_key =
        "dispute:" + id + ":" + std::to_string(static_cast<int>(change_.dispute)) + round();
    const auto disputed = read_currency() ? amount(&OrderFields::amount) : std::nullopt;
    if (disputed)
      change_.amount_minor = std::abs(*disputed);
    else
      change_.currency.clear();
    return {};
  }

  void read_items() {
    if (description_.items.empty()) return;
    const json* list = pointed_at(place_, description_.items);
    if (list == nullptr || !list->is_array()) return;
    for (const auto& entry : *list) {
      const EventPlace inside = place_.at(entry);
      OrderItem item;
      item.id = first_text_of(inside, description_.item_id);
      item.name = first_text_of(inside, description_.item_name);
      item.category = first_text_of(inside, description_.item_category);
      std::int64_t quantity = 0;
      if (parse_decimal(first_text_of(inside, description_.item_quantity), quantity) &&
          quantity > 0)
        item.quantity = quantity;
      for (const auto& source : description_.item_price)
        if (!item.price_minor) item.price_minor = sum_at(inside, source, change_.currency);
      change_.items.push_back(std::move(item));
    }
  }

  const Description& description_;
  const EventRule& rule_;
  const SiteConfig& site_;
  const EventPlace& place_;
  OrderChange& change_;
};

}  // namespace

Outcome<OrderChange> read_described_change(const RuleInForce& force, const EventPlace& place,
                                           OrderChange start) {
  OrderChange change = std::move(start);
  TL_CHECK(ChangeReader(force, place, change).read());
  return change;
}

}  // namespace tl::server
