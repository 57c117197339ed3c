// SPDX-License-Identifier: Apache-2.0
// Vendors that take first and judge later: what was accepted is asked for, request by request,
// until it is judged. Everything that is known stands in the rows (receipt, accepted_ms,
// next_attempt_ms), so a crash costs one question. The first after the vendor's own delay, later
// ones after as long as it has lasted so far, six hours at most, for a week.
#include "server/core/outbox/delivery_lane.hpp"
#include "server/core/outbox/delivery_schedule.hpp"

#include <algorithm>

namespace tl::server {
namespace {

using VerdictKind = DeliveryVerdict::Kind;

constexpr std::int64_t kMostAskingPauseMs = 6 * kHourMs;
constexpr std::int64_t kFailedAskingPauseMs = kMinuteMs;
constexpr const char* kNeverJudged = "result_unknown: taken; what came of it was never told";

}  // namespace

void DeliveryLane::wait_on(const Target& target, DeliveryRow& row) const {
  const std::int64_t now = parts_.clock.now_ms();
  const std::int64_t accepted_ms = row.accepted_ms.value_or(now);
  const std::int64_t first = std::max(target.limits().result_after_ms, kSecondMs);
  row.lease_until_ms = 0;
  row.next_attempt_ms =
      now + std::clamp(now - accepted_ms, first, std::max(first, kMostAskingPauseMs));
}

Outcome<void> DeliveryLane::ask_result(const Target& target) {
  std::vector<DeliveryRow> rows;
  TL_CHECK(parts_.store.read([&](Tables& tables) -> Outcome<void> {
    TL_TRY(due, tables.outbox().due_result(site_id_, destination_, parts_.clock.now_ms()));
    rows = std::move(due);
    return {};
  }));
  if (rows.empty()) return {};
  auto request = target.destination.result_request(rows.front().receipt, target.config);
  if (!request) return settle_result(target, rows, {}, {}, parts_.clock.now_ms());
  request->timeout_ms = target.limits().timeout_ms;
  std::vector<std::string> event_names;
  for (const auto& row : rows) event_names.push_back(row.event_name);
  const std::int64_t started = parts_.clock.now_ms();
  const auto sent = sending_.send(target.destination, target.config, *request);
  const DeliveryVerdict verdict =
      sent.refusal ? *sent.refusal
                   : target.destination.judge_result(sent.answer, event_names, target.config);
  return settle_result(target, rows, sent.answer, verdict, started);
}

Outcome<void> DeliveryLane::settle_result(const Target& target,
                                          const std::vector<DeliveryRow>& rows,
                                          const OutgoingAnswer& answer,
                                          const DeliveryVerdict& verdict, std::int64_t started_ms) {
  const std::int64_t now = parts_.clock.now_ms();
  const bool is_judged = verdict.each.size() == rows.size();
  Items items;
  std::vector<VerdictKind> kinds;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    Item item;
    item.row = rows[i];
    DeliveryRow& row = item.row;
    DeliveryVerdict own;
    own.kind = VerdictKind::accepted;
    if (is_judged) own = verdict.each[i];
    kinds.push_back(own.kind);
    if (own.kind == VerdictKind::accepted) {
      if (now - row.accepted_ms.value_or(now) < kGiveUpMs) {
        wait_on(target, row);
      } else {
        row.delivered_ms = now;
        end(row, DeliveryState::delivered, kNeverJudged);
      }
    } else {
      row.last_status = answer.status;
      if (own.kind == VerdictKind::delivered && own.reason.empty()) own.reason = row.last_error;
      row.is_alone = own.kind == VerdictKind::bisect;
      if (row.is_alone) own.kind = VerdictKind::retry;
      apply(target, own, answer, item);
      // Others of its batch were refused, and it may be none of them: at once.
      if (row.is_alone && row.state == DeliveryState::failed) row.next_attempt_ms = now;
    }
    if (row.state != DeliveryState::accepted) {
      row.receipt.clear();
      row.accepted_ms.reset();
    }
    items.push_back(std::move(item));
  }
  // A question that failed holds up the next question only.
  const bool is_lost = verdict.kind == VerdictKind::retry && !is_judged;
  if (is_lost) asking_pause_until_ms_ = now + kFailedAskingPauseMs;
  const bool writes_lane = !is_lost && follow(verdict, answer);
  const std::string said = answer.body.substr(0, kKeptAnswerBytes);
  return parts_.store.write([&](Tables& tables) -> Outcome<void> {
    OutboxStore& outbox = tables.outbox();
    for (std::size_t i = 0; i < items.size(); ++i) {
      DeliveryRow row = items[i].row;
      TL_TRY(stored, outbox.find_delivery(row.id));
      if (!stored || stored->state != DeliveryState::accepted ||
          stored->receipt != rows[i].receipt || stored->event_id != row.event_id)
        continue;                                  // erased meanwhile
      if (stored->body.empty()) row.body.clear();  // marketing was withdrawn meanwhile
      if (kinds[i] != VerdictKind::accepted)
        TL_CHECK(outbox.append_attempt({row.id, started_ms, now - started_ms, answer.status,
                                        std::string(outcome_name(kinds[i])), said}));
      TL_CHECK(outbox.put_delivery(row));
    }
    if (!writes_lane) return {};
    return outbox.set_lane(site_id_, destination_, lane_);
  });
}

}  // namespace tl::server
