// SPDX-License-Identifier: Apache-2.0
// In the order of the enums' numbers, which never change.
#include "server/core/record_names.hpp"

#include <algorithm>
#include <array>

namespace tl::server {
namespace {

constexpr std::array<std::string_view, 3> kChoices = {"unknown", "denied", "granted"};
constexpr std::array<std::string_view, 6> kVerdicts = {"verified", "bootstrap", "server",
                                                       "mismatch", "forged",    "unverified"};
// The last is no word of a provider's on which payment it is.
constexpr std::array<std::string_view, 5> kSubscriptionRoles = {"none", "first", "renewal",
                                                                "update", "none"};
constexpr std::array<std::string_view, 7> kDeliveryStates = {
    "queued", "sending", "delivered", "failed", "dead", "withheld", "accepted"};

}  // namespace

std::string_view contact_kind_name(ContactKind kind) {
  if (kind == ContactKind::email) return "email";
  return kind == ContactKind::phone ? "phone" : "user_id";
}

std::string_view choice_name(Choice choice) {
  return kChoices.at(static_cast<std::size_t>(choice));
}

std::string_view verdict_name(Verdict verdict) {
  return kVerdicts.at(static_cast<std::size_t>(verdict));
}

std::string_view subscription_name(SubscriptionRole role) {
  return kSubscriptionRoles.at(static_cast<std::size_t>(role));
}

std::string_view delivery_state_name(DeliveryState state) {
  return kDeliveryStates.at(static_cast<std::size_t>(state));
}

std::optional<DeliveryState> parse_delivery_state(std::string_view name) {
  const auto* found = std::find(kDeliveryStates.begin(), kDeliveryStates.end(), name);
  if (found == kDeliveryStates.end()) return std::nullopt;
  return static_cast<DeliveryState>(found - kDeliveryStates.begin());
}

}  // namespace tl::server
