// SPDX-License-Identifier: Apache-2.0
// Contact normalisation and its hashes, against the worked example in the destinations' documents.
#include "throughline/contact.hpp"

#include "catch.hpp"

#include <string>

namespace {

std::string email(std::string_view raw) {
  char buffer[512];
  tl::Out out(buffer, sizeof buffer);
  const auto normal = tl::normalise_email(raw, out);
  return normal.ok() ? std::string(normal.value()) : normal.error().code;
}

std::string phone(std::string_view raw) {
  char buffer[256];
  tl::Out out(buffer, sizeof buffer);
  const auto normal = tl::normalise_phone_e164(raw, out);
  return normal.ok() ? std::string(normal.value()) : normal.error().code;
}

std::string sha256_hex(std::string_view text) {
  char buffer[64];
  tl::Out out(buffer, sizeof buffer);
  tl::write_sha256_hex(text, out);
  REQUIRE_FALSE(out.overflowed());
  return std::string(out.view());
}

}  // namespace

TEST_CASE("e-mails are trimmed and lower-cased", "[contact]") {
  CHECK(email(" Jane.Roe+News@Gmail.COM\r\n") == "jane.roe+news@gmail.com");
  CHECK(email("\xC2\xA0\xE3\x80\x80"
              "a@b.co\xE2\x80\x83\xEF\xBB\xBF") == "a@b.co");
  CHECK(email("\xE1\x9A\x80"
              "a@b.co\xE2\x81\x9F\xE2\x80\x8B") == "a@b.co");
  CHECK(email("j\xC3\x89@b.co") == "j\xC3\x89@b.co");
  CHECK(email("a@sub.b.co.uk") == "a@sub.b.co.uk");
  CHECK(email("o'hara@b.ie") == "o'hara@b.ie");
}

TEST_CASE("what cannot be an e-mail is refused", "[contact]") {
  for (const char* raw :
       {"", " ", "@", "a", "a@", "@b.co", "a@b", "a@.co", "a@b.", "a@b@c.co", "a b@c.co", "a@b .co",
        "Jane <a@b.co>", "a.b@c", "a@b.co, c@d.co", "a@b.c."})
    CHECK(email(raw) == "bad_email");
  CHECK(email(std::string(250, 'a') + "@b.co") == "bad_email");
  CHECK(email(std::string(249, 'a') + "@b.co").size() == 254);
  CHECK(email("a@b.co\xE2") != "a@b.co");  // cut in the middle of a character
}

TEST_CASE("an e-mail larger than the room is refused", "[contact]") {
  char buffer[8];
  tl::Out out(buffer, sizeof buffer);
  CHECK_FALSE(tl::normalise_email("someone@example.com", out).ok());
}

TEST_CASE("international numbers keep plus and digits", "[contact]") {
  CHECK(phone("+351 912 345 678") == "+351912345678");
  CHECK(phone("00351 912-345-678") == "+351912345678");
  CHECK(phone("(+49) (0) 30 / 123.456") == "+4930123456");
  CHECK(phone("+49(0)30123456") == "+4930123456");
  CHECK(phone("+1\xC2\xA0(202)\xE2\x80\x91"
              "555\xE2\x80\x93"
              "0143") == "+12025550143");
  CHECK(phone("\xE2\x80\xAA+420 777 000 111\xE2\x80\xAC") == "+420777000111");
}

TEST_CASE("national and odd numbers are refused", "[contact]") {
  for (const char* raw :
       {"", "+", "912 345 678", "0912345678", "011 44 20 7946 0000", "+049 30 123456",
        "000351912345", "+1 800 FLOWERS", "+1 202 555 0143 ext 5", "+1 202 555 0143,,5",
        "+1 202 555 0143#5", "+1+2025550143", "+49123", "+1234567890123456", "(0)912345678",
        "+(0)912345678"}) {
    INFO(raw);
    CHECK(phone(raw) == "bad_phone");
  }
}

TEST_CASE("hashes are those of the destinations' example", "[contact]") {
  CHECK(sha256_hex(email("jane.roe+news@gmail.com")) ==
        "ddfa25a87480d84d415fefb1e054d69ffc9550b70fb1cbff4afb279f3dbe1688");
  CHECK(sha256_hex(phone("+351 912 345 678")) ==
        "00839c79aea2116c94def9e14c0493fa0801add3ffb50434478082030ab88e11");
  CHECK(sha256_hex("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}
