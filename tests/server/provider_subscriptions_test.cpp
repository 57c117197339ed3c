// SPDX-License-Identifier: Apache-2.0
// Which payment of a subscription is its first and which renew it, by what each provider tells, in
// whatever order it tells it.
#include "server/core/text/rfc3339.hpp"
#include "tests/server/provider_scripts.hpp"

#include <algorithm>
#include <map>

using namespace tl;
using namespace tl::server;
using namespace tl::server::test;

namespace {

// `minutes` after the visit.
std::string time_text(int minutes) {
  return write_rfc3339(kNow + minutes * kMinute);
}

using Roles = std::map<std::string, SubscriptionRole>;

// The role of each order's conversion, the same whichever came first.
void check_roles(const std::string& provider, std::vector<Told> told, const Roles& roles) {
  std::sort(told.begin(), told.end(), [](const Told& a, const Told& b) { return a.key < b.key; });
  do {
    Shop shop;
    tell_all(shop, provider, told);
    for (const auto& [order, role] : roles) {
      INFO(provider << " " << order << ", told first: " << told.front().key);
      const auto conversion = shop.conversion(order);
      REQUIRE(conversion);
      CHECK(conversion->subscription == role);
    }
    CHECK(shop.conversions().size() == roles.size());
  } while (std::next_permutation(told.begin(), told.end(),
                                 [](const Told& a, const Told& b) { return a.key < b.key; }));
}

Told lemon_event(const std::string& key, const char* name, const char* type, const char* number,
                 json attributes) {
  attributes.update({{"currency", "EUR"}, {"customer_id", 5}, {"user_email", "jane@example.com"}});
  return {"",
          json{{"meta", {{"event_name", name}, {"custom_data", visit_metadata()}}},
               {"data", {{"type", type}, {"id", number}, {"attributes", attributes}}}}
              .dump(),
          key};
}

std::vector<Told> lemon_subscription(std::int64_t first_minor) {
  const auto invoice = [](const char* key, const char* number, const char* reason, int minutes,
                          std::int64_t total) {
    return lemon_event(key, "subscription_payment_success", "subscription-invoices", number,
                       {{"billing_reason", reason},
                        {"status", "paid"},
                        {"subscription_id", 77},
                        {"total", total},
                        {"created_at", time_text(minutes)}});
  };
  return {lemon_event("1", "order_created", "orders", "600",
                      {{"status", "paid"}, {"total", first_minor}, {"created_at", time_text(0)}}),
          lemon_event("2", "subscription_created", "subscriptions", "77",
                      {{"order_id", 600}, {"status", "active"}, {"created_at", time_text(0)}}),
          invoice("3", "700", "initial", 0, first_minor), invoice("4", "701", "renewal", 10, 900),
          invoice("5", "702", "renewal", 20, 900)};
}

}  // namespace

TEST_CASE("Lemon Squeezy: the order begins the subscription that is created beside it",
          "[providers][subscriptions]") {
  check_roles("lemonsqueezy", lemon_subscription(900),
              {{"600", SubscriptionRole::first},
               {"subscription-invoices/701", SubscriptionRole::renewal},
               {"subscription-invoices/702", SubscriptionRole::renewal}});
}

TEST_CASE("Lemon Squeezy: after a trial the first real charge is the first payment",
          "[providers][subscriptions]") {
  check_roles("lemonsqueezy", lemon_subscription(0),
              {{"600", SubscriptionRole::none},
               {"subscription-invoices/701", SubscriptionRole::first},
               {"subscription-invoices/702", SubscriptionRole::renewal}});
}
