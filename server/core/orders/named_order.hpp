// SPDX-License-Identifier: Apache-2.0
// Which order a reference means to whoever asks for one: its own id or alias with any provider, or
// a subscription's id, which names many orders and means the one that began it.
#pragma once

#include "server/core/outcome.hpp"
#include "server/core/ports/order_store.hpp"

#include <optional>
#include <string_view>

namespace tl::server {

// Errors: unavailable.
Outcome<std::optional<OrderRow>> find_named_order(OrderStore& orders, std::string_view site_id,
                                                  std::string_view reference);

}  // namespace tl::server
