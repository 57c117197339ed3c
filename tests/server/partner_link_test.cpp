// SPDX-License-Identifier: Apache-2.0
// Arrivals by partners' links, told by the parameters that a site calls so.
#include "server/core/classify/partner_link.hpp"

#include "server/core/classify/stored_touch.hpp"
#include "tests/server/intake_house.hpp"

using namespace tl;
using namespace tl::server;
using namespace tl::server::test;

namespace {

SiteConfig site_with_partners() {
  SiteConfig site = demo_site();
  site.affiliate_params = {"via", "ref"};
  return site;
}

// The touch that the visit of `url` is stored as.
TouchRow arrival(IntakeHouse& house, const std::string& url, const std::string& referrer) {
  Browser browser;
  browser.keep_query = "via ref";
  browser.open(url, referrer);
  const auto event = browser.event("page_view");
  const auto answer = house.kept(browser.batch({event}));
  CHECK(house.stored(event["id"])->verdict == Verdict::bootstrap);
  return house.store
      .get([&](Tables& tables) {
        return tables.events().touches_of_session(
            "demo", parse_uuid(answer["session_id"].get<std::string>()).value());
      })
      .at(0);
}

}  // namespace

TEST_CASE("a partner's link is affiliate, unless a campaign or a paid click says otherwise",
          "[partner]") {
  struct Case {
    const char* query;
    const char* referrer;
    Channel channel;
    const char* source;
  };
  const auto& [query, referrer, channel, source] = GENERATE(values<Case>({
      {"?via=jane", "", Channel::affiliate, "jane"},
      {"?VIA=jane", "https://blog.jane.example/", Channel::affiliate, "jane"},
      {"?ref=jane&fbclid=F", "https://l.facebook.com/", Channel::affiliate, "jane"},
      {"?via=jane&utm_source=letter&utm_medium=email", "", Channel::email, "letter"},
      {"?via=jane&gclid=G", "", Channel::paid_search, "google"},
      {"?via=", "", Channel::direct, ""},
      {"?via=*", "", Channel::direct, ""},
      {"?via=a%20b", "", Channel::direct, ""},
      {"?aff=jane", "", Channel::direct, ""},
  }));
  IntakeHouse house(site_with_partners());

  const auto touch = arrival(house, std::string("https://shop.example/") + query, referrer);

  CAPTURE(query);
  CHECK(channel_name(touch.channel) == channel_name(channel));
  if (channel != Channel::direct) CHECK(touch.source == source);
  TouchClassifier classifier;
  const auto again = classify_stored(touch, site_with_partners(), classifier);
  REQUIRE(again.ok());
  CHECK(again.value().channel == touch.channel);
  CHECK(again.value().source == touch.source);
}

TEST_CASE("without the site's word no parameter is a partner's", "[partner]") {
  IntakeHouse house;
  auto touch = arrival(house, "https://shop.example/?via=jane", "https://blog.jane.example/");
  CHECK(touch.channel == Channel::referral);

  TouchClassifier classifier;  // and with it, what was kept is read again
  const auto later = classify_stored(touch, site_with_partners(), classifier);
  CHECK(later.value().channel == Channel::affiliate);
}
