// SPDX-License-Identifier: Apache-2.0
// Touch extraction and its wire form; the same touch must come out before and after reduction.
#include "throughline/touch.hpp"

#include "catch.hpp"
#include "core_text.hpp"
#include "seeded_random.hpp"

#include <string>

using tl::Touch;
using tl::test::Arena;
using tl::test::wire;

namespace {
std::string extracted(std::string_view url, std::string_view referrer = {}) {
  Arena arena;
  return wire(tl::extract_touch(url, referrer, arena.out()));
}
std::int64_t fingerprint(std::string_view url, std::string_view referrer = {}) {
  Arena arena;
  return tl::touch_fingerprint(tl::extract_touch(url, referrer, arena.out()));
}
std::string from_query(const std::string& query) {
  return extracted("https://shop.example/?" + query);
}
}  // namespace

TEST_CASE("campaign parameters and click ids make a touch", "[touch]") {
  struct Case {
    const char* query;
    const char* want;
  };
  const Case cases[] = {
      {"utm_source=Google&utm_medium=CPC&utm_campaign=a+b&utm_term=t&utm_content=c&utm_id=7&gclid="
       "Cj0K",
       R"({"source":"Google","medium":"CPC","campaign":"a b","term":"t","content":"c","campaign_id":"7","gclid":"Cj0K"})"},
      {"", "{}"},
      {"utm_source=", "{}"},
      {"utm_source=a&utm_source=b", R"({"source":"a"})"},
      {"utm_source=&utm_source=b", "{}"},
      {"mtm_source=m&utm_source=u", R"({"source":"u"})"},
      {"pk_source=p&mtm_source=m", R"({"source":"m"})"},
      {"utm_source=(none)&mtm_source=m", R"({"source":"m"})"},
      {"piwik_campaign=x&pk_kwd=y", R"({"campaign":"x","term":"y"})"},
      {"UTM_SOURCE=x&Utm_Medium=y", R"({"source":"x","medium":"y"})"},
      {"utm_source=%20%20x+", R"({"source":"x"})"},
      {"utm_source=null&utm_medium=Undefined&utm_campaign=(NOT%20SET)&utm_term=NaN&utm_content=%"
       "28direct%29",
       "{}"},
      {"utm_source={{site_source_name}}&utm_campaign=%7Bcampaign%7D&utm_term=${x}&utm_content=[y]",
       "{}"},
      {"utm_source=a{x}", R"({"source":"a{x}"})"},
      {"utm_source=%00", "{}"},
      {"utm_source=a%00b", R"({"source":"a b"})"},
      {"utm_source=%FF%C3%A9", "{\"source\":\"\xEF\xBF\xBD\xC3\xA9\"}"},
      {"utm_source=%22%5C", R"({"source":"\"\\"})"},
      {"ScCid=AbC-1", R"({"sccid":"AbC-1"})"},
      {"gclid=a%2Bb%3D&fbclid=x+y", R"({"gclid":"a+b=","fbclid":"x+y"})"},
      {"gclid=a%20b&wbraid=%7Bx%7D&gbraid=%FF&msclkid=ok", R"({"msclkid":"ok"})"},
      {"gclid=bad%40x&gclid=ok", "{}"},
      {"fbclid=F&gclid=G&ttclid=T", R"({"gclid":"G","fbclid":"F","ttclid":"T"})"},
      {"mc_eid=abc&_kx=d.e&mc_cid=1", R"({"mc_cid":"1","mc_eid":"*","_kx":"*"})"},
      {"gclid=*", R"({"gclid":"*"})"},
      {"ref=x&source=y&via=z&utm=1", "{}"},
      {"utm_source_platform=dv360", "{}"},
      {"utm_source=a#utm_source=b", R"({"source":"a"})"},
      {"&&=&utm_source=a=b&", R"({"source":"a=b"})"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.query);
    CHECK(from_query(c.query) == c.want);
  }
}

TEST_CASE("at most eight click ids are kept, in the table's order", "[touch]") {
  std::string query;
  for (const auto* name : {"qclid", "rdt_cid", "epik", "sccid", "li_fat_id", "twclid", "ttclid",
                           "fbclid", "msclkid", "gclid"}) {
    query += std::string(name) + "=1&";
  }
  CHECK(
      from_query(query) ==
      R"({"gclid":"1","msclkid":"1","fbclid":"1","ttclid":"1","twclid":"1","li_fat_id":"1","sccid":"1","epik":"1"})");
}

TEST_CASE("campaign values are cut at 255 bytes between characters", "[touch]") {
  CHECK(from_query("utm_source=" + std::string(254, 'a') + "%C3%A9") ==
        "{\"source\":\"" + std::string(254, 'a') + "\"}");
  CHECK(from_query("utm_source=" + std::string(300, 'a')) ==
        "{\"source\":\"" + std::string(255, 'a') + "\"}");
}

