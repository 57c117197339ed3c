// SPDX-License-Identifier: Apache-2.0
// When destinations hear of a sale: at once, unless what was told may be a part of one.
#include "tests/server/provider_scripts.hpp"

#include <set>

using namespace tl;
using namespace tl::server;
using namespace tl::server::test;

namespace {

// What destinations still wait for, in milliseconds from kNow; of a sale by nobody else, -1.
std::int64_t longest_wait_ms(Shop& shop) {
  std::int64_t wait_ms = -1;
  for (const auto& delivery : shop.deliveries())
    if (delivery.event_name == "purchase")
      wait_ms = std::max(wait_ms, delivery.next_attempt_ms - kNow);
  return wait_ms;
}

}  // namespace

TEST_CASE("a sale that nothing can complete is told at once", "[orders][providers]") {
  // An order of these may be paid in parts, and Razorpay alone says that it is paid.
  const std::set<std::string> in_parts = {"chargebee", "paypal", "square"};
  for (const auto& sale : sale_scripts()) {
    INFO(sale.provider);
    Shop shop;

    tell_all(shop, sale.provider, sale.told);

    CHECK(longest_wait_ms(shop) == (in_parts.contains(sale.provider) ? 15'000 : 0));
  }
}

TEST_CASE("a payment that may be a part of a sale waits for the others", "[orders][parts]") {
  Shop shop;
  const auto pay = [&](const char* payment, std::int64_t amount) {
    const json event = {
        {"id", payment},
        {"event_type", "payment_succeeded"},
        {"occurred_at", shop.store.clock.now_ms() / 1000},
        {"content",
         {{"invoice", {{"id", "inv_1"}}},
          {"transaction", {{"id", payment}, {"amount", amount}, {"currency_code", "EUR"}}}}}};
    tell_all(shop, "chargebee", {{"", event.dump(), payment}});
  };
  pay("txn_1", 800);
  CHECK(longest_wait_ms(shop) == 15'000);

  shop.store.clock.advance(6'000);
  pay("txn_2", 1200);

  CHECK(longest_wait_ms(shop) == 15'000);
  CHECK(shop.order("inv_1")->amount_minor == 2000);
}

TEST_CASE("a payment that may be a bill's waits for the bill", "[orders]") {
  Shop shop;
  shop.told(stripe_event("payment_intent.succeeded", paid_intent()));
  CHECK(longest_wait_ms(shop) == 15'000);

  shop.told(stripe_event("checkout.session.completed", paid_session()));

  CHECK(longest_wait_ms(shop) == 0);
}

TEST_CASE("a payment that carries the visit's ids waits a moment for its checkout", "[orders]") {
  Shop shop;
  auto intent = paid_intent();
  intent["metadata"] = visit_metadata();
  shop.told(stripe_event("payment_intent.succeeded", intent));
  CHECK(longest_wait_ms(shop) == 3'000);
}

TEST_CASE("evidence about the visitor does not end a payment's wait", "[orders]") {
  Shop shop;
  auto intent = paid_intent();
  intent["receipt_email"] = "jane@example.com";
  shop.told(stripe_event("payment_intent.succeeded", intent));
  auto invoice = paid_invoice("9", "manual", 900);
  invoice["parent"] = nullptr;
  invoice["metadata"] = visit_metadata();

  shop.told(stripe_event("invoice.paid", invoice));  // whose address is the same one's

  const auto conversion = shop.conversion("pi_1");
  REQUIRE(conversion);
  CHECK(conversion->match_type == MatchType::email);
  CHECK(longest_wait_ms(shop) == 15'000);
}
