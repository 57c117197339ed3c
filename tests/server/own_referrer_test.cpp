// SPDX-License-Identifier: Apache-2.0
// Which referrers are the site itself, and what stored evidence says when that is asked again.
#include "server/core/classify/own_referrer.hpp"

#include "server/core/classify/registrable_domain.hpp"
#include "server/core/classify/stored_touch.hpp"
#include "server/providers/registry.hpp"
#include "tests/server/intake_house.hpp"

#include <map>

using namespace tl;
using namespace tl::server;
using namespace tl::server::test;

namespace {

std::vector<TouchRow> touches_of(IntakeHouse& house, const std::string& session_id) {
  return house.store.get([&](Tables& tables) {
    return tables.events().touches_of_session("demo", parse_uuid(session_id).value());
  });
}

// A visit of `url` from `referrer`, then one more from `next_referrer` in the same session.
std::vector<TouchRow> touches_after(IntakeHouse& house, const std::string& url,
                                    const std::string& referrer, const std::string& next_referrer) {
  Browser browser;
  browser.open(url, referrer);
  const auto first = browser.event("page_view");
  auto answer = house.kept(browser.batch({first}));
  browser.token = answer["token"];
  browser.now_ms += kMinute;
  house.store.clock.advance(kMinute);
  browser.open(url, next_referrer);
  const auto second = browser.event("page_view");
  house.kept(browser.batch({second}));
  CHECK(house.stored(first["id"])->verdict == Verdict::bootstrap);
  CHECK(house.stored(second["id"])->verdict == Verdict::verified);
  return touches_of(house, answer["session_id"]);
}

}  // namespace

TEST_CASE("registrable domains follow the Public Suffix List, private section too", "[own-site]") {
  struct Case {
    const char* host;
    const char* domain;
  };
  const Case cases[] = {
      {"www.shop.example", "shop.example"},
      {"A.B.Example.CO.UK", "example.co.uk"},
      {"shop.example.com.", "example.com"},
      {"a.b.github.io", "b.github.io"},
      {"www.one.myshopify.com", "one.myshopify.com"},
      {"github.io", "github.io"},
      {"www.bücher.example", "xn--bcher-kva.example"},
      {"xn--bcher-kva.example", "xn--bcher-kva.example"},
      {"localhost", "localhost"},
      {"192.168.1.20", "192.168.1.20"},
      {"[2001:db8::1]", "[2001:db8::1]"},
      {"", ""},
      {"...", ""},
  };
  for (const auto& c : cases) {
    CAPTURE(c.host);
    CHECK(registrable_domain(c.host) == c.domain);
  }
}

TEST_CASE("addresses and single labels are one site only when equal", "[own-site]") {
  CHECK(is_one_site("192.168.1.20", "192.168.1.20"));
  CHECK_FALSE(is_one_site("192.168.1.20", "193.168.1.20"));
  CHECK(is_one_site("intranet", "INTRANET"));
  CHECK_FALSE(is_one_site("intranet", "wiki"));
  CHECK(is_one_site("www.bücher.example", "shop.xn--bcher-kva.example"));
  CHECK_FALSE(is_one_site("a.github.io", "b.github.io"));
}

TEST_CASE("a return from a configured domain or another origin makes no touch", "[own-site]") {
  SiteConfig site = demo_site();
  site.origins.push_back("https://film.example");
  site.own_domains = {"checkout.pay.example"};
  const std::string back =
      GENERATE(as<std::string>{}, "https://checkout.pay.example/done",
               "https://eu.checkout.pay.example/done", "https://www.film.example/");
  IntakeHouse house(site);

  const auto touches =
      touches_after(house, "https://shop.example/", "https://www.google.com/", back);

  REQUIRE(touches.size() == 1);
  CHECK(touches[0].channel == Channel::organic_search);
}