TEST_CASE("an external referrer is evidence, an own or ignored one is forgotten", "[touch]") {
  struct Case {
    const char* referrer;
    const char* want;
    bool is_internal;
  };
  const Case cases[] = {
      {"https://www.Google.com/search?q=x", R"({"ref":"www.google.com"})", false},
      {"https://www.google.com:443", R"({"ref":"www.google.com"})", false},
      {"android-app://com.google.android.gm/", R"({"ref":"com.google.android.gm"})", false},
      {"https://M\xC3\xBCnchen.example.net/", "{\"ref\":\"m\xC3\xBCnchen.example.net\"}", false},
      {"https://xn--mnchen-3ya.example.net/", R"({"ref":"xn--mnchen-3ya.example.net"})", false},
      {"http://[2001:db8::1]/", R"({"ref":"[2001:db8::1]"})", false},
      {"https://paypal.com.evil.example.org/", R"({"ref":"paypal.com.evil.example.org"})", false},
      {"https://notpaypal.com/", R"({"ref":"notpaypal.com"})", false},
      {"https://www.shop.example/other", "{}", true},
      {"https://shop.example", "{}", true},
      {"https://checkout.stripe.com/c/pay/cs_live", "{}", true},
      {"https://www.paypal.com/", "{}", true},
      {"https://accounts.google.com/o/oauth2", "{}", true},
      {"http://localhost:3000/", "{}", true},
      {"http://127.0.0.1/", "{}", true},
      {"", "{}", false},
      {"about:blank", "{}", false},
      {"//google.com", "{}", false},
      {"google.com", "{}", false},
  };
  for (const auto& c : cases) {
    CAPTURE(c.referrer);
    Arena arena;
    const auto touch = tl::extract_touch("https://shop.example/", c.referrer, arena.out());
    CHECK(wire(touch) == c.want);
    CHECK(touch.is_internal == c.is_internal);
  }
}

TEST_CASE("a tagged arrival writes no referrer but keeps it for the channel", "[touch]") {
  Arena arena;
  const auto touch = tl::extract_touch("https://shop.example/?gclid=x",
                                       "https://www.youtube.com/watch", arena.out());
  CHECK(wire(touch) == R"({"gclid":"x"})");
  CHECK(touch.referrer_host == "www.youtube.com");
  CHECK(touch.referrer_path == "/watch");
  CHECK(touch.is_tagged());
}

TEST_CASE("the landing path is the reduced one", "[touch]") {
  const auto path = [](const char* url) {
    Arena arena;
    return std::string(tl::extract_touch(url, {}, arena.out()).landing_path);
  };
  CHECK(path("https://shop.example") == "/");
  CHECK(path("https://shop.example/order/1234567?x") == "/order/*");
  CHECK(path("nonsense").empty());
}

TEST_CASE("a fingerprint tells evidence apart and nothing else", "[touch]") {
  const auto plain =
      fingerprint("https://shop.example/?utm_source=a&gclid=1", "https://www.google.com/");
  CHECK(plain != 0);
  // Another page, order of parameters or referrer: the same campaign evidence.
  CHECK(fingerprint("https://shop.example/other?gclid=1&utm_source=a", "https://www.google.com/") ==
        plain);
  CHECK(fingerprint("https://shop.example/?utm_source=a&gclid=1", "https://accounts.google.com/") ==
        plain);
  CHECK(fingerprint("https://shop.example/?utm_source=a&gclid=2") != plain);
  CHECK(fingerprint("https://shop.example/?utm_source=A&gclid=1") != plain);
  CHECK(fingerprint("https://shop.example/?utm_source=a&wbraid=1") != plain);
  CHECK(fingerprint("https://shop.example/?utm_medium=a") !=
        fingerprint("https://shop.example/?utm_source=a"));
  CHECK(fingerprint("https://shop.example/", "https://a.net/") !=
        fingerprint("https://shop.example/", "https://b.net/"));
  CHECK(fingerprint("https://shop.example/", "https://a.net/x") ==
        fingerprint("https://shop.example/", "https://a.net/y"));
  CHECK(fingerprint("https://shop.example/") == 0);
  CHECK(fingerprint("https://shop.example/", "https://shop.example/x") == 0);
}

