// SPDX-License-Identifier: Apache-2.0
// Vectors published by the vendors or computed with their own packages (docs/destinations.md).
#include "server/core/people/contact_variants.hpp"

#include "server/core/access/secret_box.hpp"
#include "server/core/people/phone_number.hpp"
#include "tests/catch.hpp"

#include <nlohmann/json.hpp>

using namespace tl;
using namespace tl::server;

namespace {

nlohmann::json variants(ContactKind kind, std::string_view plain, std::string_view country = {}) {
  return nlohmann::json::parse(contact_variants(kind, plain, country));
}
std::string hash_text(ContactKind kind, std::string_view plain, std::string_view country = {}) {
  const auto hash = contact_hash(kind, plain, country);
  return hash ? to_hex(*hash) : "none";
}
std::string hash_of(std::string_view text) {
  const Digest digest = sha256(text);
  return to_hex(digest);
}

}  // namespace

TEST_CASE("one e-mail address has a hash for every vendor", "[contact]") {
  const auto found = variants(ContactKind::email, " Jane.Roe+news@Gmail.com ");

  CHECK(found["digits"] == "ddfa25a87480d84d415fefb1e054d69ffc9550b70fb1cbff4afb279f3dbe1688");
  CHECK(found["gmail"] == "c6eb6efe9f7a4be511f1871d1712a1b684157f2c6eaafada128b7c9d7fa754eb");
  CHECK(found["reddit"] == hash_of("janeroe@gmail.com"));
  CHECK(hash_text(ContactKind::email, "jane.roe+news@gmail.com") == found["digits"]);
}

TEST_CASE("dots and tags stay for Google outside its own domains", "[contact]") {
  const auto found = variants(ContactKind::email, "jane.roe+news@firma.example");

  CHECK(found["gmail"] == hash_of("jane.roe+news@firma.example"));
  CHECK(found["reddit"] == hash_of("janeroe@firma.example"));
}

TEST_CASE("one phone number has digits for Meta and E.164 for the others", "[contact]") {
  const auto found = variants(ContactKind::phone, "+351 912 345 678");

  CHECK(found["digits"] == "1ac5bab26d9c9ea1c080654fae480f5fe4066ee9e5ac09622a3c28fb1a6b1b87");
  CHECK(found["e164"] == "00839c79aea2116c94def9e14c0493fa0801add3ffb50434478082030ab88e11");
  CHECK(hash_text(ContactKind::phone, "912 345 678", "PT") == found["e164"]);
}

TEST_CASE("a national number without a country is withheld", "[contact]") {
  CHECK(variants(ContactKind::phone, "912 345 678").empty());
  CHECK(hash_text(ContactKind::phone, "912 345 678") == "none");
}

TEST_CASE("phones come in many spellings", "[contact]") {
  const std::string_view expected[][3] = {
      {"(650)555-1212", "US", "+16505551212"},      {"202.555.0143", "us", "+12025550143"},
      {"+43 (0) 660 1234567", "", "+436601234567"}, {"0043 660 1234567", "", "+436601234567"},
      {"0660 1234567", "AT", "+436601234567"},      {"tel:+420-602-123-456", "", "+420602123456"},
      {"+39 06 698 1234", "", "+39066981234"},      {"602 123 456 ext. 7", "CZ", "+420602123456"},
  };
  for (const auto& [text, country, e164] : expected) {
    INFO(text);
    CHECK(phone_to_e164(text, country) == std::string(e164));
  }
  for (const std::string_view text : {"", "hello", "12", "+", "+0", "+999999999999999999999"}) {
    INFO(text);
    CHECK_FALSE(phone_to_e164(text, "CZ"));
  }
}

TEST_CASE("a hash stands for itself, whatever its case", "[contact]") {
  const std::string hash = hash_of("jane.roe+news@gmail.com");
  std::string upper = hash;
  for (char& c : upper)
    if (c >= 'a') c = static_cast<char>(c - 32);

  CHECK(hash_text(ContactKind::email, upper) == hash);
  CHECK(variants(ContactKind::email, upper) == nlohmann::json{{"digits", hash}});
  CHECK(variants(ContactKind::phone, hash) == nlohmann::json{{"e164", hash}});
}

TEST_CASE("what is no contact has no hash", "[contact]") {
  for (const std::string_view text : {"", " ", "jane", "jane@", "@gmail.com", "a@b@c"}) {
    INFO(text);
    CHECK(hash_text(ContactKind::email, text) == "none");
    CHECK(variants(ContactKind::email, text).empty());
  }
}
