// SPDX-License-Identifier: Apache-2.0
// What a page's URL may reveal. Every output here must also survive a second reduction unchanged.
#include "catch.hpp"
#include "core_text.hpp"
#include "seeded_random.hpp"
#include "throughline/touch.hpp"

#include <string>

using tl::test::reduced;

namespace {
struct ReducedUrl {
  const char* url;
  const char* want;
};
void check_reduced(const ReducedUrl& c, std::string_view keep = {}, bool marketing = true) {
  CAPTURE(c.url);
  const auto once = reduced(c.url, keep, marketing);
  CHECK(once == c.want);
  CHECK(reduced(once, keep, marketing) == once);
}
}  // namespace

TEST_CASE("only scheme, host, path and known parameters leave the page", "[reduce]") {
  const ReducedUrl cases[] = {
      {"https://Shop.Example/Path?q=secret&utm_source=Google&x=1#frag",
       "https://shop.example/Path?utm_source=Google"},
      {"HTTPS://user:pw@shop.example:8443", "https://shop.example:8443/"},
      {"https://shop.example:/p", "https://shop.example/p"},
      {"https://shop.example:99999/p", "https://shop.example/p"},
      {"https://shop.example./p?", "https://shop.example/p"},
      {"https://a.b/?UTM_Source=x&ScCid=y", "https://a.b/?UTM_Source=x&ScCid=y"},
      {"https://a.b/?utm_source=&utm_source=b&gclid",
       "https://a.b/?utm_source=&utm_source=b&gclid="},
      {"https://a.b/?utm_campaign=a+b%20c%C3%A9", "https://a.b/?utm_campaign=a+b%20c%C3%A9"},
      {"https://a.b/?utm_campaign={{x}}", "https://a.b/?utm_campaign={{x}}"},
      {"http://[::1]:3000/x", "http://[::1]:3000/x"},
      {"android-app://com.google.android.gm/", "android-app://com.google.android.gm/"},
      {"https://m\xC3\xBCnchen.example/\xC3\xBC?utm_term=\xFF",
       "https://m%c3%bcnchen.example/%c3%bc?utm_term=%ff"},
      {"https://a.b/a b\"<c>\\", "https://a.b/a%20b%22%3cc%3e%5c"},
      {"https://a.b/%00?utm_source=%00", "https://a.b/%00?utm_source=%00"},
      {"https://a.b//x//", "https://a.b//x//"},
      {"not a url", ""},
      {"javascript:alert(1)", ""},
      {"", ""},
  };
  for (const auto& c : cases) check_reduced(c);
}

TEST_CASE("path segments that look like ids or e-mails become a star", "[reduce]") {
  const ReducedUrl cases[] = {
      {"https://a.b/u/john@x.com/edit", "https://a.b/u/*/edit"},
      {"https://a.b/u/john%40x.com", "https://a.b/u/*"},
      {"https://a.b/order/123456", "https://a.b/order/*"},
      {"https://a.b/order/12345", "https://a.b/order/12345"},
      {"https://a.b/p/017f22e2-79b0-7cc3-98c4-dc0c0c07398f", "https://a.b/p/*"},
      {"https://a.b/p/0123456789ABCDEF", "https://a.b/p/*"},
      {"https://a.b/p/0123456789abcde", "https://a.b/p/0123456789abcde"},
      {"https://a.b/p/deadbeefdeadbeefdead", "https://a.b/p/deadbeefdeadbeefdead"},
      {"https://a.b/p/abcdefghij0123456789", "https://a.b/p/*"},
      {"https://a.b/p/abcdefghij012345678", "https://a.b/p/abcdefghij012345678"},
      {"https://a.b/p/cs_test_a1B2c3D4e5F6g7H8i9J0k1", "https://a.b/p/*"},
      {"https://a.b/p/internationalization", "https://a.b/p/internationalization"},
      {"https://a.b/blog/10-best-films-of-the-year-2024-and-why",
       "https://a.b/blog/10-best-films-of-the-year-2024-and-why"},
      {"https://a.b/2024/01/2024-01-15", "https://a.b/2024/01/2024-01-15"},
      {"https://a.b/%C3%A1bcdefghijklmnopqrstuvw", "https://a.b/%C3%A1bcdefghijklmnopqrstuvw"},
      {"https://a.b/x;jsessionid=0A1B2C3D4E5F60718293", "https://a.b/*"},
      {"https://a.b/*/y", "https://a.b/*/y"},
  };
  for (const auto& c : cases) check_reduced(c);
}

TEST_CASE("an e-mail address is one however often a redirect encoded it", "[reduce]") {
  const ReducedUrl cases[] = {
      {"https://a.b/u/john%2540x.com/edit", "https://a.b/u/*/edit"},
      {"https://a.b/u/john%252540x%25252ecom", "https://a.b/u/*"},
      {"https://a.b/u/john%252525252540x.com", "https://a.b/u/*"},
      {"https://a.b/u/%2541/50%25", "https://a.b/u/%2541/50%25"},
      {"https://a.b/?utm_campaign=john%2540x.com&utm_content=j%25252540x.com",
       "https://a.b/?utm_campaign=*&utm_content=*"},
      {"https://a.b/?utm_term=john%252540x%25252Ecom", "https://a.b/?utm_term=*"},
      {"https://a.b/?utm_campaign=promo%40home&utm_content=25%2525+off.",
       "https://a.b/?utm_campaign=promo%40home&utm_content=25%2525+off."},
  };
  for (const auto& c : cases) check_reduced(c);
  check_reduced({"https://a.b/?who=john%2540x.com", "https://a.b/?who=*"}, "who");
}

