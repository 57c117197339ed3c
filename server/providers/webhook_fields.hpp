// SPDX-License-Identifier: Apache-2.0
// Reading a webhook's JSON: by path ("a/b/c"), missing or of another type is simply absent, numbers
// never pass through a double. Plus the ids that travelled through the payment page, under our
// names, the site's own names (payment_keys) or packed into one token (facts: payments, 14).
#pragma once

#include "server/core/config.hpp"
#include "server/core/ports/provider.hpp"
#include "throughline/hash.hpp"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tl::server {

// nullptr when the path ends anywhere on the way, or at null.
const nlohmann::json* field_at(const nlohmann::json& object, std::string_view path);
// "" unless a string.
std::string text_at(const nlohmann::json& object, std::string_view path);
// The first path that holds a non-empty text.
std::string first_text_at(const nlohmann::json& object,
                          std::initializer_list<std::string_view> paths);
// An id, or the "id" of an object expanded in its place.
std::string id_at(const nlohmann::json& object, std::string_view path);
// An integer that fits int64; 2.0 and 1e3 are no integers.
std::optional<std::int64_t> integer_at(const nlohmann::json& object, std::string_view path);
bool flag_at(const nlohmann::json& object, std::string_view path, bool otherwise);

// The ids of the visit that led to a checkout. Whoever pays may have edited them: hints, never
// more. Text that is no UUID or no time is absent.
struct CarriedIds {
  std::optional<Id128> anonymous_id, session_id;
  std::optional<std::int64_t> checkout_started_ms;
  std::string coarse;  // without consent: a coarse token instead of ids
  [[nodiscard]] bool has_any() const { return anonymous_id || session_id; }
};
CarriedIds ids_in_metadata(const nlohmann::json* metadata, const SiteConfig& site);
CarriedIds ids_in_token(std::string_view token);

// The first reference becomes the order id, later ones aliases; empty ones are left out.
void add_alias(OrderChange& change, std::string alias);
// What the change has already stays.
void take_ids(OrderChange& change, const CarriedIds& ids);
void ignore(OrderChange& change, std::string reason);
// Every id that would be kept is one (core/text/id_text.hpp). `provider`: who signed it, for the
// sentence. Errors: invalid (malformed_body), naming the field.
Outcome<void> check_ids(const OrderChange& change, std::string_view provider);

}  // namespace tl::server
