// SPDX-License-Identifier: Apache-2.0
// What a lane makes of an answer: the state of each delivery that was sent, and the lane's own.
#include "server/core/outbox/delivery_lane.hpp"
#include "server/core/outbox/delivery_schedule.hpp"
#include "server/core/text/loggable_words.hpp"

#include <algorithm>

namespace tl::server {
namespace {

using VerdictKind = DeliveryVerdict::Kind;

constexpr std::int64_t kMostPauseMs = kMinuteMs;
constexpr std::int64_t kLeastRatePauseMs = kMinuteMs;
constexpr std::size_t kKeptErrorBytes = 500;

// The vendor may have counted it although we were not told: no answer, or a gateway's.
bool may_have_arrived(const OutgoingAnswer& answer) {
  if (answer.reached == OutgoingAnswer::Reached::unknown) return true;
  return answer.reached == OutgoingAnswer::Reached::answered &&
         (answer.status == 502 || answer.status == 504);
}

std::string sentence(const DeliveryVerdict& verdict, const OutgoingAnswer& answer) {
  std::string text = verdict.reason.empty() ? answer.error : verdict.reason;
  if (text.size() > kKeptErrorBytes) text.resize(kKeptErrorBytes);
  return text;
}

// Why a receiver closed, for those who read the log.
std::string closing_words(const DeliveryVerdict& verdict, const OutgoingAnswer& answer) {
  return "answer " + std::to_string(answer.status) + ": " +
         loggable_words(sentence(verdict, answer));
}

std::int64_t retry_after_ms(const DeliveryVerdict& verdict, const OutgoingAnswer& answer,
                            std::int64_t now_ms) {
  std::int64_t wait = verdict.retry_after_ms;
  if (const auto header = answer.headers.find("retry-after"); header != answer.headers.end())
    wait = std::max(wait, parse_retry_after(header->second, now_ms).value_or(0));
  return wait;
}

}  // namespace

std::string_view DeliveryLane::outcome_name(DeliveryVerdict::Kind kind) {
  switch (kind) {
    case VerdictKind::delivered:
      return "delivered";
    case VerdictKind::retry:
      return "retry";
    case VerdictKind::bisect:
      return "bisect";
    case VerdictKind::reject:
      return "reject";
    case VerdictKind::auth_failed:
      return "auth_failed";
    case VerdictKind::rate_limited:
      return "rate_limited";
    case VerdictKind::accepted:
      return "accepted";
    case VerdictKind::gone:
      return "gone";
  }
  return "retry";
}

Outcome<void> DeliveryLane::settle(const Target& target, Items& items, const OutgoingAnswer& answer,
                                   const DeliveryVerdict& verdict, std::int64_t started_ms) {
  const std::int64_t now = parts_.clock.now_ms();
  std::vector<VerdictKind> kinds;
  for (std::size_t i = 0; i < items.size(); ++i) {
    DeliveryVerdict own = verdict.each.size() == items.size() ? verdict.each[i] : verdict;
    if (own.kind == VerdictKind::bisect && items.size() == 1) own.kind = VerdictKind::reject;
    kinds.push_back(own.kind);
    Item& item = items[i];
    item.row.last_status = answer.status;
    item.goes_again = own.kind == VerdictKind::bisect;
    if (item.goes_again)
      item.row.ambiguous = item.was_ambiguous;  // refused with the others, not counted
    else
      apply(target, own, answer, item);
  }
  const bool writes_lane = follow(verdict, answer);
  const std::string body = answer.body.substr(0, kKeptAnswerBytes);
  return parts_.store.write([&](Tables& tables) -> Outcome<void> {
    OutboxStore& outbox = tables.outbox();
    for (std::size_t i = 0; i < items.size(); ++i) {
      const Item& item = items[i];
      TL_TRY(stored, outbox.find_delivery(item.row.id));
      if (!stored) continue;  // erased while it was under way
      TL_CHECK(outbox.append_attempt(
          {item.row.id, started_ms, now - started_ms, answer.status,
           std::string(outcome_name(kinds[i])),
           answer.reached == OutgoingAnswer::Reached::answered ? body : answer.error}));
      // Withheld meanwhile stays withheld, unless it is too late: then the truth is "delivered".
      if (stored->state == DeliveryState::sending || item.row.state == DeliveryState::delivered)
        TL_CHECK(outbox.put_delivery(item.row));
    }
    if (!writes_lane) return {};
    return outbox.set_lane(site_id_, destination_, lane_);
  });
}

void DeliveryLane::apply(const Target& target, const DeliveryVerdict& verdict,
                         const OutgoingAnswer& answer, Item& item) {
  const std::int64_t now = parts_.clock.now_ms();
  DeliveryRow& row = item.row;
  row.ambiguous = item.was_ambiguous || may_have_arrived(answer);
  const std::string reason = sentence(verdict, answer);
  if (verdict.kind == VerdictKind::delivered) {
    row.ambiguous = false;
    row.delivered_ms = now;
    end(row, DeliveryState::delivered, reason);
    return;
  }
  if (verdict.kind == VerdictKind::reject) {
    bury(row, "refused", reason);
    return;
  }
  if (verdict.kind == VerdictKind::accepted) {
    row.state = DeliveryState::accepted;
    row.ambiguous = false;
    row.accepted_ms = now;
    row.receipt = verdict.receipt;
    row.last_error.clear();
    wait_on(target, row);
    return;
  }

  std::int64_t wanted = now;
  if (verdict.kind == VerdictKind::auth_failed || verdict.kind == VerdictKind::gone) {
    if (row.attempts > 0) --row.attempts;  // the key is at fault, not the event; the lane waits
  } else {
    if (verdict.max_attempts > 0 && row.attempts >= verdict.max_attempts) {
      bury(row, "gave_up", reason);
      return;
    }
    wanted += std::max(backoff_ms(row.attempts, random()), retry_after_ms(verdict, answer, now));
  }
  const auto next = next_attempt(row, target.limits(row.event_name), wanted, now);
  if (!next) {
    const auto deadline = send_deadline(row, target.limits(row.event_name));
    bury(row, deadline.reason, std::string(deadline.reason) + ": " + reason);
    return;
  }
  row.state = DeliveryState::failed;
  row.next_attempt_ms = *next;
  row.lease_until_ms = 0;
  row.last_error = reason;
}

bool DeliveryLane::follow(const DeliveryVerdict& verdict, const OutgoingAnswer& answer) {
  const std::int64_t now = parts_.clock.now_ms();
  LaneState next{"ok", 0, ""};
  switch (verdict.kind) {
    case VerdictKind::retry:
      failures_ = std::min(failures_ + 1, 16U);
      pause_until_ms_ =
          now + static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(std::min(
                                                         kMostPauseMs, kSecondMs << failures_)));
      if (!is_closed()) return false;
      next = {lane_.state, now + kMinuteMs, lane_.reason};  // the probe was lost, not refused
      break;
    case VerdictKind::rate_limited:
      next = {"backing_off",
              now + std::max(kLeastRatePauseMs, retry_after_ms(verdict, answer, now)),
              sentence(verdict, answer)};
      break;
    case VerdictKind::auth_failed:
      next = {"auth_failed", now + kAuthProbeMs, sentence(verdict, answer)};
      report("auth_failed", closing_words(verdict, answer));
      break;
    case VerdictKind::gone:
      next = {"disabled", now + kDisabledMs, sentence(verdict, answer)};
      report("disabled", closing_words(verdict, answer));
      break;
    case VerdictKind::accepted:
    case VerdictKind::delivered:
      next.reason = verdict.reason;  // a warning, such as a quota
      if (!next.reason.empty()) report("warning", "answer " + std::to_string(answer.status));
      [[fallthrough]];
    case VerdictKind::bisect:
    case VerdictKind::reject:
      failures_ = 0;
      pause_until_ms_ = 0;
      break;
  }
  if (next.state == lane_.state && next.until_ms == lane_.until_ms && next.reason == lane_.reason)
    return false;
  lane_ = std::move(next);
  return true;
}

}  // namespace tl::server
