// SPDX-License-Identifier: Apache-2.0
#include "server/core/outbox/told_refunds.hpp"

#include "server/core/orders/order_fact.hpp"
#include "server/core/outbox/destination_account.hpp"
#include "server/core/text/uuid_text.hpp"

#include <algorithm>
#include <optional>
#include <set>

namespace tl::server {
namespace {

bool is_given_up(const DeliveryRow& row) {
  return row.state == DeliveryState::dead || row.state == DeliveryState::withheld;
}

// Also under the names of sales that were joined into it. None: nobody was told of it there, or by
// a version that did not keep it.
Outcome<std::optional<std::int64_t>> told_worth(Tables& tables, const DeliveryRow& refund,
                                                const ConversionRow& conversion,
                                                const OrderRow& order) {
  TL_TRY(names, tables.orders().aliases_of(order.site_id, order.provider, order.order_id));
  std::set<Id128> ids = {conversion.id};
  for (const auto& name : names)
    if (const auto id = parse_uuid(name); id.ok()) ids.insert(id.value());
  std::optional<std::int64_t> worth;
  for (const auto& id : ids) {
    TL_TRY(rows, tables.outbox().deliveries_of_event(order.site_id, id));
    std::optional<std::int64_t> told;
    for (const auto& row : rows)
      if (is_same_receiver(row, refund.destination, refund.account) &&
          row.event_name == conversion.kind && !is_given_up(row) && row.told_minor)
        told = std::max(told.value_or(0), *row.told_minor);  // once, under whatever names
    if (told) worth = worth.value_or(0) + *told;
  }
  return worth;
}

Outcome<void> find_told(OutboxStore& outbox, const DeliveryRow& refund,
                        const ConversionRow& conversion, ToldRefund& told) {
  TL_TRY(rows, outbox.deliveries_of_event(conversion.site_id, conversion.id));
  bool has_namesake = false;
  for (const auto& row : rows) {
    if (row.event_name != conversion.kind) continue;
    if (!is_same_receiver(row, refund.destination, refund.account))
      has_namesake |= row.destination == refund.destination;
    else
      told.has_told_sale |= !is_given_up(row);
  }
  told.has_told_another = has_namesake && !told.has_told_sale;
  return {};
}

}  // namespace

Outcome<ToldRefund> told_refund(Tables& tables, const DeliveryRow& refund,
                                const ConversionRow& conversion, const OrderRow& order) {
  ToldRefund told;
  told.occurred_ms = conversion.occurred_ms;
  TL_CHECK(find_told(tables.outbox(), refund, conversion, told));
  TL_TRY(changes, tables.orders().changes_of(order.site_id, order.provider, order.order_id));
  std::stable_sort(changes.begin(), changes.end(),
                   [](const auto& a, const auto& b) { return a.recorded_ms < b.recorded_ms; });
  std::int64_t before_minor = 0;  // of the refunds that were told of before this one
  for (const auto& change : changes) {
    const OrderFact fact = read_fact(change);
    if (fact.refund_event_id == refund.event_id) {
      told.occurred_ms = change.t_ms;
      told.amount_minor = fact.refund_event_minor;
      break;
    }
    before_minor += fact.refund_event_minor;
  }
  TL_TRY(worth, told_worth(tables, refund, conversion, order));
  if (!worth || told.amount_minor == 0) return told;
  told.amount_minor = std::clamp<std::int64_t>(*worth - before_minor, 0, told.amount_minor);
  told.is_beyond_sale = told.amount_minor == 0;
  return told;
}

}  // namespace tl::server
