// SPDX-License-Identifier: Apache-2.0
#include "server/destinations/event_facts.hpp"

#include "server/core/classify/withheld_value.hpp"
#include "server/core/orders/currency.hpp"
#include "server/destinations/json_object.hpp"
#include "throughline/touch.hpp"

#include <nlohmann/json.hpp>

#include <array>

namespace tl::server::destinations {
namespace {

using Json = nlohmann::json;

std::string text_at(const Json& object, std::initializer_list<const char*> names) {
  if (!object.is_object()) return {};
  for (const char* name : names) {
    const auto found = object.find(name);
    if (found == object.end()) continue;
    if (found->is_string()) return found->get<std::string>();
    if (found->is_number()) return found->dump();
  }
  return {};
}

Json parsed(const std::string& text) {
  return Json::parse(text, nullptr, false);
}

// Digits with at most one point: what may stand as a JSON number.
bool is_plain_number(std::string_view text) {
  if (text.starts_with('-') || text.empty() || text.size() > 18) return false;
  const auto point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  const std::string_view part = point == text.npos ? "0" : text.substr(point + 1);
  const auto is_digits = [](std::string_view digits) {
    return !digits.empty() && digits.find_first_not_of("0123456789") == digits.npos;
  };
  return is_digits(whole) && is_digits(part) && (whole.size() == 1 || whole.front() != '0');
}

}  // namespace

std::string major_units(std::int64_t amount_minor, std::string_view currency) {
  std::string text = write_decimal_amount(amount_minor, currency);
  if (text.find('.') == std::string::npos) return text;
  while (text.back() == '0') text.pop_back();
  if (text.back() == '.') text.pop_back();
  return text;
}

std::optional<Money> money_of(const Dispatch& dispatch) {
  if (const auto& conversion = dispatch.conversion) {
    if (conversion->currency.empty()) return {};
    const bool is_refund = dispatch.event_name == "refund";
    const std::int64_t minor = is_refund ? dispatch.refunded_minor : conversion->amount_minor;
    return Money{major_units(minor, conversion->currency), conversion->currency};
  }
  const std::string value = property_of(dispatch, {"value", "price", "amount"});
  const auto currency = parse_currency(property_of(dispatch, {"currency"}));
  if (!currency.ok() || !is_plain_number(value)) return {};
  return Money{value, currency.value()};
}

std::string transaction_id_of(const Dispatch& dispatch) {
  if (!dispatch.transaction_id.empty()) return dispatch.transaction_id;
  return dispatch.conversion ? dispatch.conversion->order_id : std::string();
}

std::vector<Item> items_of(const Dispatch& dispatch) {
  std::vector<Item> items;
  if (!dispatch.order) return items;
  const Json list = parsed(dispatch.order->items);
  if (!list.is_array()) return items;
  for (const Json& entry : list) {
    if (!entry.is_object()) continue;
    Item item{
        text_at(entry, {"id"}), text_at(entry, {"name"}), text_at(entry, {"category"}), 1, {}};
    if (const auto found = entry.find("quantity");
        found != entry.end() && found->is_number_integer())
      item.quantity = found->get<std::int64_t>();
    if (const auto found = entry.find("price_minor");
        found != entry.end() && found->is_number_integer())
      item.price_minor = found->get<std::int64_t>();
    if (!item.id.empty()) items.push_back(std::move(item));
  }
  return items;
}

std::int64_t quantity_of(const std::vector<Item>& items) {
  std::int64_t quantity = 0;
  for (const Item& item : items) quantity += item.quantity;
  return quantity;
}

std::vector<std::string> ids_of(const std::vector<Item>& items) {
  std::vector<std::string> ids;
  for (const Item& item : items) ids.push_back(item.id);
  return ids;
}

std::string items_json(const std::vector<Item>& items, std::string_view currency,
                       const ItemKeys& keys) {
  std::vector<std::string> list;
  for (const Item& item : items) {
    JsonObject entry;
    entry.text(keys.id, item.id).number(keys.quantity, item.quantity);
    if (item.price_minor && !currency.empty()) {
      const std::string price = major_units(*item.price_minor, currency);
      entry.raw(keys.price, keys.has_text_price ? JsonObject::quoted(price) : price);
    }
    if (!keys.name.empty()) entry.text(keys.name, item.name);
    if (!keys.category.empty()) entry.text(keys.category, item.category);
    list.push_back(entry.finish());
  }
  return list.empty() ? std::string() : json_list(list);
}

std::vector<Item> goods_of(const Dispatch& dispatch) {
  std::vector<Item> goods = items_of(dispatch);
  if (!goods.empty()) return goods;
  const Content content = content_of(dispatch);
  if (!content.id.empty()) goods.push_back({content.id, content.name, content.category, 1, {}});
  return goods;
}

Content content_of(const Dispatch& dispatch) {
  if (dispatch.conversion) return read_content(dispatch.conversion->content);
  if (dispatch.event_name == "page_view") return {};
  Content own = read_content(dispatch.props);
  if (!own.is_empty() || !dispatch.session) return own;
  return read_content(dispatch.session->last_content);
}

Origin origin_of(const TouchRow& touch) {
  Origin origin;
  const Json evidence = parsed(touch.evidence);
  origin.url = text_at(evidence, {"u"});
  origin.referrer = text_at(evidence, {"r"});
  std::array<char, kTouchArenaBytes> buffer;
  Out arena(buffer.data(), buffer.size());
  const Touch found = extract_touch(origin.url, origin.referrer, arena);
  const Json told = evidence.is_object() ? evidence.value("cm", Json::object()) : Json::object();
  constexpr std::array<const char*, 5> kFields = {"source", "medium", "campaign", "content",
                                                  "term"};
  const std::array<std::string_view, 5> values = {found.source, found.medium, found.campaign,
                                                  found.content, found.term};
  for (std::size_t i = 0; i < kFields.size(); ++i) {
    std::string value(values[i]);
    if (value.empty()) value = text_at(told, {kFields[i]});
    if (!value.empty())
      origin.tags.emplace_back(std::string("utm_") + kFields[i], std::move(value));
  }
  for (std::size_t i = 0; i < found.click_id_count; ++i)
    if (found.click_ids[i].value != kWithheldValue && !found.click_ids[i].value.empty())
      origin.tags.emplace_back(param_name(found.click_ids[i].param), found.click_ids[i].value);
  return origin;
}

bool is_web_url(std::string_view url) {
  return url.starts_with("https://") || url.starts_with("http://");
}

std::string property_of(const Dispatch& dispatch, std::initializer_list<const char*> names) {
  return text_at(parsed(dispatch.props), names);
}

}  // namespace tl::server::destinations
