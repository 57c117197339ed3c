// SPDX-License-Identifier: Apache-2.0
// The sales of provider_scripts.hpp as the providers' own lists show them afterwards, and a client
// that answers with such lists.
#pragma once

#include "tests/server/provider_scripts.hpp"

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace tl::server::test {

using Lists = std::map<std::string, std::vector<json>>;  // path -> items

inline std::string id_text(const json& item) {
  const json& id = item["id"];
  return id.is_string() ? id.get<std::string>() : id.dump();
}

// A page as that provider writes it.
inline json page_of(const std::string& provider, const std::string& path,
                    const std::vector<json>& items, bool has_more) {
  const json list(items);
  const std::string cursor = has_more ? "cursor of " + id_text(items.back()) : std::string();
  const auto with_cursor = [&](json page, const char* name) {
    if (has_more) page[name] = cursor;
    return page;
  };
  if (provider == "gumroad")
    return with_cursor({{"success", true}, {"sales", list}}, "next_page_key");
  if (provider == "razorpay") return {{"entity", "collection"}, {"items", list}};
  if (provider == "square")
    return items.empty() ? json::object()
                         : with_cursor({{path.substr(path.rfind('/') + 1), list}}, "cursor");
  if (provider == "chargebee") {
    json events = json::array();
    for (const auto& item : items) events.push_back({{"event", item}});
    return with_cursor({{"list", events}}, "next_offset");
  }
  if (provider == "whop")
    return {
        {"data", list},
        {"page_info",
         {{"end_cursor", has_more ? json(cursor) : json(nullptr)}, {"has_next_page", has_more}}}};
  if (provider == "polar") return {{"items", list}};
  if (provider == "shopify") return {{"orders", list}};
  if (provider == "paddle")
    return {{"data", list}, {"meta", {{"pagination", {{"has_more", has_more}}}}}};
  if (provider == "lemonsqueezy") return {{"data", list}};
  if (provider == "woocommerce" || provider == "donorbox") return list;
  return {{"object", "list"}, {"data", list}, {"has_more", has_more}};
}

inline OutgoingAnswer answered_with(int status, std::string body) {
  OutgoingAnswer answer;
  answer.reached = OutgoingAnswer::Reached::answered;
  answer.status = status;
  answer.body = std::move(body);
  return answer;
}

// One item a page: what comes after the item that the request names, or at its page's number.
class ListingProvider : public HttpClient {
 public:
  ListingProvider(std::string provider, Lists lists)
      : provider_(std::move(provider)), lists_(std::move(lists)) {}

  OutgoingAnswer send(const OutgoingRequest& request) override {
    sent.push_back(request);
    if (trouble) {
      auto answer = trouble(request);
      if (answer.reached != OutgoingAnswer::Reached::answered || answer.status != 200)
        return answer;
    }
    const auto question = request.url.find('?');
    const auto host_end = request.url.find('/', request.url.find("//") + 2);
    const std::string path = request.url.substr(host_end, question - host_end);
    const auto& items = lists_[path];
    std::size_t first = 0;
    const std::string query = "&" + request.url.substr(question + 1);
    for (const std::string parameter :
         {"&page=", "&page%5Bnumber%5D=", "&skip=", "&starting_after=", "&after=", "&since_id=",
          "&page_key=", "&cursor=", "&offset="}) {
      const auto at = query.find(parameter);
      if (at == query.npos) continue;
      const std::string value = query.substr(at + parameter.size());
      // Gumroad asks for a day by the name that GoCardless has for a page.
      if (parameter == "&after=" && provider_ == "gumroad") continue;
      if (parameter == "&skip=") {
        first = std::stoul(value);
        continue;
      }
      if (parameter == "&page=" || parameter.starts_with("&page%")) {
        first = std::stoul(value) - 1;
        continue;
      }
      for (std::size_t i = 0; i < items.size(); ++i)
        if (value.ends_with(id_text(items[i]))) first = i + 1;
    }
    if (first >= items.size())
      return answered_with(200, page_of(provider_, path, {}, false).dump());
    return answered_with(200,
                         page_of(provider_, path, {items[first]}, first + 1 < items.size()).dump());
  }

  std::vector<OutgoingRequest> sent;
  std::function<OutgoingAnswer(const OutgoingRequest&)> trouble;  // status 200: none

 private:
  std::string provider_;
  Lists lists_;
};

inline json parsed(const Told& told) {
  return json::parse(told.body);
}

// What is left of a scripted sale in the lists; empty for a provider without any.
inline Lists lists_of(const SaleScript& sale) {
  const auto data = [&](std::size_t index) { return parsed(sale.told.at(index))["data"]; };
  if (sale.provider == "whop") {
    json payment = data(1);
    payment["status"] = "paid";
    return {{"/api/v1/payments", {payment}},
            {"/api/v1/refunds", {data(4), data(5)}},
            {"/api/v1/disputes", {data(6)}}};
  }
  if (sale.provider == "polar") return {{"/v1/orders/", {data(5)}}};
  if (sale.provider == "shopify") {
    json order = parsed(sale.told[1]);
    order["refunds"] = {parsed(sale.told[4]), parsed(sale.told[5]), parsed(sale.told[6])};
    return {{"/admin/api/2026-07/orders.json", {order}}};
  }
  if (sale.provider == "paddle") {
    json transaction = data(1);
    transaction["status"] = "completed";
    return {{"/transactions", {transaction}},
            {"/adjustments", {data(4), data(5), data(6), data(7)}}};
  }
  if (sale.provider == "lemonsqueezy")
    return {{"/v1/orders", {data(3)}}, {"/v1/subscription-invoices", {data(1)}}};
  if (sale.provider == "woocommerce")
    return {{"/wp-json/wc/v3/orders", {parsed(sale.told.back())}}};
  if (sale.provider == "gumroad")
    return {{"/v2/sales",
             {{{"id", "s_1"},
               {"price", 2500},
               {"currency_symbol", "€"},
               {"purchase_email", "jane@example.com"},
               {"created_at", "2026-09-21T14:13:20Z"},
               {"refunded", true},
               {"disputed", true},
               {"dispute_won", true}}}}};
  const auto with_status = [](json item, const char* status) {
    item["status"] = status;
    return item;
  };
  if (sale.provider == "paystack")
    return {{"/transaction", {with_status(data(0), "success")}},
            {"/dispute", {with_status(data(3), "resolved")}}};
  if (sale.provider == "razorpay") {
    const auto entity = [&](std::size_t index, const char* kind) {
      return parsed(sale.told.at(index))["payload"][kind]["entity"];
    };
    return {{"/v1/payments", {with_status(entity(1, "payment"), "captured")}},
            {"/v1/refunds", {with_status(entity(5, "refund"), "processed")}},
            {"/v1/disputes", {entity(6, "dispute")}}};
  }
  if (sale.provider == "square")
    return {{"/v2/payments", {data(2)["object"]["payment"]}},
            {"/v2/refunds", {data(4)["object"]["refund"]}}};
  if (sale.provider == "chargebee")
    return {{"/api/v2/events", {parsed(sale.told[0]), parsed(sale.told[1]), parsed(sale.told[2])}}};
  if (sale.provider == "donorbox") return {{"/api/v1/donations", {parsed(sale.told.back())[0]}}};
  return {};
}

}  // namespace tl::server::test
