// SPDX-License-Identifier: Apache-2.0
// The channel rules, row by row (channel facts 2.2), the click-id table 1.6 and the departures of
// section 8. One line a case: query, referrer, wanted channel.
#include "throughline/channel.hpp"

#include "catch.hpp"
#include "core_text.hpp"

#include <string>

using tl::Channel;
using tl::test::Arena;

namespace {

struct Case {
  const char* query;
  const char* referrer;  // a host, or a whole URL
  Channel channel;
};

tl::Classification classified(const std::string& query, std::string referrer, Arena& arena,
                              const tl::HostTable& table = tl::all_hosts()) {
  if (!referrer.empty() && referrer.find("://") == std::string::npos)
    referrer = "https://" + referrer + "/";
  const auto touch = tl::extract_touch("https://shop.example/?" + query, referrer, arena.out());
  return tl::classify(touch, table, arena.out());
}

void check(const Case& c) {
  Arena arena;
  CAPTURE(c.query, c.referrer);
  CHECK(tl::channel_name(classified(c.query, c.referrer, arena).channel) ==
        tl::channel_name(c.channel));
}

}  // namespace

TEST_CASE("rows 1 and 2: own, ignored and local referrers", "[channel]") {
  const Case cases[] = {
      {"", "shop.example", Channel::internal},
      {"", "www.shop.example", Channel::internal},
      {"", "checkout.stripe.com", Channel::internal},
      {"", "www.paypal.com", Channel::internal},
      {"", "accounts.google.com", Channel::internal},
      {"", "http://localhost:3000/", Channel::internal},
      {"utm_source=newsletter", "checkout.stripe.com", Channel::email},
      {"gclid=x", "www.shop.example", Channel::paid_search},
      {"utm_campaign=x", "paypal.com", Channel::unknown},
  };
  for (const auto& c : cases) check(c);
}

TEST_CASE("row 3: cross-network", "[channel]") {
  const Case cases[] = {
      {"utm_source=google&utm_medium=cpc&utm_campaign=Cross-Network", "", Channel::cross_network},
      {"utm_campaign=my-cross-network-1", "www.google.com", Channel::cross_network},
      {"utm_source=google&utm_medium=pmax", "", Channel::cross_network},
      {"utm_medium=performance-max", "", Channel::cross_network},
      {"utm_medium=performance_max&gclid=x", "", Channel::cross_network},
      {"utm_medium=cross_network", "", Channel::cross_network},
  };
  for (const auto& c : cases) check(c);
}

