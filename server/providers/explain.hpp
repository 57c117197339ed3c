// SPDX-License-Identifier: Apache-2.0
// `throughline webhook explain`: what one webhook request would do, without a store. One JSON line
// in, one JSON line out, also for a line that cannot be read: {"error":{"code","message"}}. Shape:
// api.md section 1.
#pragma once

#include "server/core/orders/payment_description.hpp"
#include "server/core/outcome.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace tl::server {

// Reads the text of `"config":{"toml":…}`, which describes the provider "custom".
using CustomReader = std::function<Outcome<PaymentDescription>(std::string_view toml)>;

std::string explain_webhook(std::string_view line, const CustomReader& read_custom = {});

}  // namespace tl::server
