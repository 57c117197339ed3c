// SPDX-License-Identifier: Apache-2.0
// What refunds and their failures leave of an order, as steps in time.
#include "server/core/orders/order_refunds.hpp"
#include "tests/server/month.hpp"
#include "tests/server/report_desk.hpp"

using namespace tl;
using namespace tl::server;
using namespace tl::server::test;

namespace {

OrderFact refund_fact(const std::string& refund_id, std::int64_t t_ms, std::int64_t amount,
                      const std::string& status = "succeeded") {
  OrderFact fact;
  fact.kind = OrderChange::Kind::refund;
  fact.currency = "EUR";
  fact.occurred_ms = t_ms;
  if (refund_id.empty()) {
    fact.refunded_total_minor = amount;
  } else {
    fact.refund_id = refund_id;
    fact.refund_amount_minor = amount;
    fact.refund_status = status;
  }
  return fact;
}

std::string steps(const std::vector<OrderFact>& facts, std::int64_t amount = 1000) {
  return write_refund_steps(fold_refunds(facts, "EUR", amount).steps);
}

}  // namespace

TEST_CASE("refunds become steps in time, each counted once", "[reports][refunds]") {
  CHECK(steps({refund_fact("re_1", 10, 300), refund_fact("re_2", 20, 200)}) ==
        R"([[10,300,"re_1"],[20,200,"re_2"]])");
  // The cumulative total tells the same money again.
  CHECK(steps({refund_fact("re_1", 10, 300), refund_fact("", 10, 300)}) == R"([[10,300,"re_1"]])");
  CHECK(steps({refund_fact("", 9, 300), refund_fact("re_1", 10, 300)}) == R"([[9,300,""]])");
  // What a bank sent back was never refunded.
  CHECK(steps({refund_fact("re_1", 10, 300), refund_fact("re_1", 30, 300, "failed"),
               refund_fact("", 10, 300)}) == "[]");
  // A total holds a failed refund only while that was under way: not one made or failed elsewhen.
  CHECK(steps({refund_fact("", 10, 300), refund_fact("re_2", 20, 200, "failed")}) ==
        R"([[10,300,""]])");
  CHECK(steps({refund_fact("re_2", 5, 200, "pending"), refund_fact("re_2", 8, 200, "failed"),
               refund_fact("", 10, 300)}) == R"([[10,300,""]])");
  CHECK(steps({refund_fact("re_2", 5, 200, "pending"), refund_fact("", 10, 500),
               refund_fact("re_2", 20, 200, "failed")}) == R"([[10,300,""]])");
  auto made_before = refund_fact("re_2", 20, 200, "failed");
  made_before.begun_ms = 5;
  CHECK(steps({refund_fact("", 10, 500), made_before}) == R"([[10,300,""]])");
  // Never more than the order.
  CHECK(steps({refund_fact("re_1", 10, 800), refund_fact("re_2", 20, 800)}) ==
        R"([[10,800,"re_1"],[20,200,"re_2"]])");
  CHECK(steps({refund_fact("re_1", 10, 800)}, 0) == "[]");
  const auto read = read_refund_steps(R"([[10,300,"re_1"],[20,200,""]])");
  REQUIRE(read.size() == 2);
  CHECK(sum_of(read) == 500);
  CHECK(read_refund_steps("nonsense").empty());
}

TEST_CASE("a refund of a cent leaves no row of zeros, however late a touch is told",
          "[reports][refunds]") {
  MonthWorld world("Europe/Prague");
  const auto touched = [&](int day, const char* campaign) {
    const TrafficSource source{Channel::email, "letter", campaign, "", "/"};
    world.visit(1, 100 + static_cast<std::uint64_t>(day), kMonth + day * kDay, source);
  };
  for (const auto& [day, campaign] : {std::pair{1, "a"}, {2, "b"}, {3, "c"}})
    touched(day, campaign);
  const std::int64_t paid_ms = kMonth + 3 * kDay + kMinute;
  world.tell(sale_event(
      1, "checkout.session.completed",
      sale_session(1, 3331, visit_metadata(id(1), id(103), paid_ms), "one@example.com"), paid_ms));
  // Of 40/20/40 one touch loses a cent by it, and one gains one.
  world.tell(
      sale_event(1, "refund.created", sale_refund(1, "re_1", 1, "succeeded"), paid_ms + 5 * kDay));
  touched(0, "late");
  CHECK(audited(world).empty());
}