TEST_CASE("reduction changes no touch when marketing is permitted", "[touch]") {
  const std::string keys[] = {"utm_source", "mtm_source", "utm_medium", "pk_campaign", "utm_term",
                              "gclid",      "fbclid",     "mc_eid",     "x",           "utm_id"};
  const std::string values[] = {"a",
                                "",
                                "A+b",
                                "%C3%A9",
                                "\xC3\xA9",
                                "%FF",
                                "\xFF",
                                "%00",
                                "%",
                                "%4",
                                "(none)",
                                "{{x}}",
                                "a@b",
                                "\"<>",
                                "*",
                                "a%2Bb",
                                "null",
                                " x ",
                                std::string(300, 'y'),
                                std::string(600, 'z')};
  const std::string referrers[] = {"",
                                   "https://www.google.com/search?q=1",
                                   "https://SHOP.example/x",
                                   "https://M\xC3\xBC.net./?a",
                                   "https://\xFF.net/",
                                   "https://x.com/i/grok/1234567",
                                   "https://%41.net/"};
  tl::test::SeededRandom random(3);
  for (int round = 0; round < 5000; ++round) {
    std::string url = "https://shop.example/p/123456?";
    for (auto count = random.below(6); count > 0; --count)
      url += keys[random.below(10)] + "=" + values[random.below(20)] + "&";
    const auto& referrer = referrers[random.below(7)];
    const auto reduced_url = tl::test::reduced(url);
    const auto reduced_referrer = tl::test::reduced(referrer);
    Arena first;
    Arena second;
    const auto a = tl::extract_touch(url, referrer, first.out());
    const auto b = tl::extract_touch(reduced_url, reduced_referrer, second.out());
    CHECK_FALSE(first.out().overflowed());
    if (wire(a) != wire(b) || a.referrer_host != b.referrer_host ||
        a.referrer_path != b.referrer_path || a.landing_path != b.landing_path ||
        tl::touch_fingerprint(a) != tl::touch_fingerprint(b)) {
      CAPTURE(url, referrer, reduced_url);
      FAIL_CHECK(wire(a) << " became " << wire(b));
    }
  }
}

TEST_CASE("withheld click ids may be any, told ones are told apart", "[touch]") {
  const auto print = [](const std::string& query) {
    return fingerprint("https://shop.example/?utm_source=a&" + query);
  };
  const auto is_same = [&](const std::string& a, const std::string& b) {
    CHECK(tl::is_same_arrival(print(a), print(b)) == tl::is_same_arrival(print(b), print(a)));
    return tl::is_same_arrival(print(a), print(b));
  };
  CHECK(print("gclid=1") != print("gclid=*"));
  CHECK(is_same("gclid=1", "gclid=1"));
  CHECK(is_same("gclid=1", "gclid=*"));
  CHECK(is_same("gclid=*", "gclid=*"));
  CHECK_FALSE(is_same("gclid=1", "gclid=2"));
  CHECK_FALSE(is_same("gclid=1", "gclid=12"));
  CHECK_FALSE(is_same("gclid=ab", "gclid=ba"));
  CHECK_FALSE(is_same("gclid=1", "wbraid=1"));
  CHECK_FALSE(is_same("gclid=1", "wbraid=*"));
  CHECK_FALSE(is_same("gclid=1", ""));
  CHECK_FALSE(is_same("gclid=*", ""));
  CHECK_FALSE(is_same("gclid=1&utm_medium=cpc", "gclid=*"));
  // What identifies a person is never told, beside a click id that is.
  CHECK(is_same("gclid=1&mc_eid=2", "gclid=1&mc_eid=3"));
  CHECK(is_same("gclid=1&mc_eid=2", "gclid=*&mc_eid=2"));
  CHECK_FALSE(is_same("gclid=1&mc_eid=2", "gclid=2&mc_eid=2"));
  CHECK_FALSE(tl::is_same_arrival(0, print("gclid=1")));
  CHECK_FALSE(tl::is_same_arrival(0, print("gclid=*")));
}

TEST_CASE("a full arena loses texts whole and never breaks UTF-8", "[touch]") {
  for (std::size_t room = 0; room < 200; ++room) {
    std::string buffer(room, '\0');
    tl::Out arena(buffer.data(), room);
    const auto touch = tl::extract_touch(
        "https://shop.example/p?utm_source=%C3%A9%C3%A9&utm_medium=%E2%82%AC&gclid=abc",
        "https://m\xC3\xBC.net/x", arena);
    for (const auto text : {touch.source, touch.medium, touch.referrer_host}) {
      Arena whole;
      CHECK(tl::repair_utf8(text, whole.out()) == text);
    }
  }
}

TEST_CASE("hostile URLs of 64 KiB are read within the promised arena", "[touch]") {
  const std::string parts[] = {
      "utm_source=", "gclid=%41",        "&", "%FF", "fbclid=" + std::string(1100, 'a'),
      "=",           "\xF0\x9F\x98\x80", "/"};
  tl::test::SeededRandom random(5);
  for (int round = 0; round < 30; ++round) {
    std::string url = "https://shop.example/?";
    while (url.size() < 64 * 1024) url += parts[random.below(8)];
    std::string buffer(tl::kTouchArenaBytes, '\0');
    tl::Out arena(buffer.data(), buffer.size());
    tl::extract_touch(url, url, arena);
    CHECK_FALSE(arena.overflowed());
  }
}