TEST_CASE("row 4: paid mediums", "[channel]") {
  const Case cases[] = {
      // 4a, by source
      {"utm_source=google&utm_medium=cpc", "", Channel::paid_search},
      {"utm_source=google&utm_medium=cpm", "", Channel::paid_search},
      {"utm_source=google&utm_medium=CPC&utm_campaign=eshop-brand", "", Channel::paid_shopping},
      {"utm_source=google&utm_medium=cpc&utm_campaign=workshop", "", Channel::paid_search},
      {"utm_source=google&utm_medium=cpc&utm_campaign=shopping_cz", "", Channel::paid_shopping},
      {"utm_source=google&utm_medium=cpc&utm_campaign=my-shop", "", Channel::paid_shopping},
      {"utm_source=google&utm_medium=cpc&utm_campaign=teleshopping", "", Channel::paid_shopping},
      {"utm_source=facebook&utm_medium=cpc", "", Channel::paid_social},
      {"utm_source=fb&utm_medium=paid", "", Channel::paid_social},
      {"utm_source=facebook&utm_medium=cpc&utm_campaign=shop", "", Channel::paid_social},
      {"utm_source=instagram&utm_medium=paid_social", "", Channel::paid_social},
      {"utm_source=youtube&utm_medium=cpv", "", Channel::paid_video},
      {"utm_source=youtube&utm_medium=paid-video", "", Channel::paid_video},
      {"utm_source=youtube&utm_medium=cpc", "", Channel::paid_video},
      {"utm_source=amazon&utm_medium=ppc", "", Channel::paid_shopping},
      {"utm_source=doubleclick.net&utm_medium=cpc", "", Channel::display},
      {"utm_source=taboola&utm_medium=cpc", "", Channel::paid_other},
      {"utm_source=l.facebook.com&utm_medium=retargeting", "", Channel::paid_social},
      {"utm_source=bing&utm_medium=sem", "", Channel::paid_search},
      // 4b, by campaign
      {"utm_source=partner1&utm_medium=cpc&utm_campaign=shop-cz", "", Channel::paid_shopping},
      // 4c, by medium
      {"utm_source=agency&utm_medium=paid-social", "", Channel::paid_social},
      {"utm_source=agency&utm_medium=social_paid", "", Channel::paid_social},
      {"utm_source=agency&utm_medium=paid_search", "", Channel::paid_search},
      {"utm_source=agency&utm_medium=sem", "", Channel::paid_search},
      {"utm_source=agency&utm_medium=paidvideo", "", Channel::paid_video},
      {"utm_source=agency&utm_medium=pla", "", Channel::paid_shopping},
      {"utm_source=agency&utm_medium=paid-shopping", "", Channel::paid_shopping},
      {"utm_source=agency&utm_medium=cpm", "", Channel::display},
      {"utm_source=agency&utm_medium=paid-display", "", Channel::display},
      {"utm_source=agency&utm_medium=cpc-banner", "", Channel::display},
      // 4d, by referrer
      {"utm_medium=cpc", "www.google.com", Channel::paid_search},
      {"utm_medium=cpc", "l.facebook.com", Channel::paid_social},
      {"utm_medium=cpc", "googleads.g.doubleclick.net", Channel::display},
      // 4f and the rest
      {"utm_medium=cpc&fbclid=x", "", Channel::paid_social},
      {"utm_medium=cpc&epik=x", "", Channel::paid_social},
      {"utm_medium=cpc&utm_campaign=video-q1", "", Channel::paid_video},
      {"utm_medium=cpc", "", Channel::paid_other},
      {"utm_source=agency&utm_medium=remarketing", "blog.example.net", Channel::paid_other},
      {"utm_source=agency&utm_medium=unpaid", "", Channel::unknown},
      {"utm_source=agency&utm_medium=not%20paid", "", Channel::paid_other},
  };
  for (const auto& c : cases) check(c);
}

TEST_CASE("row 4: sources that are paid aliases", "[channel]") {
  const Case cases[] = {
      {"utm_source=fb-ads", "", Channel::paid_social},
      {"utm_source=facebook_feed_ad", "", Channel::paid_social},
      {"utm_source=facebook_ad", "", Channel::paid_social},
      {"utm_source=Yt-Ads", "", Channel::paid_video},
      {"utm_source=gads", "", Channel::paid_search},
      {"utm_source=google+ads", "", Channel::paid_search},
      {"utm_source=google.ads", "", Channel::paid_search},
      {"utm_source=adwords", "", Channel::paid_search},
      {"utm_source=tiktokads", "", Channel::paid_social},
      {"utm_source=reddit-ads&utm_medium=email", "", Channel::paid_social},
      {"utm_source=threads", "", Channel::organic_social},
      {"utm_source=ads", "", Channel::unknown},
      {"utm_source=unknownads", "", Channel::unknown},
      {"utm_source=download", "", Channel::unknown},
  };
  for (const auto& c : cases) check(c);
}

