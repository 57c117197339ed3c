// SPDX-License-Identifier: Apache-2.0
// A payment that only its provider's API tells of, while the world goes on: its notices come late,
// in any order and again, look-ups run in between, and the process is killed now and then. When the
// last one is done, the sale is worth what it is worth at the provider.
#include "server/core/orders/order_fold.hpp"
#include "tests/server/lookup_fixture.hpp"

#include <algorithm>
#include <memory>
#include <random>

using namespace tl;
using namespace tl::server;
using namespace tl::server::test;

namespace {

// What happens to a payment: at the API at once, and told by a webhook some time later.
struct Happening {
  std::function<void(Asker&)> happens, webhook;
  std::int64_t net_minor = 0;  // what the sale is worth from then on
};

void live_through(Asker& asker, const std::vector<Happening>& history, std::mt19937& random) {
  std::vector<const Happening*> told;
  std::size_t past = 0;
  while (past < history.size() || !told.empty()) {
    switch (random() % 3) {
      case 0:
        if (past == history.size()) break;
        history[past].happens(asker);
        told.insert(told.end(), 1 + random() % 2, &history[past]);
        ++past;
        break;
      case 1:
        if (told.empty()) break;
        std::swap(told[random() % told.size()], told.back());
        told.back()->webhook(asker);
        told.pop_back();
        break;
      default:
        asker.run();
    }
  }
  while (asker.waiting() > 0) asker.run();
}

template <class Make>
void require_totals(const std::string& provider, std::size_t length, Make make) {
  for (std::uint32_t seed = 0; seed < 40; ++seed) {
    INFO("seed " << seed);
    std::mt19937 random(seed);
    Asker asker(provider);
    asker.shop.mortal.is_killed = [&random] { return random() % 8 == 0; };
    std::vector<Happening> history = make(asker);
    REQUIRE(history.size() == length);
    history.resize(1 + random() % length);
    live_through(asker, history, random);
    const auto orders = asker.orders();
    REQUIRE(orders.size() == 1);
    CHECK(net_minor(orders.front()) == history.back().net_minor);
    std::int64_t ledger = 0;
    for (const auto& change : asker.shop.store.get([&](Tables& t) {
           return t.orders().changes_of("demo", provider, orders.front().order_id);
         }))
      ledger += change.delta_minor;
    CHECK(ledger == history.back().net_minor);
    CHECK(asker.shop.told_back(orders.front()) <= 2500);
    CHECK(asker.shop.conversions().size() <= 1);
  }
}

}  // namespace

TEST_CASE("a direct debit's whole life ends in its totals", "[lookup][gocardless][shuffle]") {
  struct Step {
    const char *action, *status;
    std::int64_t net_minor;
  };
  const std::vector<Step> life = {{"confirmed", "confirmed", 2500},
                                  {"paid_out", "paid_out", 2500},
                                  {"failed", "failed", 0},
                                  {"late_failure_settled", "failed", 0},
                                  {"resubmission_requested", "pending_submission", 0},
                                  {"confirmed", "confirmed", 2500},
                                  {"failed", "failed", 0},
                                  {"resubmission_requested", "pending_submission", 0},
                                  {"confirmed", "confirmed", 2500},
                                  {"charged_back", "charged_back", 0},
                                  {"chargeback_cancelled", "paid_out", 2500},
                                  {"charged_back", "charged_back", 0}};
  require_totals("gocardless", life.size(), [&life](Asker& asker) {
    auto debit = std::make_shared<DebitHistory>(asker);
    std::vector<Happening> history;
    for (const Step& step : life) {
      auto event = std::make_shared<json>();
      history.push_back({[=](Asker&) { *event = debit->happens(step.action, step.status); },
                         [=](Asker& told) { told.tell_signed(gocardless_events({*event})); },
                         step.net_minor});
    }
    return history;
  });
}

TEST_CASE("a payment's whole life at Mollie ends in its totals", "[lookup][mollie][shuffle]") {
  json paid = mollie_payment(), queued = paid, refunded = paid, charged_back = paid;
  queued["_embedded"]["refunds"] = json::array({mollie_refund("re_1", "5.00", "queued")});
  refunded["_embedded"]["refunds"] = json::array({mollie_refund("re_1", "5.00", "refunded")});
  charged_back["_embedded"]["refunds"] = refunded["_embedded"]["refunds"];
  const json chargeback = {{"id", "chb_1"},
                           {"amount", {{"currency", "EUR"}, {"value", "20.00"}}},
                           {"createdAt", "2026-09-23T10:00:00+00:00"}};
  charged_back["_embedded"]["chargebacks"] = json::array({chargeback});
  json reversed = charged_back;
  reversed["_embedded"]["chargebacks"][0]["reversedAt"] = "2026-09-24T10:00:00+00:00";
  const std::vector<std::pair<json, std::int64_t>> life = {
      {mollie_payment("open"), 0}, {paid, 2500},    {queued, 2500}, {refunded, 2000},
      {charged_back, 0},           {reversed, 2000}};
  require_totals("mollie", life.size(), [&life](Asker&) {
    std::vector<Happening> history;
    for (const auto& step : life)
      history.push_back({[&step](Asker& asker) { asker.client.objects[kMolliePath] = step.first; },
                         [](Asker& asker) { asker.tell(kMollieNotice, {}); }, step.second});
    return history;
  });
}
