// SPDX-License-Identifier: Apache-2.0
#include "server/http/stated_conversion.hpp"

#include "server/core/ingest/plausible_time.hpp"
#include "server/core/orders/currency.hpp"
#include "server/core/text/id_text.hpp"
#include "server/core/text/rfc3339.hpp"
#include "server/http/json_reader.hpp"
#include "throughline/checkout.hpp"
#include "throughline/text.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace tl::server::http {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMostItems = 200;
constexpr std::int64_t kMostPieces = 1'000'000;
// A server's clock may run ahead a little.
constexpr std::int64_t kFutureSlackMs = 5 * 60 * 1000;

Outcome<std::string> text_member(const Json& body, std::string_view key) {
  const Json* value = member(body, key);
  if (value == nullptr) return std::string{};
  const std::string name(key);
  if (!value->is_string()) return invalid("bad_" + name, "\"" + name + "\" must be a text");
  auto text = value->get<std::string>();
  if (const auto wrong = id_complaint(text); !wrong.empty())
    return invalid("bad_" + name, "\"" + name + "\" " + wrong);
  return text;
}

// What a person wrote, in lines.
Outcome<std::string> read_self_report(const Json& body) {
  constexpr std::size_t kLongestAnswer = 1000;
  const Json* value = member(body, "self_reported");
  if (value == nullptr) return std::string{};
  if (!value->is_string()) return invalid("bad_self_reported", "\"self_reported\" must be a text");
  const auto& text = value->get_ref<const std::string&>();
  if (text.size() > kLongestAnswer)
    return invalid("bad_self_reported",
                   "\"self_reported\" is longer than " + std::to_string(kLongestAnswer) + " bytes");
  return one_line(text, kLongestAnswer);
}

Outcome<std::optional<Id128>> id_member(const Json& body, std::string_view key) {
  TL_TRY(text, text_member(body, key));
  if (text.empty()) return std::optional<Id128>{};
  const auto id = parse_uuid(text);
  if (!id.ok())
    return invalid("bad_" + std::string(key),
                   "\"" + std::string(key) + "\" must be a UUID as the script gives it");
  return std::optional(id.value());
}

// What the page's checkoutStarted() gave: ids, which those of the statement itself go before, or a
// channel. A page can send anything, so what is neither costs the sale nothing.
void read_client_reference(const Json& body, StatedConversion& stated) {
  auto token = text_at(body, "client_reference_id");
  if (const auto packed = parse_packed_token(token); packed.ok()) {
    if (stated.anonymous_id || stated.session_id) return;
    stated.anonymous_id = packed.value().anonymous_id;
    stated.session_id = packed.value().session_id;
    stated.checkout_started_ms = packed.value().checkout_started_ms;
  } else if (token.starts_with("tl0_")) {
    stated.coarse = std::move(token);
  }
}

Outcome<void> read_money(const Json& body, StatedConversion& stated) {
  TL_TRY(currency_text, text_member(body, "currency"));
  const Json* text = member(body, "amount");
  const Json* minor = member(body, "amount_minor");
  const bool is_order = stated.kind == "purchase" || stated.kind == "refund";
  if (text == nullptr && minor == nullptr) {
    if (is_order)
      return invalid("missing_amount",
                     "a " + stated.kind + " needs \"amount\" (\"25.00\") or \"amount_minor\"");
    if (!currency_text.empty()) {
      TL_TRY(currency, parse_currency(currency_text));
      stated.currency = std::move(currency);
    }
    return {};
  }
  if (currency_text.empty())
    return invalid("missing_currency", "an amount needs \"currency\", e.g. \"EUR\"");
  TL_TRY(currency, parse_currency(currency_text));
  stated.currency = std::move(currency);
  if (minor != nullptr) {
    if (!minor->is_number_integer() ||
        (minor->is_number_unsigned() && minor->get<std::uint64_t>() > INT64_MAX))
      return invalid("bad_amount", "\"amount_minor\" must be a whole number of minor units");
    stated.amount_minor = minor->get<std::int64_t>();
  }
  if (text != nullptr) {
    // A JSON number has been through somebody's floating point already.
    if (!text->is_string())
      return invalid("bad_amount", "write \"amount\" as text (\"25.00\"), or use amount_minor");
    TL_TRY(amount, parse_decimal_amount(text->get<std::string>(), stated.currency));
    if (minor != nullptr && amount != stated.amount_minor)
      return invalid("bad_amount", "\"amount\" and \"amount_minor\" differ; send one of them");
    stated.amount_minor = amount;
  }
  if (stated.amount_minor > kMaxAmountMinor)
    return invalid("bad_amount",
                   "an amount has at most " + std::to_string(kMaxAmountMinor) + " minor units");
  if (stated.amount_minor < 0)
    return invalid("bad_amount", "an amount is never negative; state a refund as kind refund");
  return {};
}