TEST_CASE("row 4e and table 1.6: click ids without campaign parameters", "[channel]") {
  const Case cases[] = {
      {"gclid=x", "", Channel::paid_search},
      {"gclid=x", "www.google.com", Channel::paid_search},
      {"gclid=x", "www.youtube.com", Channel::paid_video},
      {"gclid=x", "googleads.g.doubleclick.net", Channel::display},
      {"gclid=x", "tpc.googlesyndication.com", Channel::display},
      {"gclid=x", "blog.example.net", Channel::paid_search},
      {"gbraid=x", "", Channel::paid_search},
      {"wbraid=x", "www.youtube.com", Channel::paid_video},
      {"gad_source=1", "", Channel::paid_search},
      {"dclid=x", "", Channel::display},
      {"msclkid=x", "", Channel::paid_search},
      {"msclkid=x", "www.bing.com", Channel::paid_search},
      {"fbclid=x", "", Channel::organic_social},
      {"fbclid=x", "l.facebook.com", Channel::organic_social},
      {"fbclid=x", "blog.example.net", Channel::organic_social},
      {"fbclid=x", "mail.google.com", Channel::email},
      {"igshid=x", "", Channel::organic_social},
      {"igsh=x", "", Channel::organic_social},
      {"epik=x", "", Channel::organic_social},
      {"ttclid=x", "", Channel::paid_social},
      {"twclid=x", "t.co", Channel::paid_social},
      {"li_fat_id=x", "", Channel::paid_social},
      {"ScCid=x", "", Channel::paid_social},
      {"rdt_cid=1", "", Channel::paid_social},
      {"qclid=x", "", Channel::paid_social},
      {"yclid=1", "", Channel::paid_search},
      {"ymclid=1", "", Channel::paid_shopping},
      {"vmcid=x", "", Channel::paid_other},
      {"tblci=x", "", Channel::paid_other},
      {"dicbo=x", "", Channel::paid_other},
      {"obclid=x", "", Channel::paid_other},
      {"irclickid=x", "", Channel::affiliate},
      {"awc=1_2_3", "blog.example.net", Channel::affiliate},
      {"cjevent=x", "", Channel::affiliate},
      {"ranSiteID=x", "", Channel::affiliate},
      {"mc_cid=x", "", Channel::email},
      {"_kx=a.b", "", Channel::email},
      {"_hsmi=1", "", Channel::email},
      {"mkt_tok=x", "", Channel::email},
      {"srsltid=x", "", Channel::organic_search},
      {"srsltid=x", "blog.example.net", Channel::organic_search},
      {"gclid=x&fbclid=y", "", Channel::paid_search},
      {"fbclid=y&ttclid=x", "", Channel::paid_social},
      {"dclid=x&gclid=y", "", Channel::paid_search},
      {"gclid=*", "", Channel::paid_search},
      {"gclid=bad%20value", "", Channel::direct},
  };
  for (const auto& c : cases) check(c);
}

TEST_CASE("rows 5 to 14: by medium", "[channel]") {
  const Case cases[] = {
      {"utm_source=agency&utm_medium=display", "", Channel::display},
      {"utm_source=agency&utm_medium=Banner", "", Channel::display},
      {"utm_source=agency&utm_medium=interstitial", "", Channel::display},
      {"utm_source=agency&utm_medium=gdn", "", Channel::display},
      {"utm_source=agency&utm_medium=programmatic", "", Channel::display},
      {"utm_source=agency&utm_medium=native-display", "", Channel::display},
      {"utm_source=facebook&utm_medium=display", "", Channel::display},
      {"utm_source=x1&utm_medium=email", "", Channel::email},
      {"utm_source=x1&utm_medium=E-Mail", "", Channel::email},
      {"utm_source=x1&utm_medium=e_mail", "", Channel::email},
      {"utm_source=x1&utm_medium=e%20mail", "", Channel::email},
      {"utm_source=x1&utm_medium=weekly-email", "", Channel::email},
      {"utm_source=x1&utm_medium=newsletter", "", Channel::email},
      {"utm_source=x1&utm_medium=crm", "", Channel::email},
      {"utm_source=facebook&utm_medium=email", "", Channel::email},
      {"utm_source=google&utm_medium=email", "", Channel::email},
      {"utm_campaign=shop-sale&utm_medium=email", "", Channel::email},
      {"utm_source=x1&utm_medium=sms", "", Channel::sms},
      {"utm_source=x1&utm_medium=text-message", "", Channel::sms},
      {"utm_source=x1&utm_medium=web-push", "", Channel::push},
      {"utm_source=x1&utm_medium=mobile_notification", "", Channel::push},
      {"utm_source=x1&utm_medium=mobile", "", Channel::unknown},
      {"utm_source=x1&utm_medium=affiliate", "", Channel::affiliate},
      {"utm_source=x1&utm_medium=partnerships", "", Channel::affiliate},
      {"utm_source=x1&utm_medium=podcast", "", Channel::audio},
      {"utm_source=x1&utm_medium=ai-assistant", "", Channel::ai_assistant},
      {"utm_source=x1&utm_medium=llm", "", Channel::ai_assistant},
      {"utm_source=x1&utm_medium=social", "", Channel::organic_social},
      {"utm_source=x1&utm_medium=social+media", "", Channel::organic_social},
      {"utm_source=x1&utm_medium=sm", "", Channel::organic_social},
      {"utm_source=x1&utm_medium=organic_social", "", Channel::organic_social},
      {"utm_source=x1&utm_medium=organic", "", Channel::organic_search},
      {"utm_source=facebook&utm_medium=organic", "", Channel::organic_social},
      {"utm_source=youtube&utm_medium=organic", "", Channel::organic_video},
      {"utm_source=google&utm_medium=organic", "", Channel::organic_search},
      {"utm_source=amazon&utm_medium=organic", "", Channel::organic_shopping},
      {"utm_source=gmail&utm_medium=organic", "", Channel::organic_search},
      {"utm_source=x1&utm_medium=webvideo", "", Channel::organic_video},
      {"utm_source=x1&utm_medium=email&gclid=x", "", Channel::paid_search},
      {"utm_source=x1&utm_medium=organic&msclkid=x", "", Channel::paid_search},
      {"utm_medium=email&fbclid=x", "l.facebook.com", Channel::email},
  };
  for (const auto& c : cases) check(c);
}

