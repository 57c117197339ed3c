// SPDX-License-Identifier: Apache-2.0
// URL parts, query pairs, decoding and the same-site rule, with the inputs that break parsers.
#include "throughline/url.hpp"

#include "catch.hpp"
#include "core_text.hpp"

#include <string>

using tl::test::Arena;

namespace {
std::string parts(std::string_view text) {
  const auto parsed = tl::parse_url(text);
  if (!parsed.ok()) return parsed.error().code;
  const auto& url = parsed.value();
  std::string out;
  for (const auto part : {url.scheme, url.host, url.port, url.path, url.query, url.fragment}) {
    out += std::string(part) + "|";
  }
  return out;
}
std::string decoded(std::string_view raw, std::size_t limit = 255) {
  Arena arena;
  return std::string(tl::decode_component(raw, limit, arena.out()));
}
}  // namespace

TEST_CASE("a URL is taken apart", "[url]") {
  struct Case {
    const char* text;
    const char* parts;
  };
  const Case cases[] = {
      {"https://shop.example/a/b?x=1#top", "https|shop.example||/a/b|x=1|top|"},
      {"HTTP://Shop.Example", "HTTP|Shop.Example|||||"},
      {"  https://a.b/ \n", "https|a.b||/|||"},
      {"https://user:pa@ss@host.example:8443/p", "https|host.example|8443|/p|||"},
      {"https://host.example.:80/", "https|host.example|80|/|||"},
      {"http://[2001:db8::1]:8080/x", "http|[2001:db8::1]|8080|/x|||"},
      {"http://[::1]", "http|[::1]|||||"},
      {"https://a.b?x=/y#z?w", "https|a.b|||x=/y|z?w|"},
      {"https://a.b#f", "https|a.b||||f|"},
      {"https://a.b/p?#", "https|a.b||/p|||"},
      {"android-app://com.google.android.gm/", "android-app|com.google.android.gm||/|||"},
      {"https://a.b/x@y", "https|a.b||/x@y|||"},
      {"https://xn--mnchen-3ya.example/", "https|xn--mnchen-3ya.example||/|||"},
      {"https://a.b/%00", "https|a.b||/%00|||"},
      {"https://host:/p", "https|host||/p|||"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.text);
    CHECK(parts(c.text) == c.parts);
  }
}

TEST_CASE("what is no http or app URL is refused", "[url]") {
  for (const auto* bad : {"", "/path", "shop.example/x", "ftp://a.b/", "javascript:alert(1)",
                          "about:blank", "https:/a.b", "https:", "https://", "https:///x",
                          "https://?x", "http://[::1/x", "data:text/html,x", "https://user@/x"}) {
    CAPTURE(bad);
    CHECK(parts(bad) == "bad_url");
  }
  CHECK(parts("https://" + std::string(256, 'a') + "/") == "bad_url");
}

TEST_CASE("query pairs are split and empty ones skipped", "[url]") {
  std::string_view cursor = "a=1&&b=&c&=d&e=f=g&";
  tl::QueryPair pair;
  std::string seen;
  while (tl::next_pair(cursor, pair))
    seen += "[" + std::string(pair.key) + ":" + std::string(pair.value) + "]";
  CHECK(seen == "[a:1][b:][c:][:d][e:f=g]");
}

TEST_CASE("percent-decoding happens once, tolerates and repairs", "[url]") {
  CHECK(decoded("a+b%20c") == "a b c");
  CHECK(decoded("%C3%A9t%c3%a9") == "\xC3\xA9t\xC3\xA9");
  CHECK(decoded("%2541") == "%41");
  CHECK(decoded("100%") == "100%");
  CHECK(decoded("%4") == "%4");
  CHECK(decoded("%zz%") == "%zz%");
  CHECK(decoded("a%00b%0Ac%7F") == "a b c ");
  CHECK(decoded("%FFa%C3") ==
        "\xEF\xBF\xBD"
        "a\xEF\xBF\xBD");
  CHECK(decoded("\xC3%A9") == "\xC3\xA9");
  CHECK(decoded("%E2%82+%AC") == "\xEF\xBF\xBD \xEF\xBF\xBD");
}

TEST_CASE("decoded text ends at a character's edge and ignores the rest", "[url]") {
  CHECK(decoded("abcdef", 3) == "abc");
  CHECK(decoded("ab%C3%A9", 3) == "ab");
  CHECK(decoded("%F0%9F%98%80", 3).empty());
  CHECK(decoded(std::string(100000, '+'), 255).size() == 255);

  char small[12];  // decoding and repairing take the room twice
  tl::Out arena(small, sizeof small);
  CHECK(tl::decode_component("abcd%C3%A9", 255, arena) == "abcd\xC3\xA9");
  CHECK(tl::decode_component("a", 255, arena).empty());
  CHECK(arena.overflowed());
}

TEST_CASE("a plus sign stays one where it is no form text", "[url]") {
  Arena arena;
  CHECK(tl::decode_percent("a+b%2Bc", 255, arena.out()) == "a+b+c");
}

TEST_CASE("text for URLs is escaped once and cut between escapes", "[url]") {
  const auto encoded = [](std::string_view text, std::size_t limit) {
    return tl::test::written([&](tl::Out& out) { tl::encode_url_text(text, limit, out); });
  };
  CHECK(encoded("a b\"<>\\\xC3\xA9\x7F", 99) == "a%20b%22%3c%3e%5c%c3%a9%7f");
  CHECK(encoded("%41%zz%", 99) == "%41%zz%");
  CHECK(encoded("ab%C3%A9", 7) == "ab%C3");
  CHECK(encoded("ab \x01", 4) == "ab");
}

TEST_CASE("two hosts are one site by their last labels", "[url]") {
  struct Case {
    const char* a;
    const char* b;
    bool same;
  };
  const Case cases[] = {
      {"shop.example", "shop.example", true},
      {"www.shop.example", "t.shop.example", true},
      {"WWW.Shop.Example", "shop.example", true},
      {"shop.example", "other.example", false},
      {"notshop.example", "shop.example", false},
      {"a.co.uk", "b.co.uk", false},
      {"www.a.co.uk", "t.a.co.uk", true},
      {"a.com.au", "b.com.au", false},
      {"co.uk", "co.uk", true},
      {"localhost", "localhost", true},
      {"localhost", "a.localhost", false},
      {"127.0.0.1", "127.0.0.1", true},
      {"10.0.0.1", "11.0.0.1", false},
      {"[::1]", "[::1]", true},
      {"[2001:db8::1]", "[2001:db8::2]", false},
      {"a.t.co", "b.t.co", true},
      {"x.co.com", "y.co.com", true},
      {"shop.example", "", false},
      {"com", "shop.com", false},
  };
  for (const auto& c : cases) {
    CAPTURE(c.a, c.b);
    CHECK(tl::is_same_site(c.a, c.b) == c.same);
    CHECK(tl::is_same_site(c.b, c.a) == c.same);
  }
}

TEST_CASE("the public suffix is found by shape", "[url]") {
  CHECK(tl::suffix_start("shop.example.co.uk") == 13);
  CHECK(tl::suffix_start("shop.example.com") == 13);
  CHECK(tl::suffix_start("localhost") == 0);
  CHECK(tl::suffix_start("127.0.0.1") == 0);
  CHECK(tl::suffix_start("[::ffff:1.2.3.4]") == 0);
  CHECK(tl::suffix_start("") == 0);
}
