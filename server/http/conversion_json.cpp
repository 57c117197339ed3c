// SPDX-License-Identifier: Apache-2.0
#include "server/http/conversion_json.hpp"

#include "server/core/attribution/conversion_path.hpp"
#include "server/core/ingest/touch_json.hpp"
#include "server/core/orders/order_fact.hpp"
#include "server/core/orders/order_refunds.hpp"
#include "server/core/people/person_view.hpp"
#include "server/core/record_names.hpp"
#include "server/core/reports/report_models.hpp"
#include "server/core/text/json_values.hpp"
#include "server/http/person_json.hpp"

#include <cstddef>
#include <cstdint>
#include <set>

namespace tl::server::http {
namespace {

using OrderedJson = nlohmann::ordered_json;

OrderedJson parsed_or(const std::string& text, OrderedJson otherwise) {
  if (text.empty()) return otherwise;
  OrderedJson parsed = OrderedJson::parse(text, nullptr, /*allow_exceptions=*/false);
  return parsed.is_discarded() ? std::move(otherwise) : parsed;
}

const char* match_name(MatchType type) {
  switch (type) {
    case MatchType::none:
      break;
    case MatchType::session:
      return "session";
    case MatchType::anonymous_id:
      return "anonymous_id";
    case MatchType::email:
      return "email";
    case MatchType::phone:
      return "phone";
    case MatchType::user_id:
      return "user_id";
    case MatchType::coarse:
      return "coarse";
    case MatchType::subscription:
      return "subscription";
    case MatchType::customer:
      return "customer";
  }
  return "none";
}

const char* dispute_name(DisputeState state) {
  switch (state) {
    case DisputeState::none:
      break;
    case DisputeState::open:
      return "open";
    case DisputeState::won:
      return "won";
    case DisputeState::lost:
      return "lost";
  }
  return "none";
}

// A won dispute leaves the order as it was.
const char* status_name(const std::optional<OrderRow>& order) {
  if (!order) return "paid";
  if (order->state == OrderState::pending) return "pending";
  if (order->dispute == DisputeState::open || order->dispute == DisputeState::lost)
    return "disputed";
  if (order->refunded_minor == 0) return "paid";
  return order->refunded_minor >= order->amount_minor ? "refunded" : "partially_refunded";
}

Outcome<OrderedJson> touch_or_null(Tables& tables, const ConversionRow& conversion,
                                   const std::optional<Id128>& id) {
  TL_TRY(touch, find_path_touch(tables, conversion, id));
  return touch ? touch_item(*touch) : OrderedJson(nullptr);
}

// Purchases and own statements have an order; leads and the like have none.
Outcome<std::optional<OrderRow>> order_of(Tables& tables, const ConversionRow& conversion) {
  if (conversion.kind != "purchase") return std::optional<OrderRow>{};
  return tables.orders().find_order(conversion.site_id, conversion.provider, conversion.order_id);
}

Outcome<OrderedJson> item_with_order(Tables& tables, const ConversionRow& conversion,
                                     const std::optional<OrderRow>& order) {
  TL_TRY(first, touch_or_null(tables, conversion, conversion.first_touch));
  TL_TRY(last, touch_or_null(tables, conversion, conversion.last_touch));
  OrderedJson duration = nullptr;
  if (conversion.checkout_started_ms && conversion.occurred_ms >= *conversion.checkout_started_ms)
    duration = (conversion.occurred_ms - *conversion.checkout_started_ms) / 1000;
  return OrderedJson{
      {"id", uuid_text(conversion.id)},
      {"site", conversion.site_id},
      {"kind", conversion.kind},
      {"provider", conversion.provider},
      {"order_id", conversion.order_id},
      {"amount_minor", conversion.amount_minor},
      {"refunded_minor", order ? order->refunded_minor : 0},
      {"currency", conversion.currency},
      {"occurred_at", write_rfc3339(conversion.occurred_ms)},
      {"live", conversion.live},
      {"subscription", subscription_name(conversion.subscription)},
      {"match_type", match_name(conversion.match_type)},
      {"session_id", id_or_null(conversion.session_id)},
      {"anonymous_id", id_or_null(conversion.anonymous_id)},
      {"first_touch", std::move(first)},
      {"last_touch", std::move(last)},
      {"touches", conversion.touches},
      {"bot", conversion.touches == 0 && parse_snapshot(conversion.snapshot).is_of_bot()},
      {"days_to_convert",
       conversion.touches == 0 ? OrderedJson(nullptr) : OrderedJson(conversion.days_to_convert)},
      {"checkout_duration_s", std::move(duration)},
      {"status", status_name(order)},
      {"self_reported", conversion.self_reported.empty() ? OrderedJson(nullptr)
                                                         : OrderedJson(conversion.self_reported)}};
}

// The contacts that were told of the buyer and that nobody could read, whatever told them.
Outcome<OrderedJson> unreadable_of(Tables& tables, const OrderRow& order) {
  std::set<std::string> contacts;
  TL_TRY(changes, tables.orders().changes_of(order.site_id, order.provider, order.order_id));
  for (const auto& change : changes)
    for (auto& contact : read_fact(change).unreadable) contacts.insert(std::move(contact));
  if (order.email_hash) contacts.erase("email");
  if (order.phone_hash) contacts.erase("phone");
  return OrderedJson(contacts);
}

OrderedJson credits_json(const std::vector<CreditRow>& credits) {
  OrderedJson models = OrderedJson::object();
  for (const auto& credit : credits) {
    const bool is_unattributed = !credit.touch_id;
    models[credit.model].push_back(
        {{"touch", id_or_null(credit.touch_id)},
         {"channel", is_unattributed ? "unattributed" : std::string(channel_name(credit.channel))},
         {"source", credit.source},
         {"campaign", credit.campaign},
         {"value_minor", credit.value_minor},
         {"net_minor", credit.net_minor},
         {"conversions_micro", credit.conversions_micro}});
  }
  return models;
}

// By model, as models-compare says it.
OrderedJson data_driven_of(const std::vector<CreditRow>& credits) {
  OrderedJson models = OrderedJson::object();
  for (const auto& credit : credits)
    if (is_data_driven(credit.model)) models[credit.model] = kDescribesPaths;
  return models;
}

// What refunds, lost disputes among them, took back, in time.
OrderedJson refunds_of(const ConversionRow& conversion) {
  OrderedJson list = OrderedJson::array();
  for (const auto& step : read_refund_steps(conversion.refunds))
    list.push_back({{"at", write_rfc3339(step.t_ms)}, {"amount_minor", step.amount_minor}});
  return list;
}

OrderedJson stages_of(std::uint8_t milestones) {
  OrderedJson stages = OrderedJson::array();
  if ((milestones & models::kLead) != 0) stages.push_back("lead");
  if ((milestones & models::kOpportunity) != 0) stages.push_back("opportunity");
  return stages;
}

// Why each touch got what it got: the rules, every touch that was looked at with the reason when it
// may have no credit and the milestones that it holds, and what each model gave to those that may.
Outcome<OrderedJson> why_json(const ConversionPath& path, const std::vector<CreditRow>& credits) {
  // As W-shaped and full path, which reward milestones, see the path.
  TL_TRY(steps, steps_of(path, /*applies_direct_rule=*/true));
  std::vector<std::uint8_t> milestones(path.entries.size());
  for (const auto& step : steps) milestones[step.index] = step.milestones;
  OrderedJson touches = OrderedJson::array();
  for (std::size_t i = 0; i < path.entries.size(); ++i) {
    const PathEntry& entry = path.entries[i];
    const bool is_eligible = entry.why == "none";
    touches.push_back({{"touch", uuid_text(entry.touch_id)},
                       {"t", entry.t_ms},
                       {"kind", entry.is_view ? "view" : "click"},
                       {"channel", std::string(channel_name(entry.channel))},
                       {"source", entry.source},
                       {"campaign", entry.campaign},
                       {"content", entry.content},
                       {"landing_path", entry.landing_path},
                       {"stages", stages_of(milestones[i])},
                       {"eligible", is_eligible},
                       {"reason", is_eligible ? OrderedJson(nullptr) : OrderedJson(entry.why)}});
  }
  OrderedJson models = OrderedJson::object();
  constexpr double kMicro = 1'000'000;
  for (const auto& credit : credits)
    models[credit.model].push_back(
        {{"touch", id_or_null(credit.touch_id)},
         {"channel", credit.touch_id ? std::string(channel_name(credit.channel)) : "unattributed"},
         {"weight", static_cast<double>(credit.conversions_micro) / kMicro},
         {"value_minor", credit.value_minor},
         {"conversions_micro", credit.conversions_micro},
         {"net_minor", credit.net_minor},
         {"refunds_minor", credit.refunds}});
  return OrderedJson{{"config", path.rules},
                     {"path_of", nullptr},
                     {"truncated", path.is_truncated},
                     {"path", std::move(touches)},
                     {"models", std::move(models)}};
}

}  // namespace

Outcome<OrderedJson> conversion_item(Tables& tables, const ConversionRow& conversion) {
  TL_TRY(order, order_of(tables, conversion));
  return item_with_order(tables, conversion, order);
}

OrderedJson pending_item(const OrderRow& order) {
  return {{"id", nullptr},
          {"site", order.site_id},
          {"kind", "purchase"},
          {"provider", order.provider},
          {"order_id", order.order_id},
          {"amount_minor", order.amount_minor},
          {"refunded_minor", 0},
          {"currency", order.currency},
          {"occurred_at", write_rfc3339(order.created_ms)},
          {"live", order.live},
          {"subscription", subscription_name(order.subscription)},
          {"match_type", "none"},
          {"session_id", id_or_null(order.session_id)},
          {"anonymous_id", id_or_null(order.anonymous_id)},
          {"first_touch", nullptr},
          {"last_touch", nullptr},
          {"touches", 0},
          {"bot", false},
          {"days_to_convert", nullptr},
          {"checkout_duration_s", nullptr},
          {"status", "pending"},
          {"self_reported",
           order.self_reported.empty() ? OrderedJson(nullptr) : OrderedJson(order.self_reported)}};
}

Outcome<OrderedJson> conversion_details(Tables& tables, const ConversionRow& conversion) {
  TL_TRY(order, order_of(tables, conversion));
  TL_TRY(item, item_with_order(tables, conversion, order));
  TL_TRY(credits, tables.orders().credits_of(conversion.site_id, conversion.id));
  item["content"] = parsed_or(conversion.content, nullptr);
  item["credits"] = credits_json(credits);
  item["data_driven"] = data_driven_of(credits);
  item["refunds"] = refunds_of(conversion);
  item["snapshot"] = parsed_or(conversion.snapshot, nullptr);
  const ConversionPath path = parse_snapshot(conversion.snapshot);
  TL_TRY(why, why_json(path, credits));
  item["why"] = std::move(why);
  if (path.path_of) {
    TL_TRY(first, tables.orders().find_conversion(conversion.site_id, *path.path_of));
    if (first)
      item["why"]["path_of"] = {{"id", uuid_text(first->id)},
                                {"order_id", first->order_id},
                                {"occurred_at", write_rfc3339(first->occurred_ms)}};
  }
  TL_TRY(person, person_of(tables, conversion));
  TL_TRY(shown, person_item(tables, conversion.site_id, person));
  item["why"]["person"] = std::move(shown);
  if (order) {
    TL_TRY(aliases, tables.orders().aliases_of(order->site_id, order->provider, order->order_id));
    item["order"] = {{"aliases", aliases},
                     {"dispute", dispute_name(order->dispute)},
                     {"items", parsed_or(order->items, OrderedJson::array())},
                     {"subscription_id", order->subscription_id},
                     {"customer_id", order->customer_id}};
    TL_TRY(unreadable, unreadable_of(tables, *order));
    item["order"]["unreadable"] = std::move(unreadable);
  }
  return item;
}

}  // namespace tl::server::http
