// SPDX-License-Identifier: Apache-2.0
// Looks up the sources and conditions of a description (core/orders/payment_description.hpp) in an
// event.
#pragma once

#include "server/core/orders/payment_description.hpp"
#include "server/core/ports/provider.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace tl::server {

// Where sources look. Keeps references.
struct EventPlace {
  const WebhookRequest& request;
  const nlohmann::json& root;   // the whole body
  const nlohmann::json& event;  // the event, or a member of a list in it

  [[nodiscard]] EventPlace at(const nlohmann::json& part) const { return {request, root, part}; }
};

// nullptr when the pointer ends anywhere on the way, or at null. "" and "/" are the whole value.
const nlohmann::json* value_at(const nlohmann::json& value, std::string_view pointer);
// Numbers and booleans as text; "" for anything else and what is not there.
std::string text_of(const EventPlace& place, std::string_view source);
std::string first_text_of(const EventPlace& place, const Sources& sources);
// The value that a pointer source (also root:) names, or nullptr.
const nlohmann::json* pointed_at(const EventPlace& place, std::string_view source);

bool holds(const EventPlace& place, std::string_view condition);
bool all_hold(const EventPlace& place, const std::vector<std::string>& conditions);
// Whether `text` is one of the values; a value ending in * stands for all that begin so.
bool is_one_of(std::string_view text, const std::vector<std::string>& values);

}  // namespace tl::server
