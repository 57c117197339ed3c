// SPDX-License-Identifier: Apache-2.0
// Who is one person: several browsers and contacts, joined by what is signed, whatever the order in
// which it is told; credits follow.
#include "server/core/attribution/conversion_path.hpp"
#include "server/core/attribution/late_evidence.hpp"
#include "server/core/ingest/consent_change.hpp"
#include "server/core/people/person_view.hpp"
#include "server/core/reports/audit.hpp"
#include "server/http/conversion_json.hpp"
#include "tests/server/month.hpp"

#include <algorithm>
#include <sstream>

using namespace tl;
using namespace tl::server;
using namespace tl::server::test;

namespace {

constexpr std::uint64_t kPhone = 11, kLaptop = 12, kTablet = 13;

ContactRef email(const std::string& text) {
  return {ContactKind::email, *contact_hash(ContactKind::email, text, "")};
}

// A site whose visitors come by one touch each: the phone by paid_social, the laptop by email, the
// tablet by referral.
class PeopleWorld : public MonthWorld {
 public:
  PeopleWorld() : MonthWorld("Europe/Prague") {}

  void visit_on(std::uint64_t device, std::int64_t t_ms, Channel channel,
                const std::string& event = "page_view") {
    visit(device, device * 100 + static_cast<std::uint64_t>(t_ms / kHour % 50), t_ms,
          TrafficSource{channel, "source", "campaign", "", "/"}, event);
  }
  // The milestones of each touch, as the answer of an order's why has them.
  std::string stages(const std::string& order_id) {
    const auto row = conversion(order_id);
    const auto details = store.get([&](Tables& t) { return http::conversion_details(t, row); });
    auto told = nlohmann::ordered_json::array();
    for (const auto& touch : details["why"]["path"]) told.push_back(touch["stages"]);
    return told.dump();
  }
  void visit_all() {
    visit_on(kPhone, kMonth, Channel::paid_social);
    visit_on(kLaptop, kMonth + kDay, Channel::email);
    visit_on(kTablet, kMonth + 2 * kDay, Channel::referral);
  }
  void claim(std::uint64_t device, const ContactRef& contact, bool is_signed = false) {
    ContactClaim said;
    said.kind = contact.kind;
    said.hash = contact.hash;
    said.anonymous_id = id(device);
    said.verified = is_signed;
    said.source = is_signed ? "identify_signed" : "identify";
    said.t_ms = kMonth + kHour + static_cast<std::int64_t>(device);
    store.put([&](Tables& tables) { return keep_claim(tables, *site, said, kMonth); });
  }
  void buy(const std::string& reference, const std::string& email,
           std::optional<std::uint64_t> device, std::int64_t t_ms = kMonth + 3 * kDay,
           const std::string& phone = "", const std::string& kind = "purchase",
           const std::string& user_id = "") {
    StatedConversion stated;
    stated.kind = kind;
    stated.reference = reference;
    stated.amount_minor = 9000;
    stated.currency = "EUR";
    stated.occurred_ms = t_ms;
    if (device) stated.anonymous_id = id(*device);
    stated.customer.email = email;
    stated.customer.phone = phone;
    stated.user_id = user_id;
    stated.digest = sha256(reference);
    state(stated);
  }
  void cut(std::uint64_t device, const ContactRef& contact) {
    store.put([&](Tables& tables) { return cut_tie(tables, *site, contact, id(device), kMonth); });
  }
  void join(std::uint64_t device, const ContactRef& contact) {
    store.put([&](Tables& tables) { return join_tie(tables, *site, contact, id(device), kMonth); });
  }
  void consent(std::uint64_t device, Choice storage, std::int64_t t_ms) {
    store.put([&](Tables& tables) {
      return put_choice(tables, *site, id(device), {{storage, storage}, t_ms});
    });
  }

