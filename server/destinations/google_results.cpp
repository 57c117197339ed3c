// SPDX-License-Identifier: Apache-2.0
#include "server/destinations/google_results.hpp"

#include "server/core/durations.hpp"
#include "server/core/text/foreign_json.hpp"
#include "server/destinations/answer_json.hpp"
#include "server/destinations/http_verdict.hpp"
#include "throughline/text.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace tl::server::destinations {
namespace {

using ResultKind = DeliveryVerdict::Kind;

// "PROCESSING_ERROR_REASON_INVALID_GCLID" without what all of them begin with.
std::string short_reason(std::string reason) {
  for (const std::string_view start : {"PROCESSING_ERROR_REASON_", "PROCESSING_ERROR_"})
    if (reason.starts_with(start)) return reason.substr(start.size());
  return reason;
}

// What a reason means for an event that it is known to be about. A repeat of a sale is no failure;
// a refund that is taken for a repeat has changed nothing.
DeliveryVerdict verdict_for(const std::string& reason, bool is_refund) {
  const std::string why = "Google Ads could not use the event: " + reason;
  const auto says = [&](std::string_view part) { return reason.find(part) != reason.npos; };
  if (reason.starts_with("DUPLICATE_") && is_refund)
    return {ResultKind::reject, 0, 0,
            "not_restated: Google Ads took the refund for a repeat of its sale (" + reason +
                ") and keeps the sale's first value; adjust it in the account"};
  if (reason.starts_with("DUPLICATE_")) return {ResultKind::delivered, 0, 0, {}};
  if (says("INTERNAL_ERROR")) return {ResultKind::retry, 0, 0, why};
  // The click is not in Google's books yet: once more, a day later.
  if (says("TOO_RECENT") || says("NOT_FOUND")) return {ResultKind::retry, kDayMs, 2, why};
  if (is_about_the_google_account(reason)) return {ResultKind::auth_failed, 0, 0, why};
  return {ResultKind::reject, 0, 0, why};
}

// int64 is text in Google's JSON.
std::int64_t count_at(const nlohmann::json& object, const char* key) {
  std::int64_t count = answer_integer(object, key);
  if (const std::string text = answer_text(object, key); !text.empty()) parse_decimal(text, count);
  return count;
}

struct ActionResult {
  std::string state;
  std::vector<std::string> reasons;  // of failures
  std::int64_t failed = 0;           // as counted by reason; 0: not counted
};

ActionResult read_result(const nlohmann::json& status, bool is_refund) {
  ActionResult result;
  result.state = answer_text(status, "requestStatus");
  for (const auto& count : answer_part(answer_part(status, "errorInfo"), "errorCounts")) {
    const std::string reason = short_reason(answer_text(count, "reason"));
    if (verdict_for(reason, is_refund).kind == ResultKind::delivered) continue;
    result.reasons.push_back(reason);
    result.failed += count_at(count, "recordCount");
  }
  return result;
}

bool has_counts(const nlohmann::json& status) {
  const auto& counts = answer_part(answer_part(status, "errorInfo"), "errorCounts");
  return counts.is_array() && !counts.empty();
}

// What holds for an event that went to one conversion action; `known`: how many of them we know.
DeliveryVerdict verdict_of(const nlohmann::json& status, std::int64_t known, bool is_refund) {
  // Some of them may have been erased here since.
  const std::int64_t events =
      std::max(known, count_at(answer_part(status, "eventsIngestionStatus"), "recordCount"));
  const ActionResult result = read_result(status, is_refund);
  const bool has_succeeded = result.state == "SUCCESS";
  if (has_succeeded && (!is_refund || result.reasons.empty()))
    return {ResultKind::delivered, 0, 0, {}};
  if (!has_succeeded && result.state != "FAILED" && result.state != "PARTIAL_SUCCESS")
    return {ResultKind::accepted, 0, 0, {}};
  // Nothing but repeats "failed".
  if (result.reasons.empty() && has_counts(status)) return {ResultKind::delivered, 0, 0, {}};
  const bool is_one_reason = result.reasons.size() == 1;
  const bool is_about_all = events == 1 || (result.state == "FAILED" && result.failed >= events);
  if (is_one_reason && is_about_all) return verdict_for(result.reasons.front(), is_refund);
  if (events == 1)
    return {ResultKind::retry, 0, 3, "Google Ads could not use the event and did not say why"};
  return {ResultKind::bisect, 0, 0, "Google Ads could not use all events of a request"};
}

// The state of the conversion action that `target` names.
const nlohmann::json* status_of(const nlohmann::json& statuses, const GoogleTarget& target) {
  const nlohmann::json* by_action = nullptr;
  for (const auto& status : statuses) {
    const auto& destination = answer_part(status, "destination");
    if (answer_text(destination, "reference") == target.reference) return &status;
    if (answer_text(destination, "productDestinationId") == target.conversion_action)
      by_action = &status;
  }
  return by_action;
}

}  // namespace

bool is_about_the_google_account(std::string_view reason) {
  constexpr std::array<std::string_view, 5> kReasons = {
      "TERMS_AND_CONDITIONS_NOT_SIGNED", "DESTINATION_ACCOUNT_", "INVALID_CONVERSION_ACTION",
      "OPERATING_ACCOUNT_LOGIN_ACCOUNT_MISMATCH", "PERMISSION_DENIED"};
  return std::any_of(kReasons.begin(), kReasons.end(),
                     [&](std::string_view known) { return reason.starts_with(known); });
}

DeliveryVerdict judge_google_result(const OutgoingAnswer& answer,
                                    const std::vector<GoogleTarget>& targets) {
  DeliveryVerdict verdict = judge_status("Google Ads", answer, 1);
  // It took the request once and knows it no more.
  if (answer.status == 400 || answer.status == 404) {
    verdict = {ResultKind::delivered, 0, 0, {}};
    verdict.each.assign(
        targets.size(),
        {ResultKind::delivered, 0, 0, "result_unknown: " + answer_sentence("Google Ads", answer)});
    return verdict;
  }
  if (verdict.kind != ResultKind::delivered) return verdict;
  const auto body = parse_foreign_json(answer.body);
  const auto& statuses = answer_part(body, "requestStatusPerDestination");
  if (!statuses.is_array()) return {ResultKind::retry, 0, 0, answer_sentence("Google Ads", answer)};
  for (const auto& target : targets) {
    const nlohmann::json* status = status_of(statuses, target);
    if (status == nullptr) {
      verdict.each.push_back({ResultKind::accepted, 0, 0, {}});
    } else {
      const auto events = std::count_if(targets.begin(), targets.end(), [&](const auto& other) {
        return status_of(statuses, other) == status;
      });
      verdict.each.push_back(verdict_of(*status, events, target.is_refund));
    }
    if (verdict.each.back().kind == ResultKind::auth_failed) {
      verdict.kind = ResultKind::auth_failed;
      verdict.reason = verdict.each.back().reason;
    }
  }
  return verdict;
}

}  // namespace tl::server::destinations