Outcome<void> read_time(const Json& body, std::int64_t now_ms, StatedConversion& stated) {
  const Json* value = member(body, "occurred_at");
  stated.occurred_ms = now_ms;
  if (value == nullptr) return {};
  std::optional<std::int64_t> t_ms;
  if (value->is_string()) t_ms = parse_rfc3339(value->get<std::string>());
  if (value->is_number_unsigned() && value->get<std::uint64_t>() > INT64_MAX)
    return invalid("future_occurred_at", "\"occurred_at\" lies in the future");
  if (value->is_number_integer()) t_ms = value->get<std::int64_t>();
  if (!t_ms)
    return invalid("bad_occurred_at",
                   "\"occurred_at\" must be a time such as \"2026-09-21T14:13:20Z\" or UTC "
                   "milliseconds");
  if (*t_ms < kEarliestTimeMs)
    return invalid("bad_occurred_at",
                   "\"occurred_at\" lies before the year 2000; a number is milliseconds since "
                   "1970, not seconds, and without a time leave it out");
  if (*t_ms > now_ms + kFutureSlackMs)
    return invalid("future_occurred_at", "\"occurred_at\" lies in the future");
  stated.occurred_ms = *t_ms;
  return {};
}

Outcome<Choice> choice_member(const Json& consent, std::string_view key) {
  const Json* value = member(consent, key);
  if (value == nullptr) return Choice::unknown;
  if (value->is_boolean()) return value->get<bool>() ? Choice::granted : Choice::denied;
  return invalid("bad_consent", "\"consent." + std::string(key) + "\" must be true or false");
}

// An order keeps storage and marketing. An opt-out of sale is kept as marketing denied, which is
// stricter; what cannot be kept is refused, so that nobody takes it for heeded.
Outcome<void> read_stated_consent(const Json& body, StatedConversion& stated) {
  constexpr std::array<std::string_view, 3> kMembers = {"storage", "marketing",
                                                        "opted_out_of_sale"};
  const Json* consent = member(body, "consent");
  if (consent == nullptr) return {};
  if (!consent->is_object())
    return invalid("bad_consent",
                   "\"consent\" is {\"storage\":true|false,\"marketing\":true|false}");
  for (const auto& entry : consent->items())
    if (std::find(kMembers.begin(), kMembers.end(), entry.key()) == kMembers.end())
      return invalid("bad_consent",
                     "\"consent\" knows storage, marketing and opted_out_of_sale only; leave the "
                     "other members out");
  TL_TRY(storage, choice_member(*consent, "storage"));
  TL_TRY(marketing, choice_member(*consent, "marketing"));
  TL_TRY(opted_out, choice_member(*consent, "opted_out_of_sale"));
  stated.consent.storage = storage;
  stated.consent.marketing = opted_out == Choice::granted ? Choice::denied : marketing;
  return {};
}

Outcome<void> read_items(const Json& body, StatedConversion& stated) {
  const Json* items = member(body, "items");
  if (items == nullptr) return {};
  if (!items->is_array() || items->size() > kMostItems)
    return invalid("bad_items", "\"items\" must be a list of at most " +
                                    std::to_string(kMostItems) + " objects");
  for (const auto& entry : *items) {
    if (!entry.is_object()) return invalid("bad_items", "every item must be an object");
    OrderItem item;
    TL_TRY(id, text_member(entry, "id"));
    TL_TRY(name, text_member(entry, "name"));
    TL_TRY(category, text_member(entry, "category"));
    item.id = std::move(id);
    item.name = std::move(name);
    item.category = std::move(category);
    for (const auto& [key, is_price] : {std::pair("quantity", false), {"price_minor", true}}) {
      const Json* number = member(entry, key);
      if (number == nullptr) continue;
      const std::int64_t least = is_price ? 0 : 1;
      const std::int64_t most = is_price ? kMaxAmountMinor : kMostPieces;
      if (!number->is_number_integer() || *number < least || *number > most)
        return invalid("bad_items", "\"" + std::string(key) + "\" of an item must be a whole " +
                                        "number from " + std::to_string(least) + " to " +
                                        std::to_string(most));
      (is_price ? item.price_minor.emplace() : item.quantity) = number->get<std::int64_t>();
    }
    if (const Json* price = member(entry, "price"); price != nullptr && price->is_string()) {
      TL_TRY(price_minor, parse_decimal_amount(price->get<std::string>(), stated.currency));
      item.price_minor = price_minor;
    }
    stated.items.push_back(std::move(item));
  }
  return {};
}

