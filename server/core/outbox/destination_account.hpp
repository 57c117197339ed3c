// SPDX-License-Identifier: Apache-2.0
// Whose account a destination's name stands for. A name may come to stand for another one, where
// tables are known by their place in the file or an id is changed: what was made for the one before
// is not for the new one to hear.
#pragma once

#include "server/core/config.hpp"
#include "server/core/records.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace tl::server {

// With this begins the last_error of a delivery that waits until its account is back.
inline constexpr std::string_view kOtherAccount = "other_account";

// A digest of the kind and the settings that tell accounts apart, such as the id of a pixel or the
// address of a webhook. Tokens and all else may change.
std::int64_t account_of(const DestinationConfig& config);

// Whether the delivery is made for that account, or for any that has its destination's name.
inline bool is_for_account(const DeliveryRow& delivery, std::int64_t account) {
  return delivery.account.value_or(account) == account;
}
// Whether it went, or goes, to that receiver: by the accounts where both are known, whatever they
// were called; else by the name.
inline bool is_same_receiver(const DeliveryRow& delivery, std::string_view destination,
                             std::optional<std::int64_t> account) {
  return delivery.account && account ? delivery.account == account
                                     : delivery.destination == destination;
}

}  // namespace tl::server
