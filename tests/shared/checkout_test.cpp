// SPDX-License-Identifier: Apache-2.0
// Hand-over of the ids: the packed token, metadata, and the parameters of each provider's page.
#include "throughline/checkout.hpp"

#include "catch.hpp"
#include "shared/seeded_random.hpp"

#include <string>
#include <vector>

namespace {

using tl::CheckoutHost;
using tl::Handover;

constexpr std::string_view kToken =
    "tl1_01a0b1c2-d3e4-7f50-8a6b-7c8d9eafb0c1_01a0b1c2-d3e4-7f50-8a6b-000000000002_mubbs7ln";

Handover handover() {
  return {tl::parse_uuid("01a0b1c2-d3e4-7f50-8a6b-7c8d9eafb0c1").value(),
          tl::parse_uuid("01a0b1c2-d3e4-7f50-8a6b-000000000002").value(), 1790000000123};
}

template <class Write>
std::string written(Write write) {
  char buffer[1024];
  tl::Out out(buffer, sizeof buffer);
  write(out);
  REQUIRE_FALSE(out.overflowed());
  return std::string(out.view());
}

std::string token_of(const Handover& ids) {
  return written([&](tl::Out& out) { write_packed_token(ids, out); });
}

std::string decorated(std::string_view url, const Handover& ids = handover()) {
  return written([&](tl::Out& out) { decorate_checkout_url(url, ids, out); });
}

// Replaces T by the token and A, S, M by the three values.
std::string expected(std::string_view pattern) {
  std::string text;
  for (const char c : pattern) {
    if (c == 'T')
      text += kToken;
    else if (c == 'A')
      text += "01a0b1c2-d3e4-7f50-8a6b-7c8d9eafb0c1";
    else if (c == 'S')
      text += "01a0b1c2-d3e4-7f50-8a6b-000000000002";
    else if (c == 'M')
      text += "1790000000123";
    else
      text += c;
  }
  return text;
}

}  // namespace

TEST_CASE("the packed token has 86 characters of the allowed alphabet", "[checkout]") {
  const std::string token = token_of(handover());

  CHECK(token == kToken);
  CHECK(token.size() == 86);
  for (const char c : token)
    CHECK(std::string_view("abcdefghijklmnopqrstuvwxyz0123456789-_").find(c) !=
          std::string_view::npos);
}

TEST_CASE("a packed token reads back", "[checkout]") {
  tl::test::SeededRandom random(36);
  for (int round = 0; round < 500; ++round) {
    Handover ids = handover();
    ids.anonymous_id.bytes[0] = static_cast<std::uint8_t>(random.next());
    ids.session_id.bytes[9] = static_cast<std::uint8_t>(random.next());
    ids.checkout_started_ms = static_cast<std::int64_t>(random.next() >> (8 + random.below(56)));

    const auto parsed = tl::parse_packed_token(token_of(ids));
    REQUIRE(parsed.ok());
    REQUIRE(parsed.value().anonymous_id == ids.anonymous_id);
    REQUIRE(parsed.value().session_id == ids.session_id);
    REQUIRE(parsed.value().checkout_started_ms == ids.checkout_started_ms);
  }
  CHECK(tl::parse_packed_token(token_of({handover().anonymous_id, handover().session_id, 0})).ok());
}