Outcome<void> read_reference(const Json& body, StatedConversion& stated) {
  constexpr std::array<std::string_view, 7> kKinds = {"purchase", "refund", "lead",  "opportunity",
                                                      "customer", "signup", "custom"};
  TL_TRY(kind, text_member(body, "kind"));
  stated.kind = kind.empty() ? "purchase" : kind;
  if (std::find(kKinds.begin(), kKinds.end(), stated.kind) == kKinds.end())
    return invalid("bad_kind",
                   "\"kind\" must be purchase, refund, lead, opportunity, customer, signup or "
                   "custom");
  const bool is_order = stated.kind == "purchase" || stated.kind == "refund";
  const std::string key = is_order ? "order_id" : "id";
  TL_TRY(reference, text_member(body, key));
  if (reference.empty())
    return invalid("missing_" + key,
                   "a " + stated.kind + " needs \"" + key + "\", the same in every repeat");
  stated.reference = std::move(reference);
  if (stated.kind != "refund") return {};
  TL_TRY(refund_id, text_member(body, "refund_id"));
  if (refund_id.empty())
    return invalid("missing_refund_id", "a refund needs \"refund_id\", the same in every repeat");
  stated.refund_id = std::move(refund_id);
  return {};
}

}  // namespace

Outcome<StatedConversion> read_stated_conversion(const Json& body, std::int64_t now_ms) {
  StatedConversion stated;
  TL_CHECK(read_reference(body, stated));
  TL_CHECK(read_money(body, stated));
  TL_CHECK(read_time(body, now_ms, stated));
  TL_TRY(anonymous_id, id_member(body, "anonymous_id"));
  TL_TRY(session_id, id_member(body, "session_id"));
  stated.anonymous_id = anonymous_id;
  stated.session_id = session_id;
  read_client_reference(body, stated);
  TL_TRY(email, text_member(body, "email"));
  TL_TRY(phone, text_member(body, "phone"));
  TL_TRY(user_id, text_member(body, "user_id"));
  TL_TRY(name, text_member(body, "name"));
  TL_TRY(country, text_member(body, "country"));
  TL_TRY(self_reported, read_self_report(body));
  stated.customer = {std::move(email), std::move(phone), std::move(name), std::move(country)};
  stated.user_id = std::move(user_id);
  stated.self_reported = std::move(self_reported);
  TL_CHECK(read_items(body, stated));
  TL_CHECK(read_stated_consent(body, stated));

  // What was said, not what we made of it: a repeat without a time is the same statement.
  FieldHash digest("tl-stated");
  digest.add(stated.kind).add(stated.reference).add(stated.refund_id);
  digest.add(std::to_string(stated.amount_minor)).add(stated.currency);
  digest.add(member(body, "occurred_at") == nullptr ? std::string{}
                                                    : std::to_string(stated.occurred_ms));
  digest.add(stated.anonymous_id.value_or(Id128{})).add(stated.session_id.value_or(Id128{}));
  digest.add(stated.customer.email).add(stated.customer.phone).add(stated.customer.name);
  digest.add(stated.customer.country).add(stated.user_id).add(stated.self_reported);
  digest.add_u32(static_cast<std::uint32_t>(stated.consent.storage));
  digest.add_u32(static_cast<std::uint32_t>(stated.consent.marketing));
  digest.add_u32(static_cast<std::uint32_t>(stated.items.size()));
  for (const auto& item : stated.items) {
    digest.add(item.id).add(item.name).add(item.category).add(std::to_string(item.quantity));
    digest.add(item.price_minor ? std::to_string(*item.price_minor) : std::string{});
  }
  if (!stated.coarse.empty()) digest.add(stated.coarse);
  stated.digest = digest.finish();
  return stated;
}

}  // namespace tl::server::http
