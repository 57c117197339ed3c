// SPDX-License-Identifier: Apache-2.0
// A retry keeps event id and time; consent, age and the vendor's deduplication window are asked
// again when the lane sends it. Only what the vendor might count twice is refused here.
#include "server/http/deliveries_handler.hpp"

#include "server/core/json_values.hpp"
#include "server/core/record_names.hpp"
#include "server/http/delivery_json.hpp"
#include "server/http/error_reply.hpp"
#include "server/http/list_request.hpp"
#include "throughline/text.hpp"

#include <nlohmann/json.hpp>

namespace tl::server::http {
namespace {

using OrderedJson = nlohmann::ordered_json;

OrderedJson delivery_item(const DeliveryRow& row, const std::vector<DeliveryAttempt>& attempts) {
  OrderedJson item = delivery_summary(row);
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
                                  const std::string& site_id) {
  DeliveryQuery query;
  TL_TRY(list, read_list_request(request, site_id, parts.find_site));
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
  const auto query = read_query(parts, request, site_id.value());
  if (!query.ok()) return refused(query.error());

  OrderedJson items = OrderedJson::array();
  std::optional<std::string> next_cursor;
  const auto read = parts.store.read([&](Tables& tables) -> Outcome<void> {
    const DeliveryQuery& wanted = query.value();
    TL_TRY(page, tables.outbox().list_deliveries(wanted.list, wanted.state, wanted.destination));
    items = OrderedJson::array();
    for (const auto& row : page.items) {
      TL_TRY(attempts, tables.outbox().attempts_of(row.id));
      items.push_back(delivery_item(row, attempts));
    }
    next_cursor = page.next_cursor;
    return {};
  });
  if (!read.ok()) return refused(read.error());
  return answer_list(std::move(items), next_cursor);
}

// Puts the row back into the queue. Errors: not_found (unknown_delivery), conflict
// (already_delivered, may_count_twice).
Outcome<DeliveryRow> requeue(OutboxStore& outbox, std::string_view site_id, std::int64_t id,
                             bool is_forced, std::int64_t now_ms) {
  TL_TRY(found, outbox.find_delivery(id));
  if (!found || found->site_id != site_id)
    return fail(ErrorKind::not_found, "unknown_delivery", "this site has no delivery of that id");
  DeliveryRow row = std::move(*found);
  if (row.state == DeliveryState::delivered || row.state == DeliveryState::accepted)
    return fail(ErrorKind::conflict, "already_delivered", "the destination has taken it already");
  if (row.state == DeliveryState::sending) return row;
  // Whatever its state: a new start forgets when it was sent first, and with that how long the
  // destination recognises a repeat.
  if (row.ambiguous) {
    if (!is_forced)
      return fail(ErrorKind::conflict, "may_count_twice",
                  "an earlier attempt was sent and never answered, and the destination may not "
                  "recognise a repeat; add ?force=1 to send it all the same");
    row.ambiguous = false;
  }
  row.state = DeliveryState::queued;
  row.next_attempt_ms = now_ms;
  row.attempts = 0;
  row.first_sent_ms.reset();  // a person asked: the time for trying begins anew
  TL_CHECK(outbox.put_delivery(row));
  return row;
}

Reply retry_delivery(const DeliveryRouteParts& parts, const Request& request) {
  const auto site_id = parts.authorise(request, "manage");
  if (!site_id.ok()) return refused(site_id.error());
  std::int64_t id = 0;
  const auto param = request.params.find("id");
  if (param == request.params.end() || !parse_decimal(param->second, id))
    return refused(
        fail(ErrorKind::not_found, "unknown_delivery", "a delivery's id is a decimal number"));

  OrderedJson item;
  const bool is_forced = request.query_value("force") == "1";
  const auto written = parts.store.write([&](Tables& tables) -> Outcome<void> {
    TL_TRY(row, requeue(tables.outbox(), site_id.value(), id, is_forced, parts.clock.now_ms()));
    TL_TRY(attempts, tables.outbox().attempts_of(row.id));
    item = delivery_item(row, attempts);
    return {};
  });
  if (!written.ok()) return refused(written.error());
  if (parts.wake) parts.wake();
  return answer_json(202, item);
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
  retry.handler = [parts](const Request& request) { return retry_delivery(parts, request); };
  retry.audit_action = "delivery_retried";
  retry.summary =
      "Queues a dead, failed or withheld delivery again, with the same event id and time";
  return {std::move(list), std::move(retry)};
}

}  // namespace tl::server::http