TEST_CASE("anything that is not exactly a token is refused", "[checkout]") {
  const std::string good(kToken);
  std::vector<std::string> bad{"",
                               "tl1_",
                               good.substr(0, 78),
                               good + "-",
                               good + "0000",
                               " " + good,
                               good + " ",
                               "tl2_" + good.substr(4),
                               "TL1_" + good.substr(4),
                               good.substr(0, 78) + "0" + good.substr(78),
                               good.substr(0, 78) + "MUBBS7LN",
                               good.substr(0, 78) + "-1",
                               good.substr(0, 78) + std::string(12, 'z')};
  std::string changed = good;
  changed[40] = '-';
  bad.push_back(changed);
  changed = good;
  changed[4] = 'g';
  bad.push_back(changed);
  changed = good;
  changed[6] = 'A';
  bad.push_back(changed);
  changed = good;
  changed[80] = '\0';
  bad.push_back(changed);
  bad.push_back(token_of({{}, handover().session_id, 1}));
  bad.push_back(token_of({handover().anonymous_id, {}, 1}));
  bad.push_back(token_of({handover().anonymous_id, handover().session_id, -1}));
  for (const std::string& token : bad) {
    INFO(token);
    const auto parsed = tl::parse_packed_token(token);
    REQUIRE_FALSE(parsed.ok());
    CHECK(std::string(parsed.error().code) == "bad_token");
  }
  CHECK(tl::parse_packed_token(good.substr(0, 78) + std::string(11, 'z')).ok());
}

TEST_CASE("metadata holds the three values as strings", "[checkout]") {
  CHECK(written([](tl::Out& out) { write_metadata(handover(), out); }) ==
        expected(R"({"anonymous_id":"A","session_id":"S","checkout_started_at":"M"})"));
  CHECK(written([](tl::Out& out) { write_metadata({}, out); }) == "{}");
}

TEST_CASE("checkout pages are told by their host", "[checkout]") {
  const std::pair<std::string_view, CheckoutHost> hosts[] = {
      {"https://buy.stripe.com/test_abc", CheckoutHost::stripe},
      {"https://book.stripe.com/x", CheckoutHost::stripe},
      {"https://donate.stripe.com/x", CheckoutHost::stripe},
      {"https://BUY.Stripe.com./x", CheckoutHost::stripe},
      {"https://checkout.stripe.com/c/pay/cs_1", CheckoutHost::none},
      {"https://buy.stripe.com.evil.example/x", CheckoutHost::none},
      {"https://evilbuy.stripe.com/x", CheckoutHost::none},
      {"https://whop.com/checkout/plan_1", CheckoutHost::whop},
      {"https://www.whop.com/checkout/plan_1", CheckoutHost::whop},
      {"https://notwhop.com/", CheckoutHost::none},
      {"https://buy.polar.sh/polar_cl_1", CheckoutHost::polar},
      {"https://polar.sh/checkout/1", CheckoutHost::polar},
      {"https://sandbox.polar.sh/x", CheckoutHost::polar},
      {"https://store.lemonsqueezy.com/checkout/buy/1", CheckoutHost::lemonsqueezy},
      {"https://buy.paddle.com/product/1", CheckoutHost::paddle},
      {"https://films.myshopify.com/cart/123:1,456:2", CheckoutHost::shopify},
      {"https://shop.example/cart/123:1", CheckoutHost::shopify},
      {"https://shop.example/cart/", CheckoutHost::none},
      {"https://shop.example/cart/item:1", CheckoutHost::none},
      {"https://shop.example/cart/123", CheckoutHost::none},
      {"https://shop.example/?u=https://buy.stripe.com/x", CheckoutHost::none},
      {"https://buy.stripe.com@evil.example/x", CheckoutHost::none},
      {"buy.stripe.com/x", CheckoutHost::none},
      {"javascript://buy.stripe.com/x", CheckoutHost::none},
      {"", CheckoutHost::none},
  };
  for (const auto& [url, host] : hosts) {
    INFO(url);
    CHECK(tl::checkout_host(url) == host);
  }
}