// Where each payment provider's own pages stand, from which a buyer comes back.
const std::multimap<std::string, std::string> kPaymentPages = {
    {"stripe", "checkout.stripe.com"},
    {"stripe", "donate.stripe.com"},
    {"paypal", "www.sandbox.paypal.com"},
    {"mollie", "www.mollie.com"},
    {"gocardless", "pay.gocardless.com"},
    {"paystack", "checkout.paystack.com"},
    {"paystack", "paystack.shop"},
    {"razorpay", "api.razorpay.com"},
    {"razorpay", "rzp.io"},
    {"adyen", "checkoutshopper-live.adyen.com"},
    {"adyen", "eu.adyen.link"},
    {"whop", "whop.com"},
    {"polar", "buy.polar.sh"},
    {"lemonsqueezy", "acme.lemonsqueezy.com"},
    {"gumroad", "acme.gumroad.com"},
    {"paddle", "sandbox-pay.paddle.io"},
    {"paddle", "buy.paddle.com"},
    {"chargebee", "acme-test.chargebee.com"},
    {"square", "square.link"},
    {"square", "checkout.square.site"},
    {"square", "connect.squareup.com"},
    {"donorbox", "donorbox.org"},
    {"shopify", "checkout.shopify.com"},
};

TEST_CASE("a return from a payment provider's own page makes no touch", "[own-site]") {
  for (const auto& [provider, host] : kPaymentPages) {
    CAPTURE(host);
    IntakeHouse house;
    const auto touches = touches_after(house, "https://shop.example/", "https://www.google.com/",
                                       "https://" + host + "/");
    REQUIRE(touches.size() == 1);
    CHECK(touches[0].channel == Channel::organic_search);
  }
}

TEST_CASE("every payment provider with pages of its own has them on the list", "[own-site]") {
  for (const std::string& provider : provider_names()) {
    CAPTURE(provider);
    const bool sells_on_the_site = provider == "woocommerce" || provider == "custom";
    CHECK(sells_on_the_site == (kPaymentPages.count(provider) == 0));
  }
}

TEST_CASE("a shop on a payment provider's domain still is a referrer", "[own-site]") {
  IntakeHouse house;
  const std::string shop = GENERATE("https://acme.square.site/", "https://www.shopify.com/blog");

  const auto touches =
      touches_after(house, "https://shop.example/", "https://www.google.com/", shop);

  CHECK(touches.size() == 2);
}

TEST_CASE("a stranger's page after checkout_started is a bank's, and its return makes no touch",
          "[own-site]") {
  struct Case {
    const char* before;  // the event before the return
    const char* url;
    const char* referrer;
    std::size_t touches;
    Channel last;
  };
  const auto& c = GENERATE(values<Case>({
      {"checkout_started", "https://shop.example/thanks", "https://secure.bank.example/", 1,
       Channel::organic_search},
      {"checkout_started", "https://shop.example/thanks", "https://shop.app/", 1,
       Channel::organic_search},
      {"add_to_cart", "https://shop.example/thanks", "https://secure.bank.example/", 2,
       Channel::referral},
      {"checkout_started", "https://shop.example/", "https://www.facebook.com/", 2,
       Channel::organic_social},
      {"checkout_started", "https://shop.example/?utm_source=partner&utm_medium=referral",
       "https://secure.bank.example/", 1, Channel::referral},  // a session of its own
  }));
  const bool is_one_batch = GENERATE(true, false);
  const bool is_core_there = GENERATE(true, false);
  CAPTURE(c.before, c.url, c.referrer, is_one_batch, is_core_there);
  IntakeHouse house;
  Browser browser;
  std::vector<nlohmann::json> held;
  const auto send = [&](const char* name, bool is_last) {
    held.push_back(is_core_there ? browser.event(name) : browser.evidence_only(name));
    held.back()["pn"] = browser.batch({})["pn"];
    if (is_one_batch && !is_last) return nlohmann::json();
    const auto answer =
        is_core_there ? house.kept(browser.batch(held)) : house.kept(browser.batch(held, 0));
    browser.token = answer["token"];
    held.clear();
    return answer;
  };

  browser.open("https://shop.example/", "https://www.google.com/");
  send("page_view", false);
  send(c.before, false);
  browser.now_ms += kMinute;
  house.store.clock.advance(kMinute);
  browser.open(c.url, c.referrer);
  const auto answer = send("page_view", true);

  const auto touches = touches_of(house, answer["session_id"]);
  CHECK(touches.size() == c.touches);
  CHECK(touches.back().channel == c.last);
  if (is_core_there)
    for (const auto& event : house.store.get([&](Tables& tables) {
           return tables.events().events_of_session(
               "demo", parse_uuid(answer["session_id"].get<std::string>()).value(), 10);
         }))
      CHECK(event.verdict != Verdict::mismatch);
}