  ConversionRow conversion(const std::string& reference, const std::string& kind = "purchase") {
    return *store.get([&](Tables& t) {
      return t.orders().find_conversion_of_order("demo", "api", reference, kind);
    });
  }
  // The devices whose touches are on the path: "phone laptop".
  std::string path(const std::string& reference, const std::string& kind = "purchase") {
    std::string names;
    for (const auto& entry : parse_snapshot(conversion(reference, kind).snapshot).entries) {
      if (entry.why != "none") continue;
      if (!names.empty()) names += " ";
      names += entry.channel == Channel::paid_social ? "phone"
               : entry.channel == Channel::email     ? "laptop"
                                                     : "tablet";
    }
    return names;
  }
  std::string linear(const std::string& reference) { return credits(reference, "linear"); }
  std::string credits(const std::string& reference, const std::string& model) {
    std::string text;
    for (const auto& credit : store.get(
             [&](Tables& t) { return t.orders().credits_of("demo", conversion(reference).id); }))
      if (credit.model == model)
        text += std::to_string(static_cast<int>(credit.channel)) + ":" +
                std::to_string(credit.value_minor) + " ";
    return text;
  }
  // The purchases that won a customer, in the order of their time.
  std::string winners() {
    const auto list = store.get([](Tables& t) {
      return t.orders().list_conversions({"demo", {}, {}, 1000, {}});
    });
    std::string orders;
    for (auto row = list.items.rbegin(); row != list.items.rend(); ++row)
      if (row->is_new_customer) orders += (orders.empty() ? "" : " ") + row->order_id;
    return orders;
  }
  // What the reports count.
  std::int64_t new_customers() {
    std::int64_t micro = 0;
    for (const auto& day :
         store.get([](Tables& t) { return t.rollups().credits("demo", "linear", 0, 99991231); }))
      micro += day.new_customers_micro;
    return micro / 1'000'000;
  }
  std::vector<std::string> audited() {
    TempFolder folder;
    require_ok(store->copy_to(folder.file("copy.db")));
    const auto copy = value_of(open_store("sqlite:" + folder.file("copy.db"), store.box, kNow));
    return value_of(audit(*copy, {site}, 5, kNow, {}));
  }
  void require_audit_finds_nothing() {
    const auto lines = audited();
    for (const auto& line : lines) UNSCOPED_INFO(line);
    REQUIRE(lines.empty());
  }
  // What people are, as text: every conversion's path, credits and keys, and the day rollups.
  std::string rows() {
    std::ostringstream text;
    auto list = store.get([](Tables& t) {
      return t.orders().list_conversions({"demo", {}, {}, 1000, {}});
    });
    for (const auto& row : list.items) {
      text << row.order_id << ' ' << static_cast<int>(row.match_type) << ' ' << row.is_new_customer
           << ' ' << row.snapshot << '\n';
      for (const auto& credit :
           store.get([&](Tables& t) { return t.orders().credits_of("demo", row.id); }))
        text << credit.model << credit.position << ' ' << static_cast<int>(credit.channel) << ' '
             << credit.value_minor << '\n';
    }
    for (const auto& day :
         store.get([](Tables& t) { return t.rollups().credits("demo", "linear", 0, 99991231); }))
      text << day.day << ' ' << static_cast<int>(day.source.channel) << ' ' << day.money.value_minor
           << ' ' << day.conversions_micro << '\n';
    return text.str();
  }
};

}  // namespace

TEST_CASE("a phone and a laptop become one path when the signed order arrives", "[people]") {
  PeopleWorld world;
  world.visit_all();
  world.claim(kPhone, email("jane@shop.example"));
  world.claim(kLaptop, email("jane@shop.example"));
  // Nothing is proven yet: a trial that the phone began is the phone's alone.
  world.visit_on(kPhone, kMonth + 2 * kDay + kHour, Channel::paid_social, "trial_started");
  CHECK(world.store.get([](Tables& t) {
                     return find_person(t, "demo", {id(kPhone), {}});
                   })
            .ids.size() == 1);

  world.buy("o-1", "jane@shop.example", std::nullopt);

  CHECK(world.path("o-1") == "phone laptop phone");
  const auto person = world.store.get([](Tables& t) {
    return find_person(t, "demo", {id(kPhone), {}});
  });
  CHECK(person.ids == std::vector{id(kPhone), id(kLaptop)});
  CHECK(world.conversion("o-1").match_type == MatchType::email);
  world.require_audit_finds_nothing();
}

TEST_CASE("a merge restates the conversions made before it", "[people]") {
  PeopleWorld world;
  world.visit_all();
  world.buy("o-1", "jane@shop.example", kLaptop);
  CHECK(world.path("o-1") == "laptop");
  const std::string alone = world.linear("o-1");

  world.claim(kPhone, email("jane@shop.example"));
  CHECK(world.path("o-1") == "phone laptop");
  CHECK(world.linear("o-1") != alone);
  // The tablet's lead proves a phone number that the next order has too.
  world.buy("l-1", "", kTablet, kMonth + 3 * kDay, "+420777123456", "lead");
  CHECK(world.path("o-1") == "phone laptop");
  world.buy("o-2", "jane@shop.example", kLaptop, kMonth + 4 * kDay, "+420777123456");

  CHECK(world.path("o-1") == "phone laptop tablet");
  CHECK(world.path("o-2") == "phone laptop tablet");
  CHECK(world.path("l-1", "lead") == "phone laptop tablet");
  world.require_audit_finds_nothing();
}