TEST_CASE("each provider's page gets the ids where it takes them", "[checkout]") {
  const std::pair<std::string_view, std::string_view> urls[] = {
      {"https://buy.stripe.com/x", "https://buy.stripe.com/x?client_reference_id=T"},
      {"https://buy.polar.sh/x?theme=dark", "https://buy.polar.sh/x?theme=dark&reference_id=T"},
      {"https://s.lemonsqueezy.com/buy/1",
       "https://s.lemonsqueezy.com/buy/"
       "1?checkout[custom][anonymous_id]=A&checkout[custom][session_id]=S&checkout[custom]["
       "checkout_started_at]=M"},
      {"https://shop.example/cart/1:1?note=x",
       "https://shop.example/cart/"
       "1:1?note=x&attributes[anonymous_id]=A&attributes[session_id]=S&attributes[checkout_started_"
       "at]=M"},
      {"https://whop.com/checkout/p",
       "https://whop.com/checkout/"
       "p?checkout_session_metadata[anonymous_id]=A&checkout_session_metadata[session_id]=S&"
       "checkout_session_metadata[checkout_started_at]=M"},
      {"https://buy.paddle.com/product/1", "https://buy.paddle.com/product/1"},
      {"https://shop.example/pay", "https://shop.example/pay"},
      {"not a url", "not a url"},
  };
  for (const auto& [url, pattern] : urls) CHECK(decorated(url) == expected(pattern));
}

TEST_CASE("decoration leaves the rest of the URL alone", "[checkout]") {
  const std::pair<std::string_view, std::string_view> urls[] = {
      {"https://buy.stripe.com/x#top", "https://buy.stripe.com/x?client_reference_id=T#top"},
      {"https://buy.stripe.com/x?a=1#?b=2",
       "https://buy.stripe.com/x?a=1&client_reference_id=T#?b=2"},
      {"https://buy.stripe.com/x?", "https://buy.stripe.com/x?&client_reference_id=T"},
      {" https://buy.stripe.com/x\n", "https://buy.stripe.com/x?client_reference_id=T"},
      {"https://buy.stripe.com/x?prefilled_email=a%40b.example",
       "https://buy.stripe.com/x?prefilled_email=a%40b.example&client_reference_id=T"},
  };
  for (const auto& [url, pattern] : urls) CHECK(decorated(url) == expected(pattern));
}

TEST_CASE("a value that the page set itself is kept", "[checkout]") {
  CHECK(decorated("https://buy.stripe.com/x?client_reference_id=mine") ==
        "https://buy.stripe.com/x?client_reference_id=mine");
  CHECK(decorated("https://buy.stripe.com/x?xclient_reference_id=1") ==
        expected("https://buy.stripe.com/x?xclient_reference_id=1&client_reference_id=T"));
  CHECK(decorated("https://shop.example/cart/1:1?attributes%5Bsession_id%5D=9") ==
        expected("https://shop.example/cart/1:1?attributes%5Bsession_id%5D=9"
                 "&attributes[anonymous_id]=A&attributes[checkout_started_at]=M"));
}

TEST_CASE("decorating twice adds nothing", "[checkout]") {
  for (const char* url : {"https://buy.stripe.com/x?a=1#f", "https://shop.example/cart/1:1",
                          "https://s.lemonsqueezy.com/buy/1", "https://whop.com/checkout/p"})
    CHECK(decorated(decorated(url)) == decorated(url));
}

TEST_CASE("without both ids nothing is handed over", "[checkout]") {
  CHECK(decorated("https://buy.stripe.com/x", {}) == "https://buy.stripe.com/x");
  CHECK(decorated("https://buy.stripe.com/x", {handover().anonymous_id, {}, 5}) ==
        "https://buy.stripe.com/x");
}

TEST_CASE("a page on the seller's own domain is decorated by the provider's name", "[checkout]") {
  const CheckoutHost host = tl::parse_checkout_host("stripe");

  CHECK(written([&](tl::Out& out) {
          decorate_checkout_url("https://pay.shop.example/b/1", host, handover(), out);
        }) == expected("https://pay.shop.example/b/1?client_reference_id=T"));
  CHECK(tl::parse_checkout_host("unheard_of") == CheckoutHost::none);
  for (int number = 0; number <= 6; ++number) {
    const auto named = static_cast<CheckoutHost>(number);
    CHECK(tl::parse_checkout_host(tl::checkout_host_name(named)) == named);
  }
}
