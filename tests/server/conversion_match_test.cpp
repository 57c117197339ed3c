// SPDX-License-Identifier: Apache-2.0
// Who bought: session, anonymous id, e-mail, phone, none; how long a hand-over binds and to whom.
#include "server/core/attribution/conversion_path.hpp"
#include "server/core/people/contact_variants.hpp"
#include "tests/server/stripe_fixture.hpp"

#include <map>

using namespace tl;
using namespace tl::server;
using namespace tl::server::test;

namespace {

json session_of(const std::string& number, json metadata, const std::string& email) {
  auto session = paid_session(2500, number);
  session["metadata"] = std::move(metadata);
  session["customer"] = "cus_" + number;
  session["customer_details"] = {{"email", email}};
  return session;
}

MatchType matched(Shop& shop, const json& session, std::int64_t after_s = 0) {
  REQUIRE(shop.told(stripe_event("checkout.session.completed", session, after_s)) == "purchase");
  return shop.conversion(session["id"])->match_type;
}

std::string handover(Shop& shop, const std::string& reference) {
  return parse_snapshot(shop.conversion(reference)->snapshot).handover;
}

void claim_email(Shop& shop, const std::string& email, std::uint64_t visitor,
                 bool verified = false) {
  ContactClaim claim;
  claim.kind = ContactKind::email;
  claim.hash = *contact_hash(ContactKind::email, email, {});
  claim.anonymous_id = id(visitor);
  claim.verified = verified;
  claim.source = "identify";
  claim.t_ms = kNow - kDay;
  shop.store.put([&](Tables& t) -> Outcome<void> {
    TL_CHECK(t.people().put_claim("demo", claim));
    return {};
  });
}

void add_touch(Shop& shop, std::uint64_t number, std::uint64_t visitor, Channel channel,
               std::int64_t t_ms) {
  auto touch = given_touch(number, channel, t_ms);
  touch.anonymous_id = id(visitor);
  shop.store.put([&](Tables& t) -> Outcome<void> {
    TL_TRY(is_new, t.events().insert_touch(touch));
    static_cast<void>(is_new);
    return {};
  });
}

}  // namespace

TEST_CASE("the strongest evidence matches", "[match]") {
  Shop shop;
  CHECK(matched(shop, session_of("1", visit_metadata(), "a@example.com")) == MatchType::session);
  CHECK(matched(shop, session_of("2", {{"anonymous_id", uuid(id(2001))}}, "b@example.com")) ==
        MatchType::anonymous_id);
  claim_email(shop, "C@example.com ", 2001);
  CHECK(matched(shop, session_of("3", json::object(), "c@example.com")) == MatchType::email);
  CHECK(matched(shop, session_of("4", json::object(), "d@example.com")) == MatchType::none);
  CHECK(matched(shop, session_of("5", visit_metadata(id(77), id(78)), "e@example.com")) ==
        MatchType::none);
  CHECK(handover(shop, "cs_5") == "unknown");
}

TEST_CASE("a buyer proven once is found again by e-mail", "[match]") {
  Shop shop;
  CHECK(matched(shop, session_of("1", visit_metadata(), "jane@example.com")) == MatchType::session);
  CHECK(matched(shop, session_of("2", json::object(), "Jane@Example.com"), 86400) ==
        MatchType::email);
  CHECK(shop.conversion("cs_2")->anonymous_id == id(2001));
}

TEST_CASE("a user id matches only where it was proven", "[match]") {
  Shop shop;
  ContactClaim claim;
  claim.kind = ContactKind::user_id;
  claim.hash = *contact_hash(ContactKind::user_id, "17", {});
  claim.anonymous_id = id(2001);
  claim.source = "identify";
  claim.t_ms = kNow - kDay;
  const auto match_of = [&](const std::string& reference) {
    shop.store.put([&](Tables& t) -> Outcome<void> {
      TL_CHECK(t.people().put_claim("demo", claim));
      return {};
    });
    StatedConversion stated;
    stated.reference = reference;
    stated.amount_minor = 2500;
    stated.currency = "EUR";
    stated.occurred_ms = kNow;
    stated.user_id = "17";
    stated.digest = sha256(reference);
    value_of(shop.orders.receive_stated(shop.site, stated));
    return *shop.conversion(reference);
  };
  CHECK(match_of("claimed").match_type == MatchType::none);
  CHECK(match_of("claimed again").touches == 0);
  claim.verified = true;
  CHECK(match_of("proven").match_type == MatchType::user_id);
  CHECK(shop.conversion("proven")->anonymous_id == id(2001));
}

TEST_CASE("a session alias leads to its session", "[match]") {
  Shop shop;
  shop.store.put([](Tables& t) { return t.events().alias_session("demo", id(5555), id(1001)); });
  CHECK(matched(shop, session_of("1", visit_metadata(id(2001), id(5555)), "a@example.com")) ==
        MatchType::session);
  CHECK(shop.conversion("cs_1")->session_id == id(1001));
}

TEST_CASE("a hand-over binds for seven days", "[match]") {
  Shop shop;
  const std::int64_t week = 7 * 24 * 3600;
  auto metadata = visit_metadata(id(2001), id(1001), kNow);
  CHECK(matched(shop, session_of("1", metadata, "a@example.com"), week - 1) == MatchType::session);
  CHECK(matched(shop, session_of("2", metadata, "a2@example.com"), week) == MatchType::none);
  CHECK(handover(shop, "cs_2") == "expired");
}