TEST_CASE("what browsers claim joins nobody by itself", "[people]") {
  PeopleWorld world;
  world.visit_all();
  world.claim(kPhone, email("jane@shop.example"));
  world.claim(kLaptop, email("jane@shop.example"));
  world.buy("o-1", "", kLaptop);
  CHECK(world.path("o-1") == "laptop");

  // The tablet claims the addresses of two proven buyers: it counts for both, and joins them not.
  PeopleWorld other;
  other.visit_all();
  other.buy("o-1", "jane@shop.example", kPhone);
  other.buy("o-2", "john@shop.example", kLaptop);
  other.claim(kTablet, email("jane@shop.example"));
  other.claim(kTablet, email("john@shop.example"));
  CHECK(other.path("o-1") == "phone tablet");
  CHECK(other.path("o-2") == "laptop tablet");
  const auto tablet = other.store.get([](Tables& t) {
    return find_person(t, "demo", {id(kTablet), {}});
  });
  CHECK(tablet.is_ambiguous);
  CHECK(tablet.ids == std::vector{id(kTablet)});
  other.require_audit_finds_nothing();
}

TEST_CASE("a user id joins browsers only where it is signed", "[people]") {
  PeopleWorld world;
  world.visit_all();
  const ContactRef user{ContactKind::user_id, *contact_hash(ContactKind::user_id, "17", "")};
  world.claim(kPhone, user);
  world.claim(kLaptop, user, /*is_signed=*/true);
  world.buy("o-1", "", kLaptop);
  CHECK(world.path("o-1") == "laptop");
  world.claim(kPhone, user, /*is_signed=*/true);
  CHECK(world.path("o-1") == "phone laptop");
  world.require_audit_finds_nothing();
}

TEST_CASE("a signed e-mail address joins the browsers that claim it", "[people]") {
  PeopleWorld world;
  world.visit_all();
  world.claim(kPhone, email("jane@shop.example"));
  world.claim(kLaptop, email("jane@shop.example"));
  world.buy("o-1", "", kPhone);
  CHECK(world.path("o-1") == "phone");
  world.claim(kLaptop, email("jane@shop.example"), /*is_signed=*/true);
  CHECK(world.path("o-1") == "phone laptop");
  world.require_audit_finds_nothing();
}

TEST_CASE("a person is one new customer, whatever their purchases are known by", "[people]") {
  PeopleWorld world;
  world.visit_all();
  world.claim(kPhone, email("jane@shop.example"));
  world.buy("o-1", "", kPhone, kMonth + 3 * kDay);
  world.buy("o-2", "", kLaptop, kMonth + 4 * kDay);
  CHECK(world.winners() == "o-1 o-2");
  world.claim(kLaptop, email("jane@shop.example"));
  CHECK(world.winners() == "o-1 o-2");  // nobody is proven to be Jane

  world.buy("o-3", "jane@shop.example", std::nullopt, kMonth + 5 * kDay);

  CHECK(world.winners() == "o-1");
  CHECK(world.new_customers() == 1);
  world.require_audit_finds_nothing();

  world.cut(kLaptop, email("jane@shop.example"));
  CHECK(world.winners() == "o-1 o-2");
  world.cut(kPhone, email("jane@shop.example"));
  CHECK(world.winners() == "o-1 o-2 o-3");
  CHECK(world.new_customers() == 3);
  world.require_audit_finds_nothing();
  world.join(kPhone, email("jane@shop.example"));
  world.join(kLaptop, email("jane@shop.example"));
  CHECK(world.winners() == "o-1");
  world.require_audit_finds_nothing();
}

