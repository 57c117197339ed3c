// SPDX-License-Identifier: Apache-2.0
// Leads in the ledger: who is one lead, in any order of telling; what a form proves (nothing) and
// what the site's server proves; stages as milestones; audit, erasure and export.
#include "server/core/leads/leads.hpp"

#include "server/core/attribution/conversion_path.hpp"
#include "server/core/attribution/late_evidence.hpp"
#include "server/core/privacy/erasure.hpp"
#include "server/core/privacy/person_export.hpp"
#include "server/core/text/uuid_text.hpp"
#include "tests/server/month.hpp"

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>

using namespace tl;
using namespace tl::server;
using namespace tl::server::test;

namespace {

constexpr std::uint64_t kAnn = 11, kBob = 12, kEve = 13;
constexpr std::uint64_t kAnnVisit = 110, kBobVisit = 120, kEveVisit = 130;

// Ann came by paid_social, Bob by email, Eve by referral.
class LeadWorld : public MonthWorld {
 public:
  LeadWorld()
      : MonthWorld("Europe/Prague"),
        desk(
            *store, store.clock,
            [](const DestinationConfig&, std::string_view event) { return event == "lead"; },
            &store.box) {
    site->destinations = {{"meta", "meta", {}, {}}};
    visit(kAnn, kAnnVisit, kMonth, TrafficSource{Channel::paid_social, "fb", "spring", "", "/"});
    visit(kBob, kBobVisit, kMonth, TrafficSource{Channel::email, "news", "may", "", "/"});
    visit(kEve, kEveVisit, kMonth, TrafficSource{Channel::referral, "blog", "", "", "/"});
  }

  // A browser's own id of a session has the time of its start in it.
  Id128 session_id_of(std::uint64_t session) {
    const Id128 dated = uuid_v7(kMonth, sha256(std::to_string(session)));
    store.put(
        [&](Tables& tables) { return tables.events().alias_session("demo", dated, id(session)); });
    return dated;
  }

  LeadStatement form(const std::string& email, std::optional<std::uint64_t> session,
                     std::int64_t t_ms = kMonth + kHour, const std::string& phone = "") {
    LeadStatement told;
    told.form = "contact";
    told.said.customer.email = email;
    told.said.customer.phone = phone;
    if (session) told.said.session_id = session_id_of(*session);
    told.said.occurred_ms = t_ms;
    told.said.digest = sha256(email + phone + (session ? std::to_string(*session) : ""));
    told.fresh_reference = uuid_text(store.entropy.id());
    return told;
  }
  LeadStatement server(const std::string& email, std::optional<std::uint64_t> session = {},
                       std::int64_t t_ms = kMonth + 2 * kHour, const std::string& phone = "") {
    auto told = form(email, session, t_ms, phone);
    told.word = LeadWord::server;
    return told;
  }
  SessionToken token_of(std::uint64_t visitor, std::uint64_t session) {
    SessionToken token;
    token.site_id = "demo";
    token.anonymous_id = id(visitor);
    token.session_id = session_id_of(session);
    token.consent = {Choice::granted, Choice::granted};
    return token;
  }
  LeadResult tell(const LeadStatement& told) { return value_of(desk.receive_lead(*site, told)); }

