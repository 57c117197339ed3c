// SPDX-License-Identifier: Apache-2.0
// What a browser says without a signature, and whose it makes what was seen there: an export gives
// nothing out by it, and an erasure takes nobody who is proven to be somebody else.
#include "tests/server/anns_world.hpp"

using namespace tl;
using namespace tl::server;
using namespace tl::server::test;

namespace {

PersonName whose_email(const std::string& email) {
  PersonName name;
  name.email = email;
  return name;
}
PersonName whose_browser(std::uint64_t visitor) {
  PersonName name;
  name.anonymous_id = id(visitor);
  return name;
}

// Ann on her phone and Bob elsewhere, each proven by an order of their own.
class TwoPeople : public AnnsWorld {
 public:
  TwoPeople() {
    come(kPhone, kPhoneVisit, kMonth, {Channel::email, "letter", "", "", "/anns-page"});
    come(kOther, kOtherVisit, kMonth, {Channel::email, "letter", "", "", "/others-page"});
    keep_details(kPhone);
    keep_details(kOther);
    buy(1, kEmail, kPhone, kPhoneVisit, kMonth + kDay);
  }
  void bob_buys(const std::string& user_id = "") {
    StatedConversion stated;
    stated.kind = "purchase";
    stated.reference = "bobs-order";
    stated.amount_minor = 700;
    stated.currency = "EUR";
    stated.occurred_ms = kMonth + 2 * kDay;
    stated.customer.email = kBobsEmail;
    stated.user_id = user_id;
    stated.anonymous_id = id(kOther);
    stated.session_id = id(kOtherVisit);
    stated.digest = sha256(stated.reference);
    state(stated);
  }
  void check_has_nothing_of_ann(const PersonName& name) {
    const std::string text = exported(name);
    for (const std::string& anns :
         {uuid(id(kPhone)), std::string("anns-page"), std::string("anns-click"),
          std::string("anns title"), to_hex(*contact_hash(ContactKind::email, kEmail, ""))}) {
      INFO(anns);
      CHECK(text.find(anns) == std::string::npos);
    }
  }
  std::size_t sessions_of(const PersonName& name) {
    return json::parse(exported(name))["sessions"].size();
  }
};

}  // namespace

TEST_CASE("a user id that another person only says gives nothing of theirs out and takes nothing",
          "[erasure][unsigned]") {
  TwoPeople world;
  world.say_user_id(kPhone, "guest");
  world.say_user_id(kOther, "guest");
  world.bob_buys("guest");

  world.check_has_nothing_of_ann(whose_email(kBobsEmail));
  CHECK(world.sessions_of(whose_email(kBobsEmail)) == 1);
  world.erase(whose_email(kBobsEmail));

  CHECK(world.sessions_of(whose_email(kEmail)) == 1);
  CHECK(world.exported(whose_email(kEmail)).find("anns-click") != std::string::npos);
  CHECK(world.differences().empty());
}

TEST_CASE("the address of another person that somebody only says joins neither's visits",
          "[erasure][unsigned]") {
  TwoPeople world;
  world.bob_buys();
  world.identify(kPhone, kBobsEmail, kMonth + kHour);

  world.check_has_nothing_of_ann(whose_email(kBobsEmail));
  CHECK(world.sessions_of(whose_email(kBobsEmail)) == 1);
  world.erase(whose_email(kBobsEmail));

  CHECK(world.sessions_of(whose_email(kEmail)) == 1);
  CHECK(world.differences().empty());
}

TEST_CASE("a browser that only says an address is erased with it and not given out",
          "[erasure][unsigned]") {
  TwoPeople world;
  const bool is_proven = GENERATE(false, true);
  if (is_proven) world.bob_buys();
  constexpr std::uint64_t kClaiming = 401;
  world.come(kClaiming, 4010, kMonth, {Channel::email, "letter", "", "", "/claiming-page"});
  world.identify(kClaiming, kBobsEmail, kMonth + kHour);

  CHECK(world.sessions_of(whose_email(kBobsEmail)) == (is_proven ? 1 : 0));
  CHECK(world.exported(whose_email(kBobsEmail)).find("claiming-page") == std::string::npos);
  // Of itself it may be told all, and nothing of whose address it says.
  CHECK(world.exported(whose_browser(kClaiming)).find("claiming-page") != std::string::npos);
  CHECK(world.exported(whose_browser(kClaiming)).find("others-page") == std::string::npos);

  world.erase(whose_email(kBobsEmail));
  CHECK(world.sessions_of(whose_browser(kClaiming)) == 0);
  CHECK(world.sessions_of(whose_email(kEmail)) == 1);
  CHECK(world.differences().empty());
}
