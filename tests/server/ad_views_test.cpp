// SPDX-License-Identifier: Apache-2.0
// Ads that were seen: credited within their own window, counted as no visit.
#include "server/core/ingest/ad_views.hpp"

#include "server/core/attribution/conversion_path.hpp"
#include "server/core/ingest/consent_change.hpp"
#include "tests/server/month.hpp"

#include <algorithm>

using namespace tl;
using namespace tl::server;
using namespace tl::server::test;

namespace {

constexpr std::uint64_t kVisitor = 11;
constexpr std::int64_t kSale = kMonth + 5 * kDay;
constexpr KeptViews kAccepted{1, 0, 0}, kDuplicate{0, 1, 0}, kRefused{0, 0, 1};

// A visitor who clicked an ad four days before the sale.
class ViewWorld : public MonthWorld {
 public:
  ViewWorld() : MonthWorld("Europe/Prague") {
    visit(kVisitor, 1100, kSale - 4 * kDay, TrafficSource{Channel::email, "letter", "", "", "/"});
  }
  // As the visitor's newest choice; a visit grants both.
  void choose(Consent consent) {
    store.put([&](Tables& tables) {
      return tables.people().put_consent("demo", id(kVisitor), {consent, kSale + choices_++});
    });
  }
  KeptViews see(std::int64_t t_ms, const std::string& key = "view",
                std::uint64_t visitor = kVisitor) {
    return see_all({{key, id(visitor), t_ms, {{"source", "facebook"}, {"medium", "paid_social"}}}});
  }
  KeptViews see_all(const std::vector<AdView>& views) {
    TouchClassifier classifier;
    KeptViews kept;
    store.put([&](Tables& tables) -> Outcome<void> {
      TL_TRY(found, keep_views(tables, *site, classifier, views, store.clock.now_ms()));
      kept = found;
      return {};
    });
    return kept;
  }
  void buy() {
    StatedConversion stated;
    stated.kind = "purchase";
    stated.reference = "o-1";
    stated.amount_minor = 9000;
    stated.currency = "EUR";
    stated.occurred_ms = kSale;
    stated.anonymous_id = id(kVisitor);
    stated.customer.email = "jane@example.com";
    stated.digest = sha256("o-1");
    state(stated);
  }
  ConversionRow sale() {
    return *store.get([&](Tables& t) {
      return t.orders().find_conversion_of_order("demo", "api", "o-1", "purchase");
    });
  }
  // "email 4500 paid_social 4500"
  std::string credits(const std::string& model) {
    std::string text;
    for (const auto& credit :
         store.get([&](Tables& t) { return t.orders().credits_of("demo", sale().id); }))
      if (credit.model == model)
        text += (text.empty() ? "" : " ") + std::string(channel_name(credit.channel)) + " " +
                std::to_string(credit.value_minor);
    return text;
  }
  std::vector<TouchRow> touches() {
    return store.get([&](Tables& t) {
      return t.events().touches_of_visitor("demo", id(kVisitor), 0, kSale, 100);
    });
  }

 private:
  std::int64_t choices_ = 0;
};

}  // namespace

TEST_CASE("a seen ad is credited within the view window, to the millisecond", "[views]") {
  struct Case {
    std::int64_t before_ms;
    const char* linear;
  };
  for (const auto& [before_ms, linear] :
       {Case{kHour, "email 4500 paid_social 4500"}, Case{kDay, "email 4500 paid_social 4500"},
        Case{kDay + 1, "email 9000"}, Case{-1, "email 9000"}}) {
    INFO(before_ms);
    ViewWorld world;
    CHECK(world.see(kSale - before_ms) == kAccepted);
    world.buy();
    CHECK(world.credits("linear") == linear);
    CHECK(audited(world).empty());
  }
}

TEST_CASE("a click of the same moment counts where a view does not any more", "[views]") {
  ViewWorld world;
  world.see(kSale - 2 * kDay);
  world.visit(kVisitor, 1101, kSale - 2 * kDay,
              TrafficSource{Channel::referral, "blog", "", "", "/"});
  world.buy();
  CHECK(world.credits("last_touch").starts_with("email 0 referral 9000"));
  std::map<std::string, std::string> why;
  for (const auto& entry : parse_snapshot(world.sale().snapshot).entries)
    why[(entry.is_view ? "seen " : "clicked ") + std::string(channel_name(entry.channel))] =
        entry.why;
  CHECK(why == std::map<std::string, std::string>{{"clicked email", "none"},
                                                  {"clicked referral", "none"},
                                                  {"seen paid_social", "outside_lookback"}});
}

TEST_CASE("what was seen before a sale is credited also when it is told after it", "[views]") {
  ViewWorld early, late;
  early.see(kSale - kHour);
  early.buy();
  late.buy();
  CHECK(late.credits("last_touch") == "email 9000");
  late.see(kSale - kHour);
  for (const char* model : {"first_touch", "last_touch", "linear", "position_u"}) {
    INFO(model);
    CHECK(late.credits(model) == early.credits(model));
  }
  const auto sale = late.sale();
  CHECK(sale.touches == 2);
  const auto last = late.store.get(
      [&](Tables& tables) { return find_path_touch(tables, sale, sale.last_touch); });
  REQUIRE(last);
  CHECK(last->is_view);
  CHECK(audited(late).empty());
}