  std::vector<ConversionRow> kind(const std::string& wanted) {
    return store
        .get([&](Tables& t) {
          return t.orders().list_conversions({"demo", {}, {}, 1000, {}}, {wanted, {}, {}});
        })
        .items;
  }
  ConversionRow only_lead() {
    const auto rows = kind("lead");
    REQUIRE(rows.size() == 1);
    return rows.front();
  }
  ConversionRow row(const Id128& conversion) {
    return *store.get([&](Tables& t) { return t.orders().find_conversion("demo", conversion); });
  }
  static std::string channels(const ConversionRow& row) {
    std::string names;
    for (const auto& entry : parse_snapshot(row.snapshot).entries)
      if (entry.why == "none")
        names += (names.empty() ? "" : " ") + std::string(channel_name(entry.channel));
    return names;
  }
  std::vector<ContactProof> proofs(const ConversionRow& row) {
    return store.get([&](Tables& t) { return t.people().proofs_of("demo", row.id); });
  }
  void buy(const std::string& reference, const std::string& email,
           std::optional<std::uint64_t> session, std::int64_t t_ms) {
    StatedConversion stated;
    stated.reference = reference;
    stated.amount_minor = 10'000;
    stated.currency = "EUR";
    stated.occurred_ms = t_ms;
    if (session) stated.session_id = id(*session);
    stated.customer.email = email;
    stated.digest = sha256(reference);
    MonthWorld::state(stated);
  }
  ConversionRow purchase(const std::string& reference) {
    return *store.get([&](Tables& t) {
      return t.orders().find_conversion_of_order("demo", "api", reference, "purchase");
    });
  }
  std::string credits(const ConversionRow& row, const std::string& model) {
    std::string text;
    for (const auto& credit :
         store.get([&](Tables& t) { return t.orders().credits_of("demo", row.id); }))
      if (credit.model == model) text += std::to_string(credit.value_minor) + " ";
    return text;
  }
  void require_audit_finds_nothing() {
    const auto lines = audited(*this);
    for (const auto& line : lines) UNSCOPED_INFO(line);
    REQUIRE(lines.empty());
  }

  Orders desk;
};

const std::string kAnnsEmail = "ann@example.com", kAnnsPhone = "+420777123456";

}  // namespace

TEST_CASE("a lead is matched by session, anonymous id, e-mail, phone, else by nothing", "[leads]") {
  LeadWorld world;
  const auto matched = [&](const LeadStatement& told) {
    const auto result = world.tell(told);
    return world.store
        .get([&](Tables& t) { return t.orders().find_conversion("demo", result.conversion_id); })
        ->match_type;
  };
  CHECK(matched(world.form("a@example.com", kAnnVisit)) == MatchType::session);
  auto by_id = world.form("b@example.com", {});
  by_id.said.anonymous_id = id(kBob);
  CHECK(matched(by_id) == MatchType::anonymous_id);
  world.identify(kBob, "c@example.com", kMonth);
  CHECK(matched(world.form("c@example.com", {})) == MatchType::email);
  world.tell(world.server("d@example.com", kBobVisit, kMonth + kHour, kAnnsPhone));
  CHECK(matched(world.form("e@example.com", {}, kMonth + kHour, kAnnsPhone)) == MatchType::phone);
  CHECK(matched(world.form("f@example.com", {})) == MatchType::none);
  world.require_audit_finds_nothing();
}

TEST_CASE("the same person and form is one lead, in whatever order it is told", "[leads]") {
  std::set<std::string> ends;
  std::vector<int> order = {0, 1, 2, 3};
  do {
    LeadWorld world;
    std::vector<LeadStatement> told = {
        world.form(kAnnsEmail, kAnnVisit, kMonth + kHour),
        world.form("Ann@Example.com ", {}, kMonth + 25 * kDay, kAnnsPhone),
        world.form(kAnnsEmail, {}, kMonth + 50 * kDay),  // near the second, far from the first
        world.server(kAnnsEmail, {}, kMonth + 51 * kDay)};
    told[0].said.self_reported = "a friend";
    told[3].said.amount_minor = 5'000;
    told[3].said.currency = "EUR";
    for (const int index : order) world.tell(told[static_cast<std::size_t>(index)]);
    const auto row = world.only_lead();
    CHECK(row.occurred_ms == kMonth + kHour);
    ends.insert(std::to_string(row.amount_minor) + row.self_reported + LeadWorld::channels(row) +
                std::to_string(static_cast<int>(row.match_type)) + world.credits(row, "linear") +
                std::to_string(world.proofs(row).size()));
    world.require_audit_finds_nothing();
  } while (std::next_permutation(order.begin(), order.end()));
  REQUIRE(ends.size() == 1);
  CHECK(ends.begin()->starts_with("5000a friendpaid_social1"));
}

