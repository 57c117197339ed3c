// SPDX-License-Identifier: Apache-2.0
// What Meta's answer means for a delivery, decided by error code and subcode, never by text.
// Source: Meta developer documentation "Graph API: Error reference, Rate limiting" and
// "Conversions API: Using the API", 2026-11.
#pragma once

#include "server/core/ports/destination.hpp"

#include <cstddef>

namespace tl::server::destinations {

DeliveryVerdict judge_meta(const OutgoingAnswer& answer, std::size_t batch_size);

}  // namespace tl::server::destinations