TEST_CASE("a view is no visit: traffic and the sessions stay what they were", "[views]") {
  ViewWorld world;
  world.see(kSale - kHour);
  world.see(kSale - 2 * kHour, "another");
  CHECK(world.touches().size() == 3);
  const auto sessions = world.store.get([&](Tables& t) {
    ListQuery all;
    all.site_id = "demo";
    return t.events().list_sessions(all);
  });
  CHECK(sessions.items.size() == 1);
  CHECK(audited(world).empty());  // which counts the traffic again from the touches
}

TEST_CASE("only who permits it is said to have seen an ad", "[views][consent]") {
  ViewWorld world;
  CHECK(world.see(kSale - kHour, "stranger", 99) == kRefused);
  for (const auto& choice :
       {Consent{Choice::denied, Choice::granted}, Consent{Choice::granted, Choice::denied},
        Consent{Choice::granted, Choice::unknown}}) {
    world.choose(choice);
    CHECK(world.see(kSale - kHour) == kRefused);
  }
  CHECK(world.touches().size() == 1);
  world.choose({Choice::granted, Choice::granted});
  CHECK(world.see(kSale - kHour) == kAccepted);
  CHECK(world.see(kSale - kHour) == kDuplicate);
  CHECK(world.see(kSale - kHour, "another") == kAccepted);
  CHECK(world.touches().size() == 3);
}

TEST_CASE("what is told of a time when storage was refused is not kept", "[views][consent]") {
  ViewWorld world;
  const auto choose_at = [&](Choice storage, std::int64_t t_ms) {
    world.store.put([&](Tables& tables) {
      return tables.people().put_consent("demo", id(kVisitor), {{storage, Choice::granted}, t_ms});
    });
  };
  choose_at(Choice::denied, kSale - 3 * kHour);
  choose_at(Choice::granted, kSale - kHour);
  CHECK(world.see(kSale - 4 * kHour) == kAccepted);
  CHECK(world.see(kSale - 3 * kHour) == kRefused);
  CHECK(world.see(kSale - kHour - 1) == kRefused);
  CHECK(world.see(kSale - kHour) == kAccepted);
}

TEST_CASE("all ads of one request are credited, in whatever order they stand", "[views]") {
  ViewWorld world;
  world.buy();
  std::vector<AdView> views;
  for (int i = 0; i < 400; ++i)
    views.push_back({std::to_string(i), id(kVisitor), kSale - i, {{"source", "facebook"}}});
  views.push_back(views.front());
  CHECK(world.see_all(views) == KeptViews{400, 1, 0});
  CHECK(world.sale().touches == 401);
  CHECK(audited(world).empty());
}

TEST_CASE("who takes marketing back has their seen ads forgotten, also of earlier sales",
          "[views][consent]") {
  for (const auto& choice :
       {Consent{Choice::granted, Choice::denied}, Consent{Choice::denied, Choice::denied}}) {
    ViewWorld before, after;
    for (auto* world : {&before, &after}) {
      world->see(kSale - kHour);
      if (world == &before) world->buy();
      world->store.put([&](Tables& tables) {
        return put_choice(tables, *world->site, id(kVisitor), {choice, kSale + 1});
      });
      if (world == &after) world->buy();
      CHECK(world->touches().size() == 1);
      CHECK(audited(*world).empty());
    }
    CHECK(before.credits("linear") == "email 9000");
    CHECK(after.credits("linear") == "email 9000");
  }
}

TEST_CASE("a seen ad is emptied at its own age, whether a visit followed or not", "[views]") {
  ViewWorld world;
  world.see(kSale - 5 * kDay, "before the visit");
  world.see(kSale - kHour, "after the last");
  world.see(kSale + kDay, "later");
  world.buy();
  const auto credits = world.credits("linear");
  const std::int64_t until_ms = kSale;
  const auto expired = [&] {
    return world.store.get([&](Tables& t) {
      return t.privacy().count_expired("demo", RetainedKind::visits, until_ms);
    });
  };
  const auto kept = [&] {
    int count = 0;
    for (const auto& touch : world.store.get([&](Tables& t) {
           return t.events().touches_of_visitor("demo", id(kVisitor), 0, kSale + kDay, 100);
         }))
      if (touch.evidence != "{}") ++count;
    return count;
  };
  CHECK(expired() == 3);
  CHECK(kept() == 4);
  int steps = 0;
  while (expired() > 0 && ++steps < 9)
    world.store.put([&](Tables& t) -> Outcome<void> {
      TL_CHECK(t.privacy().remove_expired("demo", RetainedKind::visits, until_ms, 1));
      return {};
    });
  CHECK(steps == 2);
  CHECK(kept() == 1);
  CHECK(world.credits("linear") == credits);
  CHECK(audited(world).empty());
}