TEST_CASE("what came before checkout_started, or in another session, is a touch as ever",
          "[own-site]") {
  IntakeHouse house;
  Browser browser;
  browser.open("https://shop.example/", "https://blog.example/");
  const auto first = browser.event("page_view");
  auto answer = house.kept(browser.batch({first, browser.event("checkout_started")}));
  CHECK(touches_of(house, answer["session_id"]).size() == 1);
  browser.token = answer["token"];
  browser.now_ms += 40 * kMinute;
  house.store.clock.advance(40 * kMinute);
  browser.open("https://shop.example/", "https://secure.bank.example/");

  answer = house.kept(browser.batch({browser.event("page_view")}));

  const auto touches = touches_of(house, answer["session_id"]);
  REQUIRE(touches.size() == 1);
  CHECK(touches[0].channel == Channel::referral);
}

TEST_CASE("a neighbour of a configured domain still is a referrer", "[own-site]") {
  SiteConfig site = demo_site();
  site.own_domains = {"checkout.pay.example"};
  IntakeHouse house(site);

  const auto touches = touches_after(house, "https://shop.example/", "https://www.google.com/",
                                     "https://www.pay.example/");

  REQUIRE(touches.size() == 2);
  CHECK(touches[1].channel == Channel::referral);
}

TEST_CASE("a session that begins with a return is direct and verified", "[own-site]") {
  SiteConfig site = demo_site();
  site.own_domains = {"pay.example"};
  IntakeHouse house(site);
  Browser browser;
  browser.open("https://shop.example/", "https://pay.example/done");
  const auto event = browser.event("page_view");

  const auto answer = house.kept(browser.batch({event}));

  const auto touches = touches_of(house, answer["session_id"]);
  REQUIRE(touches.size() == 1);
  CHECK(touches[0].channel == Channel::direct);
  CHECK(touches[0].referrer_domain.empty());
  CHECK(house.stored(event["id"])->verdict == Verdict::bootstrap);
}

TEST_CASE("a tagged return keeps its tags and forgets the referrer", "[own-site]") {
  SiteConfig site = demo_site();
  site.own_domains = {"pay.example"};
  IntakeHouse house(site);
  Browser browser;
  browser.open("https://shop.example/?utm_campaign=x", "https://pay.example/");

  const auto answer = house.kept(browser.batch({browser.event("page_view")}));

  const auto touches = touches_of(house, answer["session_id"]);
  REQUIRE(touches.size() == 1);
  CHECK(touches[0].channel == Channel::unknown);
  CHECK(touches[0].referrer_domain.empty());
}

TEST_CASE("another tenant of a shared suffix is the referrer of a session's first touch",
          "[own-site]") {
  SiteConfig site = demo_site();
  site.origins = {"*"};
  IntakeHouse house(site);

  const auto touches = touches_after(house, "https://one.github.io/", "https://two.github.io/post",
                                     "https://one.github.io/");

  REQUIRE(touches.size() == 1);
  CHECK(touches[0].channel == Channel::referral);
  CHECK(touches[0].referrer_domain == "two.github.io");
}

