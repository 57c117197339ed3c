// SPDX-License-Identifier: Apache-2.0
// Where a text speaks of a person, and where it does not.
#include "server/core/privacy/mentions.hpp"

#include "server/core/people/contact_variants.hpp"
#include "tests/server/support.hpp"

#include <ctime>
#include <string>

using namespace tl;
using namespace tl::server;
using namespace tl::server::test;

namespace {

Mentions of_ann() {
  Mentions mentions("CZ");
  mentions.add({ContactKind::email, *contact_hash(ContactKind::email, "ann.lee@example.com", "")});
  mentions.add({ContactKind::phone, *contact_hash(ContactKind::phone, "+420777123456", "")});
  return mentions;
}

}  // namespace

TEST_CASE("an address is found whatever stands before and after it", "[mentions]") {
  const Mentions ann = of_ann();
  for (const std::string text :
       {"ann.lee@example.com", "Ann.Lee@Example.COM", "ann.lee@example.com-1",
        "ann.lee@example.com_1", "ann.lee@example.com#1", "ann.lee@example.com.1",
        "ann.lee@example.com*1", "ann.lee@example.com!1", "ann.lee@example.com~1",
        "ann.lee@example.com+1", "ann.lee@example.com1", "ann.lee@example.com/1",
        "ann.lee@example.com:1", "o-ann.lee@example.com-1-2", "for ann.lee@example.com.",
        "ann.lee%40example.com-1", "x_ann.lee@example.com",
        "bob@x.example-ann.lee@example.com-bob@x.example", "ann.lee@example.com@1"}) {
    INFO(text);
    CHECK(ann.in(text));
    CHECK(ann.in_value(text));
  }
  for (const std::string text : {"bob@example.com-1", "ann.lee@example.co", "lee@example.com",
                                 "ann.lee@example", "ann.lee.example.com", "@", "ann.lee@", ""}) {
    INFO(text);
    CHECK_FALSE(ann.in(text));
  }
}

TEST_CASE("an address or a number is found in Base64", "[mentions]") {
  const Mentions ann = of_ann();
  for (const std::string plain : {"ann.lee@example.com", "Ann.Lee@example.com", "+420777123456",
                                  "e=ann.lee@example.com&x=1", "\xfb\xef\xbe ann.lee@example.com"})
    for (const auto& code : {to_base64(plain), to_base64url(plain)})
      for (const std::string& text :
           {code, "for-" + code, code + ".1", "?c=" + code + "&d=1", "{\"c\":\"" + code + "\"}"}) {
        INFO(text);
        CHECK(ann.in(text));
        CHECK(ann.in_value(text));
      }
  for (const std::string& text :
       {to_base64("bob@example.com"), to_base64("ann.lee@example.co"), std::string(400, 'A')})
    CHECK_FALSE(ann.in(text));
}

TEST_CASE("a phone number is found among other digits", "[mentions]") {
  const Mentions ann = of_ann();
  for (const std::string text :
       {"+420777123456", "+420 777 123 456", "420777123456", "777 123 456", "777123456",
        "o-+420777123456-1", "o-420777123456-1", "+420777123456.1", "+420777123456 2",
        "x420777123456x", "2026-11-27-420777123456", "2026-11-27-777123456-1", "(+420) 777-123-456",
        "00420777123456", "1 420 777 123 456 3", "call +420777123456!", "12 +420777123456 34"}) {
    INFO(text);
    CHECK(ann.in(text));
  }
  for (const std::string text :
       {"1234567890", "2026-11-27", "420777123457", "77712345", "4207771234567", "o-1777123456",
        "1.2.3.4.5.6.7.8.9.10.11.12.13.14.15", "17771234567 8"}) {
    INFO(text);
    CHECK_FALSE(ann.in(text));
  }
}

TEST_CASE("a long text is read in a time that grows with its length alone", "[mentions]") {
  const Mentions ann = of_ann();
  const auto needed_s = [&](const std::string& unit, std::size_t size) {
    std::string text;
    while (text.size() < size) text += unit;
    const std::clock_t begun = std::clock();
    CHECK_FALSE(ann.in(text));
    return static_cast<double>(std::clock() - begun) / CLOCKS_PER_SEC;
  };
  for (const std::string unit : {"1", "12 ", "1234567 ", "1-", "@", "a@", "a.b-c@", "a.", "a@b.cc.",
                                 "a-b-c-d@ee.ff.gg.", "+", "+1", "- ", "123456789012345-"}) {
    INFO(unit);
    // Four times as long; a search of every part by every other took sixteen times.
    CHECK(needed_s(unit, 1 << 16) < 0.2 + 8 * needed_s(unit, 1 << 14));
  }
}