TEST_CASE("rows 15 to 21: by source and the rest of the tags", "[channel]") {
  const Case cases[] = {
      {"utm_source=sms", "", Channel::sms},
      {"utm_source=Firebase", "", Channel::push},
      {"utm_source=google", "", Channel::organic_search},
      {"utm_source=facebook", "", Channel::organic_social},
      {"utm_source=ig&utm_medium=story", "", Channel::organic_social},
      {"utm_source=youtube.com", "", Channel::organic_video},
      {"utm_source=etsy", "", Channel::organic_shopping},
      {"utm_source=gmail", "", Channel::email},
      {"utm_source=chatgpt.com", "", Channel::ai_assistant},
      {"utm_source=perplexity", "", Channel::ai_assistant},
      {"utm_source=criteo", "", Channel::display},
      {"utm_source=awin1.com", "", Channel::affiliate},
      {"utm_source=outbrain", "", Channel::paid_other},
      {"utm_source=newsletter", "", Channel::email},
      {"utm_source=my-newsletter-5&utm_medium=link", "", Channel::email},
      {"utm_source=company_e-mail", "", Channel::email},
      {"utm_source=x1&awc=1", "", Channel::affiliate},
      {"utm_campaign=x&mc_cid=1", "", Channel::email},
      {"utm_campaign=shop-sale", "", Channel::organic_shopping},
      {"utm_campaign=shop-sale&utm_medium=odd", "", Channel::unknown},
      {"utm_source=x1&utm_medium=referral", "", Channel::referral},
      {"utm_source=x1&utm_medium=link", "", Channel::referral},
      {"utm_source=x1", "", Channel::unknown},
      {"utm_source=x1", "www.google.com", Channel::unknown},
      {"utm_campaign=x", "www.google.com", Channel::organic_search},
      {"utm_campaign=x", "blog.example.net", Channel::unknown},
      {"utm_medium=odd", "l.instagram.com", Channel::organic_social},
      {"utm_source=paypal", "", Channel::unknown},
      {"utm_source=(direct)&utm_medium=(none)", "", Channel::direct},
      {"utm_source={{site_source_name}}", "", Channel::direct},
  };
  for (const auto& c : cases) check(c);
}

TEST_CASE("rows 22 to 25: by referrer alone", "[channel]") {
  const Case cases[] = {
      {"", "www.google.com", Channel::organic_search},
      {"", "duckduckgo.com", Channel::organic_search},
      {"", "seznam.cz", Channel::organic_search},
      {"", "android-app://com.google.android.googlequicksearchbox/", Channel::organic_search},
      {"", "l.facebook.com", Channel::organic_social},
      {"", "news.ycombinator.com", Channel::organic_social},
      {"", "www.youtube.com", Channel::organic_video},
      {"", "www.etsy.com", Channel::organic_shopping},
      {"", "mail.google.com", Channel::email},
      {"", "android-app://com.google.android.gm/", Channel::email},
      {"", "webmail.provider.cz", Channel::email},
      {"", "chatgpt.com", Channel::ai_assistant},
      {"", "gemini.google.com", Channel::ai_assistant},
      {"", "copilot.microsoft.com", Channel::ai_assistant},
      {"", "https://x.com/i/grok", Channel::ai_assistant},
      {"", "https://x.com/i/grok/share/1", Channel::ai_assistant},
      {"", "https://x.com/i/grokking", Channel::organic_social},
      {"", "https://x.com/someone", Channel::organic_social},
      {"", "googleads.g.doubleclick.net", Channel::display},
      {"", "trc.taboola.com", Channel::paid_other},
      {"", "www.awin1.com", Channel::affiliate},
      {"", "news.google.com", Channel::referral},
      {"", "translate.google.com", Channel::referral},
      {"", "blog.example.net", Channel::referral},
      {"", "notgoogle.com", Channel::referral},
      {"", "google.com.evil.example.net", Channel::referral},
      {"", "192.168.1.20", Channel::referral},
      {"", "", Channel::direct},
      {"page=2", "", Channel::direct},
      {"utm_term=x&utm_content=y", "", Channel::direct},
  };
  for (const auto& c : cases) check(c);
}

