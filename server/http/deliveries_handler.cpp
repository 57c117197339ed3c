// SPDX-License-Identifier: Apache-2.0
#include "server/http/deliveries_handler.hpp"

#include "server/core/outbox/delivery_retries.hpp"
#include "server/core/outbox/destination_account.hpp"
#include "server/core/record_names.hpp"
#include "server/core/text/json_values.hpp"
#include "server/http/delivery_json.hpp"
#include "server/http/error_reply.hpp"
#include "server/http/list_request.hpp"
#include "throughline/text.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace tl::server::http {
namespace {

using OrderedJson = nlohmann::ordered_json;

// Why what waits is not tried: "not_configured" (any more), "disabled" or "auth_failed" by its
// receiver, with the receiver's words; null while it is tried, or has ended.
Outcome<void> add_hold(OutboxStore& outbox, const SiteConfig* site, const DeliveryRow& row,
                       OrderedJson& item) {
  item["held"] = nullptr;
  item["held_reason"] = nullptr;
  if (was_sent(row) || row.state == DeliveryState::withheld) return {};
  const auto is_its_own = [&](const auto& config) { return config.name == row.destination; };
  if (site != nullptr &&
      std::none_of(site->destinations.begin(), site->destinations.end(), is_its_own)) {
    item["held"] = "not_configured";
    return {};
  }
  if (row.last_error.starts_with(kOtherAccount)) {
    item["held"] = "not_configured";
    item["held_reason"] = row.last_error;
    return {};
  }
  TL_TRY(lane, outbox.lane(row.site_id, row.destination));
  if (!lane.is_closed()) return {};
  item["held"] = lane.state;
  item["held_reason"] = lane.reason;
  return {};
}

Outcome<OrderedJson> delivery_item(OutboxStore& outbox, const SiteConfig* site,
                                   const DeliveryRow& row) {
  TL_TRY(attempts, outbox.attempts_of(row.id));
  OrderedJson item = delivery_summary(row);
  TL_CHECK(add_hold(outbox, site, row, item));
  item["subject"] = row.subject == DeliverySubject::conversion ? "conversion" : "event";
  item["ambiguous"] = row.ambiguous;
  item["occurred_at"] = write_rfc3339(row.occurred_ms);
  item["created_at"] = write_rfc3339(row.created_ms);
  item["delivered_at"] = time_or_null(row.delivered_ms);
  item["session_id"] = id_or_null(row.session_id);
  item["history"] = OrderedJson::array();
  for (const auto& attempt : attempts)
    item["history"].push_back({{"t", write_rfc3339(attempt.t_ms)},
                               {"duration_ms", attempt.duration_ms},
                               {"status", attempt.status},
                               {"outcome", attempt.outcome},
                               {"answer", attempt.answer}});
  return item;
}

struct DeliveryQuery {
  ListQuery list;
  std::optional<DeliveryState> state;
  std::string destination;
};

Outcome<DeliveryQuery> read_query(const DeliveryRouteParts& parts, const Request& request,
                                  const std::string& site_id,
                                  const std::vector<std::string>& names) {
  DeliveryQuery query;
  TL_TRY(list, read_list_request(request, site_id, parts.find_site, names));
  query.list = std::move(list);
  query.destination = request.query_value("destination");
  if (const auto text = request.query_value("state"); !text.empty()) {
    query.state = parse_delivery_state(text);
    if (!query.state)
      return invalid("bad_state",
                     "state must be one of queued, sending, accepted, delivered, failed, dead, "
                     "withheld");
  }
  return query;
}

Reply list_deliveries(const DeliveryRouteParts& parts, const Request& request) {
  const auto site_id = parts.authorise(request, "read");
  if (!site_id.ok()) return refused(site_id.error());
  const auto query = read_query(parts, request, site_id.value(), {"state", "destination"});
  if (!query.ok()) return refused(query.error());

  OrderedJson items = OrderedJson::array();
  std::optional<std::string> next_cursor;
  const auto site = parts.find_site(site_id.value());
  const auto read = parts.store.read([&](Tables& tables) -> Outcome<void> {
    const DeliveryQuery& wanted = query.value();
    TL_TRY(page, tables.outbox().list_deliveries(wanted.list, wanted.state, wanted.destination));
    items = OrderedJson::array();
    for (const auto& row : page.items) {
      TL_TRY(item, delivery_item(tables.outbox(), site.get(), row));
      items.push_back(std::move(item));
    }
    next_cursor = page.next_cursor;
    return {};
  });
  if (!read.ok()) return refused(read.error());
  return answer_list(std::move(items), next_cursor);
}

Reply retry_one(const DeliveryRouteParts& parts, const Request& request) {
  const auto site_id = parts.authorise(request, "manage");
  if (!site_id.ok()) return refused(site_id.error());
  std::int64_t id = 0;
  const auto param = request.params.find("id");
  if (param == request.params.end() || !parse_decimal(param->second, id))
    return refused(invalid("bad_id", "the id in the path must be a delivery's number"));

  OrderedJson item;
  const bool is_forced = request.query_value("force") == "1";
  const auto site = parts.find_site(site_id.value());
  const auto written = parts.store.write([&](Tables& tables) -> Outcome<void> {
    TL_TRY(row,
           retry_delivery(tables.outbox(), site_id.value(), id, is_forced, parts.clock.now_ms()));
    TL_TRY(shown, delivery_item(tables.outbox(), site.get(), row));
    item = std::move(shown);
    return {};
  });
  if (!written.ok()) return refused(written.error());
  if (parts.wake) parts.wake();
  return answer_json(202, item);
}

// What the list with these parameters shows, all pages of it.
Reply retry_all(const DeliveryRouteParts& parts, const Request& request) {
  const auto site_id = parts.authorise(request, "manage");
  if (!site_id.ok()) return refused(site_id.error());
  for (const char* name : {"to", "limit", "cursor"})
    if (!request.query_value(name).empty())
      return refused(invalid("bad_filter", std::string("sending again takes state, destination and "
                                                       "from, not ") +
                                               name));
  const auto query = read_query(parts, request, site_id.value(), {"state", "destination", "force"});
  if (!query.ok()) return refused(query.error());
  DeliverySelection selection{site_id.value(), query.value().destination, DeliveryState::dead,
                              query.value().list.from_ms};
  if (const auto text = request.query_value("state"); !text.empty()) {
    const auto state = parse_retriable_state(text);
    if (!state) return refused(invalid("bad_state", "state must be one of dead, failed, withheld"));
    selection.state = *state;
  }
  const auto retried = retry_deliveries(parts.store, selection, request.query_value("force") == "1",
                                        parts.clock.now_ms());
  if (!retried.ok()) return refused(retried.error());
  if (parts.wake) parts.wake();
  return answer_json(
      202, {{"queued", retried.value().queued}, {"may_count_twice", retried.value().doubtful}});
}

}  // namespace

std::vector<Route> deliveries_routes(const DeliveryRouteParts& parts) {
  Route list;
  list.method = "GET";
  list.pattern = "/api/deliveries";
  list.handler = [parts](const Request& request) { return list_deliveries(parts, request); };
  list.summary = "Deliveries to destinations, newest first; filters state and destination";
  Route retry;
  retry.method = "POST";
  retry.pattern = "/api/deliveries/{id}/retry";
  retry.handler = [parts](const Request& request) { return retry_one(parts, request); };
  retry.audit_action = "delivery_retried";
  retry.summary =
      "Queues a dead, failed or withheld delivery again, with the same event id and time";
  Route all;
  all.method = "POST";
  all.pattern = "/api/deliveries/retry";
  all.handler = [parts](const Request& request) { return retry_all(parts, request); };
  all.audit_action = "deliveries_retried";
  all.summary =
      "Queues all dead deliveries again; filters state (dead, failed, withheld), destination, from";
  return {std::move(list), std::move(retry), std::move(all)};
}

}  // namespace tl::server::http