TEST_CASE("another form, another person or a month later is another lead", "[leads]") {
  LeadWorld world;
  CHECK(world.tell(world.form(kAnnsEmail, {})).is_new);
  CHECK_FALSE(world.tell(world.form(kAnnsEmail, {})).is_new);
  auto other_form = world.form(kAnnsEmail, {});
  other_form.form = "newsletter";
  CHECK(world.tell(other_form).is_new);
  CHECK(world.tell(world.form("bob@example.com", {})).is_new);
  CHECK(world.tell(world.form(kAnnsEmail, {}, kMonth + 32 * kDay)).is_new);
  // The same phone with another e-mail address is another person's.
  CHECK(world.tell(world.form("bob@example.com", {}, kMonth + kHour, kAnnsPhone)).is_new == false);
  CHECK(world.tell(world.form("eve@example.com", {}, kMonth + kHour, kAnnsPhone)).is_new);
  CHECK(world.tell(world.form("", {}, kMonth + kHour, kAnnsPhone)).is_new == false);
  CHECK(world.kind("lead").size() == 5);
}

TEST_CASE("what is typed into a form proves nothing", "[leads][privacy]") {
  LeadWorld world;
  world.tell(world.server(kAnnsEmail, kAnnVisit));
  world.buy("bobs", "bob@example.com", kBobVisit, kMonth + 2 * kHour);

  // Eve types Ann's address and Bob's: her browser stays hers, and joins nobody.
  auto eves = world.form(kAnnsEmail, kEveVisit, kMonth + 3 * kHour);
  eves.form = "newsletter";
  const auto first = world.tell(eves);
  auto again = world.form("bob@example.com", kEveVisit, kMonth + 4 * kHour, kAnnsPhone);
  world.tell(again);
  for (const auto& row : world.kind("lead")) {
    if (row.session_id != id(kEveVisit)) continue;
    CHECK(LeadWorld::channels(row) == "referral");
    CHECK(world.proofs(row).empty());
  }
  CHECK(world.kind("lead").size() == 3);
  world.buy("anns", kAnnsEmail, {}, kMonth + kDay);
  CHECK(LeadWorld::channels(world.purchase("anns")) == "paid_social");
  world.buy("bobs later", "bob@example.com", {}, kMonth + kDay);
  CHECK(LeadWorld::channels(world.purchase("bobs later")) == "email");

  // Nor do two people's contacts in one form join them, and a form sent after the server's word
  // takes nothing over.
  world.tell(world.server("bob@example.com", kBobVisit, kMonth + 2 * kHour, "+420777999888"));
  auto both = world.form(kAnnsEmail, {}, kMonth + 5 * kHour, "+420777999888");
  both.form = "both";
  const auto of_both = world.tell(both);
  CHECK(LeadWorld::channels(world.row(of_both.conversion_id)) == "paid_social");
  world.tell(world.form(kAnnsEmail, kEveVisit, kMonth + 6 * kHour));
  CHECK(world.row(first.conversion_id).session_id ==
        id(kEveVisit));  // her own post under Ann's address, another form
  for (const auto& row : world.kind("lead"))
    if (!world.proofs(row).empty())
      CHECK(LeadWorld::channels(row) ==
            (row.session_id == id(kAnnVisit) ? "paid_social" : "email"));
  world.require_audit_finds_nothing();
}

TEST_CASE("the server's word on a form's contact leaves the form's browser apart", "[leads]") {
  LeadWorld world;
  world.tell(world.server(kAnnsEmail, kAnnVisit, kMonth + kHour));
  auto eves = world.form(kAnnsEmail, kEveVisit, kMonth + 2 * kHour);
  eves.form = "newsletter";
  world.tell(eves);
  auto forwarded = world.server(kAnnsEmail, {}, kMonth + 3 * kHour);
  forwarded.form = "newsletter";
  const auto result = world.tell(forwarded);
  const auto row = world.row(result.conversion_id);
  CHECK(row.match_type == MatchType::session);
  CHECK(row.session_id == id(kEveVisit));
  CHECK(LeadWorld::channels(row) == "referral");
  REQUIRE(world.proofs(row).size() == 1);
  CHECK_FALSE(world.proofs(row)[0].anonymous_id.has_value());
  world.buy("anns", kAnnsEmail, {}, kMonth + kDay);
  CHECK(LeadWorld::channels(world.purchase("anns")) == "paid_social");
  world.require_audit_finds_nothing();
}