TEST_CASE("purchases by e-mail, by user id and by both are one new customer in any order",
          "[people]") {
  std::vector<int> order = {0, 1, 2};
  do {
    PeopleWorld world;
    for (const int at : order) {
      const std::string number = std::to_string(at + 1);
      world.buy("c-" + number, at < 2 ? "jane@shop.example" : "", std::nullopt,
                kMonth + (at + 3) * kDay, "", "purchase", at > 0 ? "u-7" : "");
    }
    INFO(order[0] << order[1] << order[2]);
    CHECK(world.winners() == "c-1");
    CHECK(world.new_customers() == 1);
    world.require_audit_finds_nothing();
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST_CASE("an address that many buy with makes them not one customer", "[people]") {
  PeopleWorld world;
  std::string all;
  for (int buyer = 0; buyer < 20; ++buyer) {
    const std::string number = std::to_string(100 + buyer);
    world.buy("o-" + number, "info@shop.example", std::nullopt, kMonth + buyer * kHour,
              "+420777123" + number);
    all += (all.empty() ? "o-" : " o-") + number;
  }
  CHECK(world.winners() == all);
  world.require_audit_finds_nothing();
}

TEST_CASE("the same evidence in any order makes the same people", "[people][shuffle]") {
  using Step = std::function<void(PeopleWorld&)>;
  const std::vector<Step> script = {
      [](PeopleWorld& w) { w.visit_on(kPhone, kMonth, Channel::paid_social); },
      [](PeopleWorld& w) { w.visit_on(kLaptop, kMonth + kDay, Channel::email); },
      [](PeopleWorld& w) { w.visit_on(kTablet, kMonth + 2 * kDay, Channel::referral); },
      [](PeopleWorld& w) { w.claim(kPhone, email("jane@shop.example")); },
      [](PeopleWorld& w) { w.claim(kTablet, email("john@shop.example")); },
      [](PeopleWorld& w) { w.claim(kTablet, email("jane@shop.example")); },
      [](PeopleWorld& w) { w.buy("o-1", "jane@shop.example", kLaptop); },
      [](PeopleWorld& w) { w.buy("o-2", "john@shop.example", std::nullopt, kMonth + 4 * kDay); },
      [](PeopleWorld& w) {
        w.buy("l-1", "john@shop.example", std::nullopt, kMonth + 3 * kDay, "+420777123456", "lead");
      },
      [](PeopleWorld& w) { w.buy("o-3", "", kPhone, kMonth + 5 * kDay, "+420777123456"); }};
  const auto told = [&](std::uint32_t seed) {
    std::vector<Step> steps = script;
    std::mt19937 random(seed);
    if (seed != 0) {
      steps.push_back(script[random() % script.size()]);  // something is said twice
      std::shuffle(steps.begin(), steps.end(), random);
    }
    const auto world = std::make_unique<PeopleWorld>();
    for (const auto& step : steps) step(*world);
    if (seed % 50 == 0) world->require_audit_finds_nothing();
    return world->rows();
  };
  const std::string expected = told(0);
  for (std::uint32_t seed = 1; seed <= 200; ++seed) {
    INFO("shuffle " << seed);
    REQUIRE(told(seed) == expected);
  }
}

TEST_CASE("cutting a tie restores the earlier credits exactly", "[people][undo]") {
  PeopleWorld world;
  world.visit_all();
  world.buy("o-1", "jane@shop.example", kLaptop);
  world.buy("o-2", "john@shop.example", kTablet);
  const std::string apart = world.rows();
  world.claim(kPhone, email("jane@shop.example"));
  world.claim(kTablet, email("jane@shop.example"), /*is_signed=*/true);
  REQUIRE(world.path("o-2") == "phone laptop tablet");
  const std::string joined = world.rows();

  world.cut(kTablet, email("jane@shop.example"));
  CHECK(world.path("o-1") == "phone laptop");
  CHECK(world.path("o-2") == "tablet");
  world.cut(kPhone, email("jane@shop.example"));
  CHECK(world.rows() == apart);
  // Saying it again does not tie it again.
  world.claim(kPhone, email("jane@shop.example"));
  world.buy("o-1", "jane@shop.example", kLaptop);
  CHECK(world.rows() == apart);
  world.require_audit_finds_nothing();

  world.join(kPhone, email("jane@shop.example"));
  world.join(kTablet, email("jane@shop.example"));
  CHECK(world.rows() == joined);
  world.require_audit_finds_nothing();
}

TEST_CASE("what an order itself says of its visitor can be cut", "[people][undo]") {
  PeopleWorld world;
  world.visit_all();
  world.claim(kPhone, email("jane@shop.example"));
  world.buy("o-1", "jane@shop.example", kLaptop);
  world.cut(kLaptop, email("jane@shop.example"));
  CHECK(world.path("o-1") == "laptop");
  world.require_audit_finds_nothing();
}

TEST_CASE("a buyer whose only tie is cut still shows the way back", "[people][undo]") {
  PeopleWorld world;
  world.visit_all();
  world.claim(kPhone, email("jane@shop.example"));
  world.buy("o-1", "jane@shop.example", std::nullopt);
  const auto ties = [&] {
    return world.store.get([&](Tables& tables) -> Outcome<PersonTies> {
      TL_TRY(person, person_of(tables, world.conversion("o-1")));
      return view_ties(tables, "demo", person);
    });
  };
  REQUIRE(ties().shown.size() == 1);
  CHECK(ties().shown[0].state == TieState::joined);
  world.cut(kPhone, email("jane@shop.example"));
  REQUIRE(ties().shown.size() == 1);
  CHECK(ties().shown[0].state == TieState::cut);
  CHECK(ties().shown[0].anonymous_id == id(kPhone));
  CHECK_FALSE(ties().has_more);

  // Of what too many share only the own ties are listed, and that there are others.
  for (std::uint64_t till = 100; till < 100 + 2 * kMostTies; ++till)
    world.claim(till, email("jane@shop.example"));
  CHECK(ties().has_more);
  CHECK(ties().shown.size() == 1);
}

TEST_CASE("a tie that nobody said cannot be cut", "[people][undo]") {
  PeopleWorld world;
  const auto cut = world.store->write([&](Tables& tables) {
    return cut_tie(tables, *world.site, email("jane@shop.example"), id(kPhone), kMonth);
  });
  REQUIRE_FALSE(cut.ok());
  CHECK(cut.error().code == "unknown_tie");
}

TEST_CASE("an id that withdraws leaves the paths of the person's others", "[people][consent]") {
  PeopleWorld world;
  world.visit_all();
  world.claim(kPhone, email("jane@shop.example"));
  world.buy("o-1", "jane@shop.example", kLaptop);
  REQUIRE(world.path("o-1") == "phone laptop");
  const std::string joined = world.linear("o-1");

  world.consent(kPhone, Choice::denied, kMonth + 5 * kDay);
  CHECK(world.path("o-1") == "laptop");
  world.require_audit_finds_nothing();
  // What the phone claimed went with its consent: a new yes does not join it, saying it again does.
  world.consent(kPhone, Choice::granted, kMonth + 6 * kDay);
  CHECK(world.path("o-1") == "laptop");
  world.require_audit_finds_nothing();
  world.claim(kPhone, email("jane@shop.example"));
  CHECK(world.linear("o-1") == joined);
  // The buyer's own browser keeps its path, alone.
  world.consent(kLaptop, Choice::denied, kMonth + 7 * kDay);
  CHECK(world.path("o-1") == "phone laptop");
  world.require_audit_finds_nothing();
}

TEST_CASE("what is bought while storage is refused is nobody's, before and after a new yes",
          "[people][consent]") {
  PeopleWorld world;
  world.visit_all();
  world.claim(kPhone, email("jane@shop.example"));
  const std::int64_t refused = kMonth + 5 * kDay, granted = refused + 2 * kDay;
  world.consent(kLaptop, Choice::denied, refused);
  world.buy("before", "jane@shop.example", kLaptop, refused - 1);
  world.buy("while", "jane@shop.example", kLaptop, refused + kDay);
  world.buy("late", "jane@shop.example", kLaptop, granted);

  CHECK(world.conversion("before").match_type == MatchType::anonymous_id);
  for (const char* order : {"while", "late"}) {
    INFO(order);
    CHECK(world.conversion(order).match_type == MatchType::none);
    CHECK_FALSE(world.conversion(order).anonymous_id);
    CHECK(world.path(order).empty());
    CHECK(parse_snapshot(world.conversion(order).snapshot).handover == "withheld");
  }
  world.require_audit_finds_nothing();

  world.consent(kLaptop, Choice::granted, granted);
  CHECK(world.conversion("while").match_type == MatchType::none);
  CHECK(world.conversion("late").match_type == MatchType::anonymous_id);
  world.require_audit_finds_nothing();
  world.consent(kLaptop, Choice::denied, granted + kDay);
  CHECK(world.conversion("while").match_type == MatchType::none);
  world.require_audit_finds_nothing();
}

TEST_CASE("what was withheld follows from the times of the choices, in whatever order they come",
          "[people][consent][shuffle]") {
  const std::vector<std::pair<int, Choice>> choices = {{1, Choice::denied},  {2, Choice::granted},
                                                       {3, Choice::granted}, {4, Choice::denied},
                                                       {5, Choice::unknown}, {6, Choice::granted}};
  TempStore store;
  std::vector<std::size_t> order = {0, 1, 2, 3, 4, 5};
  std::uint64_t visitor = 1000;
  do {
    ++visitor;
    std::string told, withheld;
    store.put([&](Tables& tables) -> Outcome<void> {
      for (const auto at : order) {
        const auto& [hour, storage] = choices[at];
        told += std::to_string(hour);
        TL_CHECK(tables.people().put_consent("demo", id(visitor),
                                             {{storage, Choice::denied}, kMonth + hour * kHour}));
      }
      for (int half_hour = 1; half_hour < 14; ++half_hour) {
        TL_TRY(is_withheld, tables.people().was_storage_withheld("demo", id(visitor),
                                                                 kMonth + half_hour * kHour / 2));
        withheld += is_withheld ? 'x' : '.';
      }
      return {};
    });
    INFO(told);
    CHECK(withheld == ".xx....xxxx..");
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST_CASE("a refusal that is the only choice withholds what comes after it", "[people][consent]") {
  TempStore store;
  store.put([&](Tables& tables) {
    return tables.people().put_consent("demo", id(1), {{Choice::denied, Choice::denied}, kMonth});
  });
  const auto was_withheld = [&](std::int64_t t_ms) {
    return store.get(
        [&](Tables& tables) { return tables.people().was_storage_withheld("demo", id(1), t_ms); });
  };
  CHECK_FALSE(was_withheld(kMonth - 1));
  CHECK(was_withheld(kMonth));
}

TEST_CASE("a choice that is told late changes what was bought after it", "[people][consent]") {
  const std::vector<std::pair<int, Choice>> choices = {
      {5, Choice::denied}, {7, Choice::granted}, {9, Choice::denied}};
  std::vector<std::size_t> order = {0, 1, 2};
  do {
    PeopleWorld world;
    world.visit_all();
    std::string told;
    for (const int day : {4, 6, 8, 10})
      world.buy("o-" + std::to_string(day), "jane@shop.example", kLaptop, kMonth + day * kDay);
    for (const auto at : order) {
      told += std::to_string(choices[at].first);
      world.consent(kLaptop, choices[at].second, kMonth + choices[at].first * kDay);
    }
    INFO(told);
    world.require_audit_finds_nothing();
    const auto is_matched = [&](const char* reference) {
      return world.conversion(reference).match_type == MatchType::anonymous_id;
    };
    CHECK(is_matched("o-4"));
    CHECK_FALSE(is_matched("o-6"));
    CHECK(is_matched("o-8"));
    CHECK_FALSE(is_matched("o-10"));
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST_CASE("a sale known by its session alone follows a choice of its visitor that is told late",
          "[people][consent]") {
  PeopleWorld world;
  const std::int64_t refused = kMonth + 2 * kDay, bought = refused + 2 * kHour;
  world.visit(kLaptop, 1234, kMonth, TrafficSource{Channel::email, "source", "", "", "/"});
  world.consent(kLaptop, Choice::denied, refused);
  StatedConversion stated;
  stated.reference = "o-1";
  stated.amount_minor = 9000;
  stated.currency = "EUR";
  stated.occurred_ms = bought;
  stated.session_id = id(1234);
  stated.digest = sha256("o-1");
  world.state(stated);
  REQUIRE(world.conversion("o-1").match_type == MatchType::none);
  world.consent(kLaptop, Choice::granted, refused + kDay);
  CHECK(world.conversion("o-1").match_type == MatchType::none);
  world.consent(kLaptop, Choice::granted, refused + kHour);
  CHECK(world.conversion("o-1").match_type == MatchType::session);
  world.require_audit_finds_nothing();
}

TEST_CASE("what is bought before storage is refused and paid after it stays matched",
          "[people][consent]") {
  PeopleWorld world;
  world.visit_all();
  const std::int64_t refused = kMonth + 3 * kDay;
  const auto pay_by_bank = [&](int number, std::int64_t t_ms) {
    auto session = sale_session(number, 9000, visit_metadata(id(kLaptop), id(0), t_ms - kMinute),
                                "jane@shop.example");
    session["payment_status"] = "unpaid";
    world.tell(sale_event(number, "checkout.session.completed", session, t_ms));
    world.consent(kLaptop, Choice::denied, refused);
    session["payment_status"] = "paid";
    world.tell(sale_event(number, "checkout.session.async_payment_succeeded", session,
                          refused + 2 * kDay));
    const auto found = world.store.get([&](Tables& t) -> Outcome<std::optional<ConversionRow>> {
      TL_TRY(order, t.orders().find_order("demo", "stripe", "cs_" + std::to_string(number)));
      if (!order) return std::optional<ConversionRow>{};
      return t.orders().find_conversion_of_order("demo", "stripe", order->order_id, "purchase");
    });
    REQUIRE(found);
    return found->match_type;
  };
  CHECK(pay_by_bank(1, refused - kHour) == MatchType::anonymous_id);
  CHECK(pay_by_bank(2, refused + kHour) == MatchType::none);
  world.require_audit_finds_nothing();
  world.consent(kLaptop, Choice::granted, refused + kDay);
  world.require_audit_finds_nothing();
}

TEST_CASE("the server's word on storage at the time of a sale decides whether it is matched",
          "[people][consent]") {
  PeopleWorld world;
  world.visit_all();
  world.consent(kLaptop, Choice::denied, kMonth + kDay);
  const auto buy = [&](const std::string& reference, std::uint64_t device, Choice storage) {
    StatedConversion stated;
    stated.reference = reference;
    stated.amount_minor = 9000;
    stated.currency = "EUR";
    stated.occurred_ms = kMonth + 3 * kDay;
    stated.anonymous_id = id(device);
    stated.consent.storage = storage;
    stated.digest = sha256(reference);
    world.state(stated);
    return world.conversion(reference).match_type;
  };
  CHECK(buy("refused", kPhone, Choice::denied) == MatchType::none);
  CHECK(buy("permitted", kLaptop, Choice::granted) == MatchType::anonymous_id);
  CHECK(buy("unsaid", kLaptop, Choice::unknown) == MatchType::none);
  world.require_audit_finds_nothing();
}

TEST_CASE("an address that too many browsers share joins none of them", "[people]") {
  PeopleWorld world;
  world.visit_all();
  world.claim(kPhone, email("info@shop.example"));
  world.buy("o-1", "info@shop.example", kLaptop);
  REQUIRE(world.path("o-1") == "phone laptop");
  for (std::uint64_t device = 20; device < 20 + kMostTies; ++device) {
    world.visit_on(device, kMonth, Channel::referral);
    world.claim(device, email("info@shop.example"));
  }
  // Those who only claim it are too many; the buyer's own browser is proven.
  CHECK(world.path("o-1") == "laptop");
  world.buy("o-2", "info@shop.example", std::nullopt);
  CHECK(world.path("o-2") == "laptop");
  for (std::uint64_t device = 20; device < 20 + kMostTies; ++device)
    world.buy("p-" + std::to_string(device), "info@shop.example", device);
  CHECK(world.path("o-1") == "laptop");
  CHECK(world.path("o-2").empty());
  CHECK(world.conversion("o-2").match_type == MatchType::none);
  world.require_audit_finds_nothing();
}

TEST_CASE("a lead gives w_shaped and full_path their positions", "[people][milestones]") {
  PeopleWorld world;
  for (int day = 0; day < 5; ++day)
    world.visit_on(kLaptop, kMonth + day * kDay, static_cast<Channel>(10 + day));
  world.buy("o-1", "jane@shop.example", kLaptop, kMonth + 5 * kDay);
  const std::string without = world.credits("o-1", "w_shaped");

  // Both arrive late: a lead that knows the address alone, and an event of the browser.
  world.buy("l-1", "jane@shop.example", std::nullopt, kMonth + kDay + kHour, "", "lead");
  CHECK(world.credits("o-1", "w_shaped") != without);
  world.visit(kLaptop, 5555, kMonth + 3 * kDay + kHour, std::nullopt, "opportunity");

  CHECK(world.credits("o-1", "w_shaped") == "10:2700 11:2700 12:450 13:2700 14:450 ");
  CHECK(world.credits("o-1", "full_path") == "10:2025 11:2025 12:900 13:2025 14:2025 ");
  CHECK(world.stages("o-1") == R"([[],["lead"],[],["opportunity"],[]])");
  // What came after the conversion is no milestone of it, nor is a lead of itself.
  const std::string both = world.credits("o-1", "w_shaped");
  world.buy("l-2", "jane@shop.example", kLaptop, kMonth + 6 * kDay, "", "lead");
  CHECK(world.credits("o-1", "w_shaped") == both);
  CHECK_FALSE(parse_snapshot(world.conversion("l-1", "lead").snapshot).milestones.lead_ms);
  world.require_audit_finds_nothing();
}

TEST_CASE(
    "an order of a visitor without consent is credited to the channel that its checkout named",
    "[people][consent][coarse]") {
  PeopleWorld world;
  auto site = *world.site;
  site.coarse_handover = true;
  site.coarse_campaigns = {"spring"};
  world.site = std::make_shared<SiteConfig>(site);
  world.visit_all();
  world.claim(kPhone, email("jane@shop.example"), /*is_signed=*/true);
  const auto conversion_of = [&](int number) {
    const auto found = world.store.get([&](Tables& t) -> Outcome<std::optional<ConversionRow>> {
      TL_TRY(order, t.orders().find_order("demo", "stripe", "cs_" + std::to_string(number)));
      if (!order) return std::optional<ConversionRow>{};
      return t.orders().find_conversion_of_order("demo", "stripe", order->order_id, "purchase");
    });
    REQUIRE(found);
    return *found;
  };
  const auto buy = [&](int number, const std::string& token, json metadata = json::object(),
                       const std::string& buyer = "jane@shop.example") {
    auto session = sale_session(number, 9000, std::move(metadata), buyer);
    session["client_reference_id"] = token;
    world.tell(sale_event(number, "checkout.session.completed", session, kMonth + 3 * kDay));
    return conversion_of(number);
  };
  const auto credits = [&](const ConversionRow& row) {
    std::string text;
    for (const auto& credit :
         world.store.get([&](Tables& t) { return t.orders().credits_of("demo", row.id); }))
      if (credit.model == "linear" && credit.touch_id)
        text += std::string(channel_name(credit.channel)) + " " + credit.source + " " +
                credit.campaign + " " + std::to_string(credit.value_minor);
    return text;
  };

  const auto listed = buy(1, "tl0_paid_search_Z29vZ2xl_c3ByaW5n");
  CHECK(listed.match_type == MatchType::coarse);
  CHECK_FALSE(listed.anonymous_id);
  CHECK_FALSE(listed.session_id);
  CHECK_FALSE(listed.first_touch);
  CHECK(credits(listed) == "paid_search google spring 9000");
  // Nobody was looked for: not even whose address it is.
  CHECK(world.store
            .get([&](Tables& t) {
              return t.orders().conversions_by_key("demo", visitor_key(id(kPhone)), 0);
            })
            .empty());
  // The channel alone, of a campaign or source that nobody has listed.
  CHECK(credits(buy(2, "tl0_email_bmV3cw_amFuZQ")) == "email   9000");
  CHECK(credits(buy(3, "", {{"tl_channel", "organic_social"}, {"tl_source", "facebook"}})) ==
        "organic_social facebook  9000");
  // What is no hand-over is none, and ids beat it.
  CHECK(buy(4, "tl0_jane_roe").match_type == MatchType::email);
  CHECK(buy(5, "tl0_email__", visit_metadata(id(kLaptop), id(0), kMonth + 3 * kDay)).match_type ==
        MatchType::anonymous_id);
  world.require_audit_finds_nothing();

  // The server's word that storage was granted: the buyer is looked for before the channel counts.
  const auto state_grant = [&](int number) {
    StatedConversion stated;
    stated.reference = "cs_" + std::to_string(number);
    stated.amount_minor = 9000;
    stated.currency = "EUR";
    stated.occurred_ms = kMonth + 3 * kDay;
    stated.consent.storage = Choice::granted;
    stated.digest = sha256(stated.reference);
    world.state(stated);
    return conversion_of(number).match_type;
  };
  CHECK(buy(8, "tl0_email__").match_type == MatchType::coarse);
  CHECK(state_grant(8) == MatchType::email);
  CHECK(buy(9, "tl0_email__", json::object(), "eve@shop.example").match_type == MatchType::coarse);
  CHECK(state_grant(9) == MatchType::coarse);
  world.require_audit_finds_nothing();

  // What was permitted then stays credited; from now on nothing is.
  world.site = std::make_shared<SiteConfig>(demo_site());
  world.require_audit_finds_nothing();
  CHECK(buy(6, "tl0_email__").match_type == MatchType::email);
}
