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

// A page as that provider writes it.
inline json page_of(const std::string& provider, const std::vector<json>& items, bool has_more) {
  const json list(items);
  if (provider == "whop")
    return {{"data", list},
            {"page_info",
             {{"end_cursor", has_more ? json("cursor of " + items.back()["id"].get<std::string>())
                                      : json(nullptr)},
              {"has_next_page", has_more}}}};
  if (provider == "polar") return {{"items", list}};
  if (provider == "shopify") return {{"orders", list}};
  if (provider == "paddle")
    return {{"data", list}, {"meta", {{"pagination", {{"has_more", has_more}}}}}};
  if (provider == "lemonsqueezy") return {{"data", list}};
  if (provider == "woocommerce") return list;
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
    const auto& items = lists_[request.url.substr(host_end, question - host_end)];
    std::size_t first = 0;
    const std::string query = "&" + request.url.substr(question + 1);
    for (const std::string parameter :
         {"&page=", "&page%5Bnumber%5D=", "&starting_after=", "&after=", "&since_id="}) {
      const auto at = query.find(parameter);
      if (at == query.npos) continue;
      const std::string value = query.substr(at + parameter.size());
      if (parameter.starts_with("&page")) {
        first = std::stoul(value) - 1;
        continue;
      }
      for (std::size_t i = 0; i < items.size(); ++i) {
        const json& id = items[i]["id"];
        const std::string text = id.is_string() ? id.get<std::string>() : id.dump();
        if (value.ends_with(text)) first = i + 1;
      }
    }
    if (first >= items.size()) return answered_with(200, page_of(provider_, {}, false).dump());
    return answered_with(200, page_of(provider_, {items[first]}, first + 1 < items.size()).dump());
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
  return {};
}

}  // namespace tl::server::test
