// SPDX-License-Identifier: Apache-2.0
// Names of enums of the records, as the API and the command line write them.
#pragma once

#include "server/core/records.hpp"

#include <optional>
#include <string_view>

namespace tl::server {

// email, phone, user_id
std::string_view contact_kind_name(ContactKind kind);
// unknown, denied, granted
std::string_view choice_name(Choice choice);
// verified, bootstrap, server, mismatch, forged, unverified
std::string_view verdict_name(Verdict verdict);
// none, first, renewal, update
std::string_view subscription_name(SubscriptionRole role);
// queued, sending, delivered, failed, dead, withheld, accepted
std::string_view delivery_state_name(DeliveryState state);
std::optional<DeliveryState> parse_delivery_state(std::string_view name);

}  // namespace tl::server
