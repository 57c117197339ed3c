// SPDX-License-Identifier: Apache-2.0
// Tells the orders what a provider's API said, as a webhook would have.
#pragma once

#include "server/core/orders/orders.hpp"
#include "server/core/ports/provider_api.hpp"

#include <cstdint>
#include <string>

namespace tl::server {

// Known by the facts in it: its text differs from time to time (links that expire), they do not.
// `counted`: as for Orders::receive_webhook. Errors: unavailable.
Outcome<WebhookResult> keep_fetched(Orders& orders, const SiteConfig& site,
                                    const std::string& provider, const FetchedEvent& event,
                                    const std::string& counted, std::int64_t now_ms);

}  // namespace tl::server
