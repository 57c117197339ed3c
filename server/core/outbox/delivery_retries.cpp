// SPDX-License-Identifier: Apache-2.0
#include "server/core/outbox/delivery_retries.hpp"

#include "server/core/outbox/destination_account.hpp"
#include "server/core/record_names.hpp"

#include <vector>

namespace tl::server {
namespace {

constexpr std::uint32_t kRowsAWrite = 200;

// A page, newest first: those that are queued again leave the selection behind the cursor.
Outcome<Page<DeliveryRow>> read_page(Store& store, const DeliverySelection& selection,
                                     const std::string& cursor) {
  Page<DeliveryRow> page;
  TL_CHECK(store.read([&](Tables& tables) -> Outcome<void> {
    const ListQuery query{selection.site_id, selection.since_ms, {}, kRowsAWrite, cursor};
    TL_TRY(found, tables.outbox().list_deliveries(query, selection.state, selection.destination));
    page = std::move(found);
    return {};
  }));
  return page;
}

}  // namespace

Outcome<DeliveryRow> retry_delivery(OutboxStore& outbox, std::string_view site_id, std::int64_t id,
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
  // Whoever its destination's name stands for now.
  row.account.reset();
  if (row.last_error.starts_with(kOtherAccount)) row.last_error.clear();
  row.first_sent_ms.reset();  // a person asked: the time for trying begins anew
  TL_CHECK(outbox.put_delivery(row));
  return row;
}

Outcome<RetriedDeliveries> retry_deliveries(Store& store, const DeliverySelection& selection,
                                            bool is_forced, std::int64_t now_ms) {
  RetriedDeliveries all;
  std::optional<std::string> cursor = "";
  while (cursor) {
    TL_TRY(page, read_page(store, selection, *cursor));
    RetriedDeliveries some;
    TL_CHECK(store.write([&](Tables& tables) -> Outcome<void> {
      some = {};
      for (const auto& listed : page.items) {
        TL_TRY(now, tables.outbox().find_delivery(listed.id));
        if (!now || now->state != selection.state) continue;  // the lane was faster
        const auto retried =
            retry_delivery(tables.outbox(), selection.site_id, listed.id, is_forced, now_ms);
        if (retried.ok())
          ++some.queued;
        else if (retried.error().kind == ErrorKind::conflict)
          ++some.doubtful;
        else
          return retried.error();
      }
      return {};
    }));
    all.queued += some.queued;
    all.doubtful += some.doubtful;
    cursor = page.next_cursor;
  }
  return all;
}

std::optional<DeliveryState> parse_retriable_state(std::string_view name) {
  const auto state = parse_delivery_state(name);
  const bool is_retriable = state == DeliveryState::dead || state == DeliveryState::failed ||
                            state == DeliveryState::withheld;
  return is_retriable ? state : std::nullopt;
}

}  // namespace tl::server