TEST_CASE("without marketing consent every click-id value becomes a star", "[reduce]") {
  check_reduced({"https://a.b/?utm_source=x&gclid=Abc&fbclid=IwY&mc_cid=1",
                 "https://a.b/?utm_source=x&gclid=*&fbclid=*&mc_cid=*"},
                {}, false);
  check_reduced({"https://a.b/?gclid=a%20b&wbraid=", "https://a.b/?gclid=&wbraid="}, {}, false);
}

TEST_CASE("values that identify a person never leave, with or without consent", "[reduce]") {
  for (const bool marketing : {false, true}) {
    check_reduced({"https://a.b/?mc_eid=abc&_kx=d.e&_hsenc=f&mkt_tok=g&ck_subscriber_id=9",
                   "https://a.b/?mc_eid=*&_kx=*&_hsenc=*&mkt_tok=*&ck_subscriber_id=*"},
                  {}, marketing);
  }
}

TEST_CASE("a click id that cannot be one is emptied, so it carries nothing", "[reduce]") {
  check_reduced({"https://a.b/?gclid=john%40x.com&gclid=ok", "https://a.b/?gclid=&gclid=ok"});
  check_reduced(
      {"https://a.b/?gclid={gclid}&msclkid=a+b%2B", "https://a.b/?gclid=&msclkid=a+b%2B"});
}

TEST_CASE("the site may keep parameters of its own", "[reduce]") {
  check_reduced({"https://a.b/?page=2&Lang=cs&q=x&pag=1", "https://a.b/?page=2&Lang=cs"},
                "lang page");
  check_reduced({"https://a.b/?page=2", "https://a.b/"}, "");
  check_reduced({"https://a.b/?=2", "https://a.b/"}, " ");
}

TEST_CASE("long URLs are cut in a defined way", "[reduce]") {
  // A path ends before the segment that passes 1,024 bytes.
  std::string long_path = "https://a.b";
  for (int i = 0; i < 300; ++i) long_path += "/seg-" + std::to_string(i);
  const auto cut = reduced(long_path + "?utm_source=x");
  CHECK(cut.size() <= std::string("https://a.b?utm_source=x").size() + 1024);
  CHECK(cut.find("/seg-100/") != std::string::npos);
  CHECK(cut.find("?utm_source=x") != std::string::npos);
  CHECK(long_path.substr(0, cut.find('?')) == cut.substr(0, cut.find('?')));
  CHECK(long_path[cut.find('?')] == '/');
  CHECK(reduced("https://a.b/" + std::string(2000, 'x') + "/y") == "https://a.b/");

  // A campaign value is cut after 800 bytes, between escapes.
  const auto value = reduced("https://a.b/?utm_source=" + std::string(799, 'a') + "%C3%A9");
  CHECK(value == "https://a.b/?utm_source=" + std::string(799, 'a'));

  // A click id is never cut; what does not fit is left out alone.
  const std::string fbclid(1024, 'A');
  CHECK(reduced("https://a.b/?fbclid=" + fbclid) == "https://a.b/?fbclid=" + fbclid);
  const std::string filler =
      "utm_source=" + std::string(800, 'a') + "&utm_medium=" + std::string(800, 'b');
  CHECK(reduced("https://a.b/?" + filler + "&fbclid=" + fbclid + "&gclid=x") ==
        "https://a.b/?" + filler + "&gclid=x");
}

TEST_CASE("a 64 KiB URL is reduced within its limit", "[reduce]") {
  const std::string parts[] = {
      "/x", "a@b", "%", "utm_source=", "&gclid=", "?", "\xFF", "=", "+", "/"};
  tl::test::SeededRandom random(7);
  for (int round = 0; round < 20; ++round) {
    std::string url = "https://a.b/";
    while (url.size() < 64 * 1024) url += parts[random.below(10)];
    const auto once = reduced(url, "x", round % 2 == 0);
    CHECK(once.size() <= tl::kMaxReducedUrlBytes);
    CHECK(reduced(once, "x", round % 2 == 0) == once);
  }
}

TEST_CASE("reduction is idempotent and plain ASCII on random input", "[reduce]") {
  const std::string pieces[] = {"https://",
                                "http://",
                                "a.b",
                                "/",
                                "?",
                                "&",
                                "=",
                                "#",
                                "%",
                                "%4",
                                "%41",
                                "%C3",
                                "%zz",
                                "utm_source",
                                "gclid",
                                "mc_eid",
                                "keep",
                                "123456",
                                "@",
                                "\xC3\xA9",
                                "\xFF",
                                " ",
                                "+",
                                ":",
                                "8080",
                                "[::1]",
                                ".",
                                "\"",
                                "\\",
                                "*",
                                "abcdef0123456789",
                                std::string(1, '\0')};
  tl::test::SeededRandom random(11);
  for (int round = 0; round < 20000; ++round) {
    std::string url = round % 4 == 0 ? "" : "https://";
    for (auto count = random.below(14); count > 0; --count) url += pieces[random.below(32)];
    const bool marketing = random.below(2) == 0;
    const auto once = reduced(url, "keep", marketing);
    if (reduced(once, "keep", marketing) != once) {
      CAPTURE(url, once);
      FAIL_CHECK("not idempotent: " << reduced(once, "keep", marketing));
    }
    for (const char c : once) {
      if (c <= ' ' || c >= 0x7F) FAIL_CHECK("not plain ASCII: " << once);
    }
  }
}