TEST_CASE("stored touches classify again from their evidence as they did", "[own-site]") {
  struct Case {
    const char* url;
    const char* referrer;
  };
  const auto& [url, referrer] = GENERATE(values<Case>({
      {"https://one.github.io/?utm_source=FB&utm_medium=cpc&fbclid=x", ""},
      {"https://one.github.io/", "https://www.google.co.uk/"},
      {"https://one.github.io/", "https://two.github.io/"},
      {"https://one.github.io/", "https://one.github.io/"},
      {"https://one.github.io/film", ""},
      {"https://one.github.io/", "https://x.com/i/grok"},
      {"https://one.github.io/", "https://checkout.stripe.com/"},
  }));
  SiteConfig site = demo_site();
  site.origins = {"*"};
  IntakeHouse house(site);
  Browser browser;
  browser.open(url, referrer);
  const auto answer = house.kept(browser.batch({browser.event("page_view")}));
  const auto row = touches_of(house, answer["session_id"]).at(0);
  CAPTURE(row.evidence, row.source);

  TouchClassifier classifier;
  const auto again = classify_stored(row, site, classifier);

  REQUIRE(again.ok());
  CHECK(again.value().channel == row.channel);
  CHECK(again.value().source == row.source);
  CHECK(again.value().medium == row.medium);
  CHECK_FALSE(is_classified_by_others(row));
}

TEST_CASE("what the site's own domains are today decides when stored touches are read again",
          "[own-site]") {
  IntakeHouse house;
  Browser browser;
  browser.open("https://shop.example/", "https://pay.example/done");
  const auto answer = house.kept(browser.batch({browser.event("page_view")}));
  auto row = touches_of(house, answer["session_id"]).at(0);
  CHECK(row.channel == Channel::referral);
  SiteConfig later = demo_site();
  later.own_domains = {"pay.example"};

  TouchClassifier classifier;
  CHECK(classify_stored(row, later, classifier).value().channel == Channel::direct);
  row.evidence.replace(row.evidence.find("\"cv\":\"") + 6, 8, "00000000");
  CHECK(is_classified_by_others(row));
  row.evidence = "{}";
  CHECK(classify_stored(row, later, classifier).error().code == "bad_evidence");
}

TEST_CASE("the referrer of a single-page route is not the route before it", "[own-site]") {
  struct Case {
    const char* url;
    std::int64_t idle_ms;
    Channel channel;
  };
  const auto& [url, idle_ms, channel] = GENERATE(values<Case>({
      {"https://shop.example/film?utm_source=news&utm_medium=email", 1000, Channel::email},
      {"https://shop.example/film", 40 * kMinute, Channel::direct},
  }));
  const std::string event = GENERATE("page_view", "click");
  const bool is_core_there = GENERATE(true, false);
  IntakeHouse house;
  Browser browser;
  browser.open("https://shop.example/secret-room", "https://www.google.com/");
  const auto first = house.kept(browser.batch({browser.event("page_view")}));
  browser.token = first["token"];
  browser.now_ms += idle_ms;
  house.store.clock.set(browser.now_ms);
  browser.change_route(url);
  if (event != "page_view") browser.navigation = Navigation::navigate;  // the event is of that page
  const auto answer =
      is_core_there
          ? house.kept(browser.batch({browser.event(event)}))
          : house.kept(browser.batch({browser.evidence_only(event)}, /*rules_version=*/0));
  const auto touches = touches_of(house, answer["session_id"]);
  CAPTURE(url, event, is_core_there);
  if (event != "page_view" && channel == Channel::email) {
    CHECK(touches.size() == 1);  // only a view brings a campaign
    return;
  }
  const auto& touch = touches.back();
  CHECK(touch.channel == channel);
  CHECK(touch.referrer_domain.empty());
  CHECK(touch.evidence.find("secret-room") == std::string::npos);
  TouchClassifier classifier;
  CHECK(classify_stored(touch, demo_site(), classifier).value().channel == channel);
}

TEST_CASE("a touch that the page started classifies again from its fields", "[own-site]") {
  TouchRow row;
  row.evidence =
      R"({"u":"https://shop.example/film","cm":{"source":"newsletter","campaign":"may"},"fp":"0000000000000001"})";

  TouchClassifier classifier;
  const auto found = classify_stored(row, demo_site(), classifier);

  CHECK(found.value().channel == Channel::email);
  CHECK(found.value().source == "newsletter");
}