TEST_CASE("a touch without any page is unknown, not direct", "[channel]") {
  Arena arena;
  CHECK(tl::classify({}, tl::all_hosts(), arena.out()).channel == Channel::unknown);
}

TEST_CASE("a touch is named by its source, referrer or click id", "[channel]") {
  struct Named {
    const char* query;
    const char* referrer;
    const char* source;
    const char* medium;
  };
  const Named cases[] = {
      {"utm_source=FB&utm_medium=CPC", "www.google.com", "fb", "cpc"},
      {"", "www.google.co.uk", "google", ""},
      {"", "l.facebook.com", "facebook", ""},
      {"", "t.co", "twitter", ""},
      {"", "https://x.com/i/grok", "grok", ""},
      {"", "blog.example.net", "blog.example.net", ""},
      {"", "www.notion.so", "notion.so", ""},
      {"", "webmail.provider.cz", "webmail.provider.cz", ""},
      {"gclid=x", "", "google", ""},
      {"gclid=x", "www.youtube.com", "youtube", ""},
      {"fbclid=x", "", "facebook", ""},
      {"awc=1", "", "awin", ""},
      {"fbclid=x&awc=1", "", "awin", ""},
      {"awc=1&gclid=x", "", "google", ""},
      {"utm_medium=email", "", "(direct)", "email"},
      {"", "", "(direct)", ""},
  };
  for (const auto& c : cases) {
    Arena arena;
    CAPTURE(c.query, c.referrer);
    const auto named = classified(c.query, c.referrer, arena);
    CHECK(named.source == c.source);
    CHECK(named.medium == c.medium);
  }
}

TEST_CASE("withheld click-id values classify alike", "[channel]") {
  for (const auto* query : {"gclid=abc", "fbclid=abc", "utm_source=x&ttclid=abc", "irclickid=1",
                            "utm_medium=cpc&epik=a"}) {
    Arena arena;
    const auto url = "https://shop.example/?" + std::string(query);
    const auto withheld = tl::test::reduced(url, {}, false);
    const auto open = tl::extract_touch(url, {}, arena.out());
    const auto closed = tl::extract_touch(withheld, {}, arena.out());
    CAPTURE(query);
    CHECK(tl::classify(open, tl::all_hosts(), arena.out()).channel ==
          tl::classify(closed, tl::all_hosts(), arena.out()).channel);
  }
}

TEST_CASE("channel names are stable and read back", "[channel]") {
  const std::pair<int, const char*> names[] = {{0, "unknown"},
                                               {1, "direct"},
                                               {2, "internal"},
                                               {10, "paid_search"},
                                               {11, "paid_social"},
                                               {12, "paid_video"},
                                               {13, "paid_shopping"},
                                               {14, "display"},
                                               {15, "cross_network"},
                                               {16, "paid_other"},
                                               {20, "organic_search"},
                                               {21, "organic_social"},
                                               {22, "organic_video"},
                                               {23, "organic_shopping"},
                                               {30, "ai_assistant"},
                                               {31, "email"},
                                               {32, "sms"},
                                               {33, "push"},
                                               {34, "affiliate"},
                                               {35, "audio"},
                                               {36, "referral"}};
  for (const auto& [number, name] : names) {
    CHECK(tl::channel_name(static_cast<Channel>(number)) == name);
    Channel parsed{};
    REQUIRE(tl::parse_channel(name, parsed));
    CHECK(static_cast<int>(parsed) == number);
  }
  Channel parsed{};
  CHECK_FALSE(tl::parse_channel("", parsed));
  CHECK_FALSE(tl::parse_channel("paid", parsed));
}
