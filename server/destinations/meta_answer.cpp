// SPDX-License-Identifier: Apache-2.0
#include "server/destinations/meta_answer.hpp"

#include "server/core/durations.hpp"
#include "server/core/text/foreign_json.hpp"
#include "server/destinations/answer_json.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <string>

namespace tl::server::destinations {
namespace {

using Json = nlohmann::json;
using VerdictKind = DeliveryVerdict::Kind;

// Errors that Meta does not explain: five tries over the better part of an hour, then a person
// looks.
constexpr std::uint32_t kUnexplainedTries = 5;
constexpr std::int64_t kUnexplainedWaitMs = 10 * kMinuteMs;
constexpr std::int64_t kBlockedWaitMs = 15 * kMinuteMs;

struct GraphError {
  std::int64_t code = 0, subcode = 0;
  bool is_transient = false;
  std::string message;
};

GraphError read_error(const Json& error) {
  GraphError read;
  read.code = answer_integer(error, "code");
  read.subcode = answer_integer(error, "error_subcode");
  const auto transient = error.find("is_transient");
  read.is_transient = transient != error.end() && transient->is_boolean() && transient->get<bool>();
  read.message = answer_text(error, "error_user_msg");
  if (read.message.empty()) read.message = answer_text(error, "message");
  return read;
}

std::string reason_of(const GraphError& error, int status) {
  std::string reason =
      "Meta answered " + std::to_string(status) + ", code " + std::to_string(error.code);
  if (error.subcode != 0) reason += "/" + std::to_string(error.subcode);
  return reason + ": " + error.message;
}

bool is_rate_limit(std::int64_t code) {
  constexpr std::array<std::int64_t, 8> kCodes = {4, 17, 32, 613, 80000, 80003, 80004, 80014};
  return std::find(kCodes.begin(), kCodes.end(), code) != kCodes.end();
}

// 100 with subcode 33 reads like a bad payload and is a permission: the object is hidden from the
// token.
bool is_about_the_token(const GraphError& error) {
  if (error.code == 100) return error.subcode == 33;
  return error.code == 190 || error.code == 102 || error.code == 104 || error.code == 10 ||
         (error.code >= 200 && error.code < 300);
}

DeliveryVerdict judge_error(const GraphError& error, int status, std::size_t batch_size) {
  DeliveryVerdict verdict{VerdictKind::retry, 0, 0, reason_of(error, status)};
  if (is_rate_limit(error.code)) {
    verdict.kind = VerdictKind::rate_limited;
    verdict.retry_after_ms = kMinuteMs;
  } else if (error.code == 341 || error.code == 368) {
    verdict.kind = VerdictKind::rate_limited;
    verdict.retry_after_ms = kBlockedWaitMs;
  } else if (error.is_transient || status >= 500) {
    verdict.kind = VerdictKind::retry;
  } else if (is_about_the_token(error)) {
    verdict.kind = VerdictKind::auth_failed;
  } else if (error.code == 100 || error.code == 3 || error.code == 105) {
    verdict.kind = batch_size > 1 ? VerdictKind::bisect : VerdictKind::reject;
  } else {  // 1, 2, 5000, negative and unknown codes
    verdict.max_attempts = kUnexplainedTries;
    verdict.retry_after_ms = kUnexplainedWaitMs;
  }
  return verdict;
}

DeliveryVerdict judge_success(const Json& body, const OutgoingAnswer& answer,
                              std::size_t batch_size) {
  const auto received = body.find("events_received");
  if (received == body.end() || !received->is_number_integer())
    return {VerdictKind::retry, 0, 0, "Meta answered 200 without events_received"};
  DeliveryVerdict verdict{VerdictKind::delivered, 0, 0, {}};
  if (received->get<std::int64_t>() < static_cast<std::int64_t>(batch_size))
    verdict.reason =
        "Meta received " + received->dump() + " of " + std::to_string(batch_size) + " events";
  if (const auto header = answer.headers.find("x-ad-api-version-warning");
      header != answer.headers.end())
    verdict.reason = "api_version is out of date: " + header->second;
  return verdict;
}

}  // namespace

DeliveryVerdict judge_meta(const OutgoingAnswer& answer, std::size_t batch_size) {
  if (answer.reached != OutgoingAnswer::Reached::answered)
    return {VerdictKind::retry, 0, 0, "Meta gave no answer: " + answer.error};
  const Json body = parse_foreign_json(answer.body);
  const std::string status = std::to_string(answer.status);
  if (body.is_object()) {
    const auto error = body.find("error");
    if (error != body.end() && error->is_object())
      return judge_error(read_error(*error), answer.status, batch_size);
    if (answer.status == 200) return judge_success(body, answer, batch_size);
  }
  // No Graph API answered: a proxy, a captive page, a wrong base_url.
  if (answer.status == 429) return {VerdictKind::rate_limited, kMinuteMs, 0, "Meta answered 429"};
  if (answer.status == 413)
    return {batch_size > 1 ? VerdictKind::bisect : VerdictKind::reject, 0, 0,
            "Meta answered 413: too large"};
  if (answer.status == 401 || answer.status == 403)
    return {VerdictKind::auth_failed, 0, 0,
            "Meta answered " + status + " without a Graph API error"};
  return {VerdictKind::retry, 0, 0, "Meta answered " + status + " with no Graph API answer"};
}

}  // namespace tl::server::destinations