TEST_CASE("a hand-over binds to the first buyer who used it", "[match]") {
  Shop shop;
  CHECK(matched(shop, session_of("1", visit_metadata(), "jane@example.com")) == MatchType::session);
  shop.store.clock.advance(1000);
  CHECK(matched(shop, session_of("2", visit_metadata(), "mallory@example.com")) == MatchType::none);
  CHECK(handover(shop, "cs_2") == "other_buyer");
  shop.store.clock.advance(1000);
  CHECK(matched(shop, session_of("3", visit_metadata(), "JANE@example.com")) == MatchType::session);
  // A refund of the first one changes nothing about who bought it.
  auto charge = refunded_charge(100);
  shop.told(stripe_event("charge.refunded", charge));
  CHECK(shop.conversion("cs_1")->match_type == MatchType::session);
}

TEST_CASE("what is told late of an earlier order takes no later one's hand-over", "[match]") {
  const bool is_retold = GENERATE(true, false);
  INFO((is_retold ? "the same told with more" : "another event of the order"));
  Shop shop;
  CHECK(matched(shop, session_of("1", visit_metadata(), "")) == MatchType::session);
  shop.store.clock.advance(1000);
  CHECK(matched(shop, session_of("2", visit_metadata(), "jane@example.com")) == MatchType::session);
  const auto credits = shop.credits(shop.conversion("cs_2")->id);
  shop.store.clock.advance(1000);
  auto charge = paid_charge();
  charge["billing_details"] = {{"email", "mallory@example.com"}};
  shop.told(is_retold ? stripe_event("checkout.session.completed",
                                     session_of("1", visit_metadata(), "mallory@example.com"))
                      : stripe_event("charge.succeeded", charge));
  REQUIRE(shop.order("cs_1")->email_hash);

  CHECK(shop.conversion("cs_2")->match_type == MatchType::session);
  CHECK(shop.credits(shop.conversion("cs_2")->id) == credits);
  CHECK(shop.conversion("cs_1")->match_type == MatchType::session);
  // The contact that came first is the visitor's, the other one's proves nothing of it.
  shop.store.clock.advance(1000);
  CHECK(matched(shop, session_of("3", json::object(), "jane@example.com")) == MatchType::email);
  CHECK(matched(shop, session_of("4", json::object(), "mallory@example.com")) == MatchType::none);
  CHECK(matched(shop, session_of("5", visit_metadata(), "third@example.com")) == MatchType::none);
  CHECK(handover(shop, "cs_5") == "other_buyer");
  check_audit(shop);
}

TEST_CASE("the path spans all browsers that claim the buyer's contact", "[match]") {
  Shop shop;
  add_touch(shop, 10, 3001, Channel::paid_search, kNow - 3 * kDay);
  claim_email(shop, "jane@example.com", 3001);
  CHECK(matched(shop, session_of("1", visit_metadata(), "jane@example.com")) == MatchType::session);

  const auto conversion = *shop.conversion("cs_1");
  CHECK(conversion.touches == 2);
  CHECK(conversion.first_touch == id(10));
  CHECK(conversion.last_touch == id(1));
  CHECK(conversion.days_to_convert == 3);
}

TEST_CASE("touches off the path stand in the snapshot with the reason", "[match]") {
  Shop shop;
  add_touch(shop, 20, 2001, Channel::email, kNow - 31 * kDay);
  add_touch(shop, 21, 2001, Channel::direct, kNow - kMinute);
  auto bot = given_touch(22, Channel::referral, kNow - 2 * kMinute);
  bot.is_bot = true;
  auto forged = given_touch(23, Channel::referral, kNow - 2 * kMinute);
  forged.verdict = Verdict::forged;
  shop.store.put([&](Tables& t) -> Outcome<void> {
    TL_CHECK(t.events().insert_touch(bot));
    TL_CHECK(t.events().insert_touch(forged));
    return {};
  });
  matched(shop, session_of("1", visit_metadata(), "a@example.com"));

  const auto path = parse_snapshot(shop.conversion("cs_1")->snapshot);
  std::map<std::string, std::string> why;
  for (const auto& entry : path.entries) why[uuid(entry.touch_id)] = entry.why;
  CHECK(why[uuid(id(1))] == "none");
  CHECK(why[uuid(id(20))] == "outside_lookback");
  CHECK(why[uuid(id(21))] == "direct_removed");
  CHECK(why[uuid(id(22))] == "bot");
  CHECK(why[uuid(id(23))] == "forged");
  CHECK(shop.conversion("cs_1")->touches == 1);
}

TEST_CASE("a refund is split along the path as it was seen", "[match]") {
  Shop shop;
  add_touch(shop, 30, 2001, Channel::paid_search, kNow - 2 * kDay);
  matched(shop, session_of("1", visit_metadata(), "a@example.com"));
  const std::string snapshot = shop.conversion("cs_1")->snapshot;
  // A touch that arrives late, and another parameter, do not reach back.
  add_touch(shop, 31, 2001, Channel::email, kNow - kDay);
  shop.site.tau_ms = kHour;
  shop.told(stripe_event("charge.refunded", refunded_charge(1000)));

  const auto conversion = *shop.conversion("cs_1");
  CHECK(conversion.snapshot == snapshot);
  std::int64_t net = 0;
  int linear = 0;
  for (const auto& credit : shop.credits(conversion.id)) {
    CHECK(credit.model.find("tau_ms=3600000") == std::string::npos);
    if (credit.model != "linear") continue;
    ++linear;
    net += credit.net_minor;
    CHECK(credit.net_minor == 750);
  }
  CHECK(linear == 2);
  CHECK(net == 1500);
}
