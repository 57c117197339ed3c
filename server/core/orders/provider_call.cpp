// SPDX-License-Identifier: Apache-2.0
#include "server/core/orders/provider_call.hpp"

#include "server/core/outbox/delivery_schedule.hpp"

#include <string>

namespace tl::server {
namespace {

using CallKind = CallVerdict::Kind;

constexpr std::size_t kShownBytes = 300;

CallVerdict verdict_of(CallKind kind, ErrorKind error, std::string code, std::string detail) {
  return {kind, 0, fail(error, std::move(code), std::move(detail))};
}

}  // namespace

CallVerdict judge_call(std::string_view provider, const OutgoingAnswer& answer,
                       std::int64_t now_ms) {
  const std::string name(provider);
  const std::string setting = "site.payment." + name;
  if (answer.reached != OutgoingAnswer::Reached::answered)
    return verdict_of(CallKind::later, ErrorKind::unavailable, "provider_unreachable",
                      "the API of " + name + " could not be reached: " + answer.error);
  const std::string status = "status " + std::to_string(answer.status);
  if (answer.status >= 200 && answer.status < 300) return {};
  if (answer.status == 401 || answer.status == 403)
    return verdict_of(CallKind::refused, ErrorKind::unavailable, "provider_refused_key",
                      name + " refused the API key (" + status + "); check " + setting +
                          ".api_key and what the key may read");
  if (answer.status == 404 || answer.status == 410)
    return verdict_of(CallKind::missing, ErrorKind::not_found, "not_at_provider",
                      name + " has nothing at this address (" + status + "); check " + setting +
                          ".base_url, and that key and payment are both live or both of a test");
  if (answer.status == 429 || answer.status == 503) {
    auto verdict = verdict_of(CallKind::later, ErrorKind::limited, "provider_busy",
                              name + " takes no more requests at the moment (" + status + ")");
    if (const auto said = answer.headers.find("retry-after"); said != answer.headers.end())
      verdict.retry_after_ms = parse_retry_after(said->second, now_ms).value_or(0);
    return verdict;
  }
  const std::string said = answer.body.substr(0, kShownBytes);
  if (answer.status >= 500 || answer.status == 408 || answer.status == 409)
    return verdict_of(CallKind::later, ErrorKind::unavailable, "provider_failed",
                      name + " failed (" + status + "): " + said);
  return verdict_of(CallKind::refused, ErrorKind::invalid, "provider_refused_request",
                    name + " refused the request (" + status + "): " + said);
}

}  // namespace tl::server
