// SPDX-License-Identifier: Apache-2.0
// What several destinations read from a Dispatch in the same way: money as JSON numbers, the
// content or items that an event is about, and the campaign tags of a touch.
#pragma once

#include "server/core/ingest/content.hpp"
#include "server/core/ports/destination.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tl::server::destinations {

// Minor units as a JSON number in major units, exactly: 4990 EUR is 49.9, 1200 JPY is 1200.
std::string major_units(std::int64_t amount_minor, std::string_view currency);

struct Money {
  std::string value;  // JSON number in major units
  std::string currency;
};
// Of the conversion or refund; of an event, what its page said in value (or price) and currency.
// None without a currency: nobody may guess it.
std::optional<Money> money_of(const Dispatch& dispatch);

// The number by which the vendor knows the sale again.
std::string transaction_id_of(const Dispatch& dispatch);

struct Item {
  std::string id, name, category;
  std::int64_t quantity = 1;
  std::optional<std::int64_t> price_minor;
};
std::vector<Item> items_of(const Dispatch& dispatch);
std::int64_t quantity_of(const std::vector<Item>& items);
std::vector<std::string> ids_of(const std::vector<Item>& items);
// What the vendor calls the parts of an item; empty: it does not know them.
struct ItemKeys {
  std::string_view id, name, category, price, quantity;
  bool has_text_price = false;  // "18.00" in quotes
};
// JSON list; empty when there are none. Prices only with a currency.
std::string items_json(const std::vector<Item>& items, std::string_view currency,
                       const ItemKeys& keys);

// Of the event's own properties, else the last content viewed in the session or before the sale.
Content content_of(const Dispatch& dispatch);
// The items bought, else the content as the one item.
std::vector<Item> goods_of(const Dispatch& dispatch);

// Where an arrival came from, as its landing URL said it.
struct Origin {
  std::string url, referrer;                              // empty: unknown
  std::vector<std::pair<std::string, std::string>> tags;  // utm_source …, gclid …; never "*"
};
Origin origin_of(const TouchRow& touch);

bool is_web_url(std::string_view url);

// A property of the page's own, as text; numbers as they were written.
std::string property_of(const Dispatch& dispatch, std::initializer_list<const char*> names);

}  // namespace tl::server::destinations
