// SPDX-License-Identifier: Apache-2.0
// What the answer of a provider's API means for whoever asked it: there, never there, later, or not
// with this configuration.
#pragma once

#include "server/core/outcome.hpp"
#include "server/core/ports/http_client.hpp"

#include <cstdint>
#include <string_view>

namespace tl::server {

struct CallVerdict {
  enum class Kind : std::uint8_t { answered, missing, later, refused };
  Kind kind = Kind::answered;
  std::int64_t retry_after_ms = 0;  // of later: what the provider asked for
  // Unless answered: unavailable (provider_unreachable, provider_failed, provider_refused_key),
  // limited (provider_busy), not_found (not_at_provider), invalid (provider_refused_request).
  ServerError error{};
};

CallVerdict judge_call(std::string_view provider, const OutgoingAnswer& answer,
                       std::int64_t now_ms);

}  // namespace tl::server
