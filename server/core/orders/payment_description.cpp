// SPDX-License-Identifier: Apache-2.0
#include "server/core/orders/payment_description.hpp"

#include "throughline/text.hpp"

namespace tl::server {

const std::vector<OrderField>& order_fields() {
  static const std::vector<OrderField> fields = {
      {"order_id", &OrderFields::order_id, "the sale's key"},
      {"aliases", &OrderFields::aliases, "further names of the sale; all count"},
      {"amount", &OrderFields::amount, "what was paid; A + B adds up"},
      {"currency", &OrderFields::currency, "ISO 4217 code of the amounts"},
      {"part_id", &OrderFields::part_id,
       "the key of one of several payments of the sale; their amounts add up"},
      {"refund_id", &OrderFields::refund_id, "the refund's own key"},
      {"refund_amount", &OrderFields::refund_amount, "what this refund gives back"},
      {"refunded_total", &OrderFields::refunded_total, "what all refunds gave back so far"},
      {"refund_status", &OrderFields::refund_status, "succeeded unless among the values below"},
      {"dispute_id", &OrderFields::dispute_id, "the dispute's own key"},
      {"dispute_status", &OrderFields::dispute_status, "open unless among the values below"},
      {"begun_at", &OrderFields::begun_at, "when the dispute was opened, as occurred_at"},
      {"round_id", &OrderFields::round_id,
       "the event's own key, where one refund or dispute may come to the same status again"},
      {"subscription", &OrderFields::subscription, "tells first payment, renewal and update apart"},
      {"subscription_id", &OrderFields::subscription_id, "the subscription's key"},
      {"customer_id", &OrderFields::customer_id, "the buyer's key"},
      {"email", &OrderFields::email, "the buyer's e-mail address"},
      {"phone", &OrderFields::phone, "the buyer's phone number"},
      {"name", &OrderFields::name, "the buyer's name"},
      {"country", &OrderFields::country, "the buyer's country, ISO 3166 code"},
      {"occurred_at", &OrderFields::occurred_at,
       "seconds or milliseconds since 1970, or ISO 8601, without zone in UTC"},
      {"changed_at", &OrderFields::changed_at,
       "when the order or payment was changed last, as occurred_at; of several amounts the latest "
       "counts"},
      {"metadata", &OrderFields::metadata, "objects or name and value lists with our ids"},
      {"token", &OrderFields::token, "our packed token"},
      {"anonymous_id", &OrderFields::anonymous_id, "our anonymous id alone"},
  };
  return fields;
}

std::string source_complaint(std::string_view source) {
  static constexpr std::string_view kForms =
      "must be a JSON pointer like /data/id (root:/data/id into the whole body), header:NAME, "
      "=TEXT, or a text with such in braces";
  std::string wrong = std::string(kForms) + ", not \"" + std::string(source) + "\"";
  if (const auto plus = source.find(" + "); plus != std::string_view::npos) {
    auto first = source_complaint(source.substr(0, plus));
    return first.empty() ? source_complaint(source.substr(plus + 3)) : first;
  }
  if (source.starts_with('=')) return source.size() > 1 ? "" : wrong;
  if (source.find('{') == std::string_view::npos) {
    const bool is_place = source.starts_with('/') || source.starts_with("root:/") ||
                          (source.starts_with("header:") && source.size() > 7);
    return is_place ? "" : wrong;
  }
  for (std::string_view rest = source; !rest.empty();) {
    const auto open = rest.find('{');
    if (open == std::string_view::npos) break;
    const auto close = rest.find('}', open);
    if (close == std::string_view::npos) return wrong;
    const auto inner = rest.substr(open + 1, close - open - 1);
    if (inner.find('{') != std::string_view::npos || !source_complaint(inner).empty()) return wrong;
    rest.remove_prefix(close + 1);
  }
  return "";
}

std::string condition_complaint(std::string_view condition) {
  auto end = condition.find('=');
  if (end != std::string_view::npos && end > 0 && condition[end - 1] == '!') --end;
  if (end == 0) return "must begin with a source, not with \"" + std::string(condition) + "\"";
  return source_complaint(trim(condition.substr(0, end)));
}

}  // namespace tl::server
