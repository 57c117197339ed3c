// SPDX-License-Identifier: Apache-2.0
#include "server/providers/webhook_fields.hpp"

#include "server/core/attribution/coarse_origin.hpp"
#include "server/core/text/id_text.hpp"
#include "throughline/checkout.hpp"
#include "throughline/text.hpp"

#include <nlohmann/json.hpp>

#include <limits>

namespace tl::server {
namespace {

using nlohmann::json;

// Metadata values are strings by most providers' rules; numbers are accepted.
std::string value_as_text(const json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number_integer()) return value.dump();
  return {};
}

std::string named_value(const json& metadata, const SiteConfig& site, const std::string& name) {
  if (const auto found = metadata.find(name); found != metadata.end()) {
    auto text = value_as_text(*found);
    if (!text.empty()) return text;
  }
  if (const auto aliases = site.payment_keys.find(name); aliases != site.payment_keys.end()) {
    for (const auto& alias : aliases->second)
      if (const auto found = metadata.find(alias); found != metadata.end()) {
        auto text = value_as_text(*found);
        if (!text.empty()) return text;
      }
  }
  return {};
}

std::optional<Id128> parse_id(std::string_view text) {
  const auto id = parse_uuid(trim(text));
  if (!id.ok() || id.value().is_nil()) return std::nullopt;
  return id.value();
}

}  // namespace

const json* field_at(const json& object, std::string_view path) {
  const json* here = &object;
  while (true) {
    const auto slash = path.find('/');
    if (!here->is_object()) return nullptr;
    const auto found = here->find(path.substr(0, slash));
    if (found == here->end() || found->is_null()) return nullptr;
    here = &*found;
    if (slash == std::string_view::npos) return here;
    path.remove_prefix(slash + 1);
  }
}

std::string text_at(const json& object, std::string_view path) {
  const json* found = field_at(object, path);
  return found != nullptr && found->is_string() ? found->get<std::string>() : std::string{};
}

std::string first_text_at(const json& object, std::initializer_list<std::string_view> paths) {
  for (const auto path : paths)
    if (auto text = text_at(object, path); !text.empty()) return text;
  return {};
}

std::string id_at(const json& object, std::string_view path) {
  const json* found = field_at(object, path);
  if (found == nullptr) return {};
  return found->is_object() ? text_at(*found, "id")
                            : (found->is_string() ? found->get<std::string>() : std::string{});
}

std::optional<std::int64_t> integer_at(const json& object, std::string_view path) {
  const json* found = field_at(object, path);
  if (found == nullptr || !found->is_number_integer()) return std::nullopt;
  if (found->is_number_unsigned() &&
      found->get<std::uint64_t>() >
          static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
    return std::nullopt;
  return found->get<std::int64_t>();
}

bool flag_at(const json& object, std::string_view path, bool otherwise) {
  const json* found = field_at(object, path);
  return found != nullptr && found->is_boolean() ? found->get<bool>() : otherwise;
}

CarriedIds ids_in_metadata(const json* metadata, const SiteConfig& site) {
  CarriedIds ids;
  if (metadata == nullptr || !metadata->is_object()) return ids;
  ids.anonymous_id = parse_id(named_value(*metadata, site, "anonymous_id"));
  ids.session_id = parse_id(named_value(*metadata, site, "session_id"));
  std::int64_t started = 0;
  if (parse_decimal(named_value(*metadata, site, "checkout_started_at"), started) && started > 0)
    ids.checkout_started_ms = started;
  const auto channel = text_at(*metadata, "tl_channel");
  if (!channel.empty())
    ids.coarse =
        coarse_token(channel, text_at(*metadata, "tl_source"), text_at(*metadata, "tl_campaign"));
  return ids;
}

CarriedIds ids_in_token(std::string_view token) {
  CarriedIds ids;
  const auto handover = parse_packed_token(token);
  if (!handover.ok()) {
    if (token.starts_with("tl0_")) ids.coarse = token;
    return ids;
  }
  if (!handover.value().anonymous_id.is_nil()) ids.anonymous_id = handover.value().anonymous_id;
  if (!handover.value().session_id.is_nil()) ids.session_id = handover.value().session_id;
  if (handover.value().checkout_started_ms > 0)
    ids.checkout_started_ms = handover.value().checkout_started_ms;
  return ids;
}

void add_alias(OrderChange& change, std::string alias) {
  if (alias.empty()) return;
  if (change.order_id.empty())
    change.order_id = std::move(alias);
  else if (alias != change.order_id)
    change.aliases.push_back(std::move(alias));
}

void take_ids(OrderChange& change, const CarriedIds& ids) {
  if (!change.anonymous_id) change.anonymous_id = ids.anonymous_id;
  if (!change.session_id) change.session_id = ids.session_id;
  if (!change.checkout_started_ms) change.checkout_started_ms = ids.checkout_started_ms;
  if (change.coarse.empty()) change.coarse = ids.coarse;
}

void ignore(OrderChange& change, std::string reason) {
  change.kind = OrderChange::Kind::ignored;
  change.reason = std::move(reason);
}

Outcome<void> check_ids(const OrderChange& change, std::string_view provider) {
  const auto check = [&](const char* what, const std::string& text) -> Outcome<void> {
    const auto wrong = id_complaint(text);
    if (wrong.empty()) return {};
    return invalid("malformed_body", "the " + std::string(what) + " in this webhook from " +
                                         std::string(provider) + " " + wrong +
                                         "; it is kept among the rejects");
  };
  TL_CHECK(check("event id", change.event_key));
  TL_CHECK(check("event type", change.event_type));
  TL_CHECK(check("order id", change.order_id));
  for (const auto& alias : change.aliases) TL_CHECK(check("order's further id", alias));
  TL_CHECK(check("id of a payment", change.part_id));
  TL_CHECK(check("refund id", change.refund_id.value_or("")));
  TL_CHECK(check("refund's status", change.refund_status));
  TL_CHECK(check("customer id", change.customer_id));
  return check("subscription id", change.subscription_id);
}

}  // namespace tl::server