TEST_CASE("a form with the session's token is a claim, as identify is", "[leads]") {
  LeadWorld world;
  auto told = world.form(kAnnsEmail, {});
  told.visit = world.token_of(kAnn, kAnnVisit);
  world.tell(told);
  CHECK(world.only_lead().session_id == id(kAnnVisit));
  world.buy("elsewhere", kAnnsEmail, {}, kMonth + kDay);
  CHECK(LeadWorld::channels(world.purchase("elsewhere")) == "paid_social");
}

TEST_CASE("stages of a lead are the key touches of w_shaped and full_path", "[leads]") {
  std::vector<int> order = {0, 1};
  do {
    LeadWorld world;
    for (int day = 1; day <= 4; ++day)
      world.visit(kAnn, kAnnVisit + static_cast<std::uint64_t>(day), kMonth + day * kDay,
                  TrafficSource{Channel::paid_search, "google", std::to_string(day), "", "/"});
    std::vector<LeadStatement> told = {
        world.server(kAnnsEmail, kAnnVisit + 1, kMonth + kDay + kHour),
        world.server(kAnnsEmail, {}, kMonth + 3 * kDay + kHour)};
    told[1].stage = "opportunity";
    told[1].form = "";
    world.buy("deal", kAnnsEmail, {}, kMonth + 5 * kDay);
    for (const int index : order) {
      world.tell(told[static_cast<std::size_t>(index)]);
    }
    const auto deal = world.purchase("deal");
    CHECK(world.credits(deal, "w_shaped") == "3000 3000 500 3000 500 ");
    CHECK(world.credits(deal, "full_path") == "2250 2250 1000 2250 2250 ");
    world.require_audit_finds_nothing();
    if (order[0] == 1) continue;
    CHECK(world.kind("opportunity").size() == 1);
    CHECK(world.only_lead().order_id == world.kind("opportunity")[0].order_id);
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST_CASE("an address that only was typed is no milestone of its owner", "[leads]") {
  LeadWorld world;
  world.visit(kAnn, kAnnVisit + 1, kMonth + kDay,
              TrafficSource{Channel::paid_search, "google", "", "", "/"});
  world.visit(kAnn, kAnnVisit + 2, kMonth + 2 * kDay,
              TrafficSource{Channel::email, "news", "", "", "/"});
  world.buy("first", kAnnsEmail, kAnnVisit, kMonth + kHour);
  world.buy("deal", kAnnsEmail, {}, kMonth + 3 * kDay);
  const auto before = world.credits(world.purchase("deal"), "w_shaped");
  world.tell(world.form(kAnnsEmail, {}, kMonth + kDay + kHour));
  CHECK(world.only_lead().match_type == MatchType::email);
  CHECK(world.credits(world.purchase("deal"), "w_shaped") == before);
  // The server says the same: now it is one.
  world.tell(world.server(kAnnsEmail, {}, kMonth + kDay + 2 * kHour));
  CHECK(world.credits(world.purchase("deal"), "w_shaped") != before);
  world.require_audit_finds_nothing();
}

TEST_CASE("a stage moves the lead that it names, and only a known one", "[leads]") {
  LeadWorld world;
  const auto lead = world.tell(world.form(kAnnsEmail, kAnnVisit));
  auto news = world.server("");
  news.stage = "customer";
  news.lead_id = lead.conversion_id;
  news.said.amount_minor = 99'00;
  news.said.currency = "EUR";
  CHECK(world.tell(news).is_new);
  CHECK_FALSE(world.tell(news).is_new);
  REQUIRE(world.kind("customer").size() == 1);
  CHECK(world.kind("customer")[0].amount_minor == 99'00);
  CHECK(world.kind("customer")[0].session_id == id(kAnnVisit));
  CHECK(world.only_lead().amount_minor == 0);
  news.lead_id = id(404);
  const auto unknown = world.desk.receive_lead(*world.site, news);
  REQUIRE_FALSE(unknown.ok());
  CHECK(unknown.error().code == "unknown_lead");
}

TEST_CASE("news belongs to the lead that its time tells, in whatever order all is told",
          "[leads]") {
  const auto at = [](int day) { return kMonth + day * kDay; };
  std::set<std::string> ends;
  std::vector<std::size_t> order = {0, 1, 2, 3, 4};
  do {
    LeadWorld world;
    std::vector<LeadStatement> told = {
        world.form(kAnnsEmail, kAnnVisit, at(1)), world.form(kAnnsEmail, {}, at(5)),
        world.server(kAnnsEmail, {}, at(3)), world.server(kAnnsEmail, {}, at(9)),
        world.server(kAnnsEmail, {}, at(9))};
    told[1].form = "newsletter";
    told[2].stage = "opportunity";
    told[3].stage = "customer";
    told[4].stage = "opportunity";
    for (std::size_t i = 2; i < told.size(); ++i) {
      told[i].form = i == 4 ? "contact" : "";
      told[i].said.digest = sha256(std::to_string(i));
      told[i].said.amount_minor = static_cast<std::int64_t>(i) * 1000;
      told[i].said.currency = "EUR";
    }
    for (const auto index : order) world.tell(told[index]);
    std::string end;
    for (const char* stage : {"lead", "opportunity", "customer"}) {
      std::set<std::string> rows;
      for (const auto& row : world.kind(stage)) {
        const auto form = read_lead_facts(row.said).form;
        rows.insert(form + std::to_string((row.occurred_ms - kMonth) / kDay) + ":" +
                    std::to_string(row.amount_minor));
      }
      for (const auto& row : rows) end += std::string(stage) + " " + row + "; ";
    }
    ends.insert(end);
    world.require_audit_finds_nothing();
  } while (std::next_permutation(order.begin(), order.end()));
  for (const auto& end : ends) UNSCOPED_INFO(end);
  REQUIRE(ends.size() == 1);
  CHECK(*ends.begin() ==
        "lead contact1:0; lead newsletter5:0; opportunity contact3:4000; customer "
        "newsletter9:3000; ");
}

TEST_CASE("a lead is sent to a destination once, however often it comes", "[leads]") {
  LeadWorld world;
  world.tell(world.form(kAnnsEmail, kAnnVisit));
  world.tell(world.form(kAnnsEmail, kAnnVisit));
  world.tell(world.server(kAnnsEmail));
  auto customer = world.server(kAnnsEmail);
  customer.stage = "customer";
  world.tell(customer);
  const auto rows = world.store
                        .get([](Tables& t) {
                          return t.outbox().list_deliveries({"demo", {}, {}, 100, {}}, {}, "");
                        })
                        .items;
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].event_name == "lead");
  CHECK(rows[0].event_id == world.only_lead().id);
}

TEST_CASE("who repeats in ever new words fills no row", "[leads]") {
  LeadWorld world;
  for (int i = 0; i < 40; ++i) {
    auto told = world.form(kAnnsEmail, kEveVisit, kMonth + kHour + i);
    told.said.self_reported = std::string(1000, static_cast<char>('a' + i % 26));
    told.said.digest = sha256(std::to_string(i));
    world.tell(told);
  }
  const auto lead = read_lead_facts(world.only_lead().said);
  CHECK(lead.facts.size() == kMostLeadFacts);
  CHECK(lead.first_ms() == kMonth + kHour);
  CHECK(lead.last_ms() == kMonth + kHour + 39);
}

TEST_CASE("who makes up ever new forms makes no more leads", "[leads]") {
  LeadWorld world;
  for (int i = 0; i < 50; ++i) {
    auto told = world.form(kAnnsEmail, {});
    told.form = "form " + std::to_string(i);
    told.said.digest = sha256(told.form);
    world.tell(told);
  }
  CHECK(world.kind("lead").size() == 32);
  auto server = world.server(kAnnsEmail);
  server.form = "one more";
  CHECK(world.tell(server).is_new);
}

TEST_CASE("whatever is told in whatever order, the audit finds nothing", "[leads]") {
  std::mt19937 random(7);
  const auto pick = [&](int count) {
    return static_cast<int>(random() % static_cast<unsigned>(count));
  };
  const std::vector<std::string> emails = {kAnnsEmail, "bob@example.com", ""};
  const std::vector<std::optional<std::uint64_t>> visits = {{}, kAnnVisit, kBobVisit, kEveVisit};
  for (int round = 0; round < 25; ++round) {
    LeadWorld world;
    for (int step = 0; step < 14; ++step) {
      const auto t_ms = kMonth + pick(60) * kDay / 4;
      const auto& email = emails[static_cast<std::size_t>(pick(3))];
      const auto visit = visits[static_cast<std::size_t>(pick(4))];
      if (const int what = pick(8); what == 0) {
        world.buy("order " + std::to_string(step), email, visit, t_ms);
      } else if (what == 1 && !email.empty()) {
        world.identify(pick(2) == 0 ? kAnn : kEve, email, t_ms);
      } else {
        auto told = world.form(email, visit, t_ms, email.empty() || pick(3) == 0 ? kAnnsPhone : "");
        told.form = pick(3) == 0 ? "letter" : "contact";
        if (what > 5) {
          told.word = LeadWord::server;
          told.stage = kLeadStages[pick(3)];
          told.said.amount_minor = pick(2) * 1000;
          told.said.currency = "EUR";
        }
        if (what == 2) told.visit = world.token_of(kAnn, kAnnVisit);
        told.said.digest = sha256(std::to_string(pick(6)) + email);
        world.tell(told);
      }
    }
    INFO(round);
    world.require_audit_finds_nothing();
  }
}

TEST_CASE("forgetting a person forgets their leads, and no one else's contact",
          "[leads][privacy]") {
  LeadWorld world;
  world.site->contact_storage = "encrypted";
  auto sent = world.form("ann.lee@example.com", kAnnVisit, kMonth + kHour, kAnnsPhone);
  sent.visit = world.token_of(kAnn, kAnnVisit);
  world.tell(sent);
  auto stage = world.server("ann.lee@example.com");
  stage.stage = "opportunity";
  stage.said.self_reported = "ann.lee@example.com told me";
  world.tell(stage);
  // Ann also typed the number of Bob, who has proven it.
  world.tell(world.server("bob@example.com", kBobVisit, kMonth, "+420777999888"));
  auto borrowed = world.form("ann.lee@example.com", kAnnVisit, kMonth + kHour, "+420777999888");
  borrowed.form = "other";
  world.tell(borrowed);

  const std::string anns_session = uuid(world.session_id_of(kAnnVisit));
  PersonName ann;
  ann.email = "ann.lee@example.com";
  const auto text =
      value_of(export_person(*world.store, world.store.box, *world.site, ann, kMonth));
  CHECK(text.find(anns_session) != std::string::npos);
  CHECK(text.find("\"ann.lee@example.com\"") != std::string::npos);
  CHECK(text.find("\"+420777123456\"") != std::string::npos);
  CHECK(text.find("+420777999888") == std::string::npos);

  const auto leads_before = world.kind("lead").size();
  const ErasureServices services{*world.store, world.store.clock, world.store.entropy,
                                 world.store.box};
  value_of(erase_person(services, *world.site, ann, false));
  CHECK(world.kind("lead").size() == leads_before);
  CHECK(world.kind("opportunity").size() == 1);
  std::ifstream file(world.store.path(), std::ios::binary);
  std::stringstream bytes;
  bytes << file.rdbuf();
  for (const auto& kind : {ContactKind::email, ContactKind::phone}) {
    const std::string plain = kind == ContactKind::email ? "ann.lee@example.com" : kAnnsPhone;
    const auto hash = *contact_hash(kind, plain, "CZ");
    CHECK(bytes.str().find(plain) == std::string::npos);
    CHECK(bytes.str().find(to_hex(hash)) == std::string::npos);
    CHECK(bytes.str().find(std::string(reinterpret_cast<const char*>(hash.data()), hash.size())) ==
          std::string::npos);
  }
  CHECK(bytes.str().find(anns_session) == std::string::npos);
  const auto bobs = *contact_hash(ContactKind::phone, "+420777999888", "CZ");
  CHECK(world.store.get(
      [&](Tables& t) { return t.people().find_contact("demo", ContactKind::phone, bobs); }));
  world.require_audit_finds_nothing();
}
