// SPDX-License-Identifier: Apache-2.0
#include "server/destinations/http_verdict.hpp"

#include "server/core/durations.hpp"
#include "throughline/text.hpp"

namespace tl::server::destinations {

using VerdictOf = DeliveryVerdict::Kind;

std::string answer_sentence(std::string_view vendor, const OutgoingAnswer& answer) {
  constexpr std::size_t kMostDetail = 300;
  if (answer.reached != OutgoingAnswer::Reached::answered)
    return std::string(vendor) + " gave no answer: " + answer.error;
  return std::string(vendor) + " answered " + std::to_string(answer.status) + ": " +
         std::string(cut_utf8(answer.body, kMostDetail));
}

DeliveryVerdict refused_events(std::string reason, std::size_t batch_size) {
  return {batch_size > 1 ? VerdictOf::bisect : VerdictOf::reject, 0, 0, std::move(reason)};
}

DeliveryVerdict judge_status(std::string_view vendor, const OutgoingAnswer& answer,
                             std::size_t batch_size) {
  const int status = answer.status;
  const std::string reason = answer_sentence(vendor, answer);
  if (answer.reached != OutgoingAnswer::Reached::answered) return {VerdictOf::retry, 0, 0, reason};
  if (status >= 200 && status < 300) return {VerdictOf::delivered, 0, 0, {}};
  if (status == 429) return {VerdictOf::rate_limited, kMinuteMs, 0, reason};
  if (status == 408 || status == 425 || status >= 500) return {VerdictOf::retry, 0, 0, reason};
  // The key, or an address that is not the vendor's: no event is at fault.
  if (status < 400 || status == 401 || status == 403 || status == 404 || status == 410)
    return {VerdictOf::auth_failed, 0, 0, reason};
  return refused_events(reason, batch_size);
}

EachVerdict::EachVerdict(std::size_t batch_size, VerdictOf others, std::string reason)
    : verdict_{others, 0, 0, std::move(reason)} {
  verdict_.each.assign(batch_size, DeliveryVerdict{others, 0, 0, verdict_.reason});
}

EachVerdict& EachVerdict::refuse(std::size_t index, std::string reason) {
  return set(index, {VerdictOf::reject, 0, 0, std::move(reason)});
}

EachVerdict& EachVerdict::set(std::size_t index, DeliveryVerdict verdict) {
  if (index >= verdict_.each.size()) return *this;
  verdict_.each[index] = std::move(verdict);
  has_any_ = true;
  return *this;
}

DeliveryVerdict EachVerdict::finish() && {
  if (has_any_) return std::move(verdict_);
  const std::size_t batch_size = verdict_.each.size();
  verdict_.each.clear();
  if (verdict_.kind == VerdictOf::bisect) return refused_events(verdict_.reason, batch_size);
  return std::move(verdict_);
}

}  // namespace tl::server::destinations
