// SPDX-License-Identifier: Apache-2.0
// Layer 2 against hashes that Meta publishes and against the traps of its SDK (the SDK itself is
// run in tests/vendor); layer 1 against the documented forms.
#include "server/core/people/meta_cleaning.hpp"
#include "server/core/text/ecma_text.hpp"
#include "tests/catch.hpp"

#include <nlohmann/json.hpp>

using namespace tl::server;

namespace {

std::string reference_text(MetaKey key, std::string_view value) {
  const auto result = meta_reference(key, value);
  if (!result.ok()) return "throws";
  return result.value().text.value_or("null");
}
std::string reference_hash(MetaKey key, std::string_view value) {
  const auto result = meta_reference(key, value);
  return result.ok() ? result.value().sent : "throws";
}
std::string sent_text(MetaKey key, std::string_view value, std::string_view country = {}) {
  const auto result = meta_cleaned(key, value, country);
  return result ? result->text.value_or("no text") : "dropped";
}

}  // namespace

TEST_CASE("Meta's published hashes come out", "[meta]") {
  CHECK(reference_hash(MetaKey::em, "John_Smith@gmail.com") ==
        "62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f");
  CHECK(meta_cleaned(MetaKey::ph, "(650)555-1212", "US")->sent ==
        "e323ec626319ca94ee8bff2e4c87cf613be6ea19919ed1364124e16807ab3176");
  CHECK(reference_hash(MetaKey::fn, "Mary") ==
        "6915771be1c5aa0c886870b6951b03d7eafc121fea0e80a5ea83beb7c449f4ec");
  CHECK(reference_hash(MetaKey::fn, "정") ==
        "8fa8cd9c440be61d0151429310034083132b35975c4bea67fdd74158eb51db14");
  CHECK(reference_hash(MetaKey::fn, "Valéry") ==
        "08e1996b5dd49e62a4b4c010d44e4345592a863bb9f8e3976219bac29417149c");
  CHECK(meta_cleaned(MetaKey::db, "2/16/1997", "")->sent ==
        "01acdbf6ec7b4f478a225f1a246e5d6767eeab1a7ffa17f025265b5b94f40f0c");
  CHECK(reference_hash(MetaKey::ct, "São Luís") ==
        "ec199a0801d4b244c3c00896a21441eeb1e76bbd0ce9d5bae54ef4442878d9ef");
  CHECK(reference_hash(MetaKey::country, "JP") ==
        "9732c83e3e03fffde2ee65a9d826df8c4dd623c27fb92b952fe62a02f0726f87");
  CHECK(reference_hash(MetaKey::zp, "M1 1AE") ==
        "1dc694c2070e697769fb959b50671d76cafd430d8ca191fbdd0affcaea344ac5");
}

TEST_CASE("the reference keeps the SDK's traps", "[meta]") {
  CHECK(reference_text(MetaKey::ph, "202.555.0143") == "202.555.0143");
  CHECK(reference_text(MetaKey::ph, "+43 (0) 660 1234567") == "4306601234567");
  CHECK(reference_text(MetaKey::ph, "0043 660 1234567") == "436601234567");
  CHECK(reference_text(MetaKey::ph, "123") == "throws");
  CHECK(reference_text(MetaKey::fn, "Anne-Lise") == "anne-lise");
  CHECK(reference_text(MetaKey::db, "1990-05-07") == "1990-05-07");
  CHECK(reference_text(MetaKey::ge, "girl") == "null");
  CHECK(reference_text(MetaKey::ge, " Fe-male ") == "f");
  CHECK(reference_text(MetaKey::ct, "123 ()") == "");
  CHECK(reference_hash(MetaKey::ct, "123 ()") ==
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(reference_text(MetaKey::zp, "94025-1234") == "94025");
  CHECK(reference_text(MetaKey::zp, "9") == "null");
  CHECK(reference_text(MetaKey::country, "Japan") == "throws");
  CHECK(reference_text(MetaKey::country, "xk") == "throws");
  CHECK(reference_text(MetaKey::em, "käthe@firma.example") == "throws");
  CHECK(reference_text(MetaKey::em, "a..b@firma.example") == "throws");
  CHECK(reference_text(MetaKey::em, "a@b.c") == "throws");
  CHECK(reference_text(MetaKey::dobd, "7") == "07");
  CHECK(reference_text(MetaKey::dobd, "32") == "throws");
  CHECK(reference_text(MetaKey::dobm, "x") == "0x");
  CHECK(reference_text(MetaKey::fn, " \xE2\x80\x83 ") == "null");
  CHECK(reference_text(MetaKey::external_id, " As It Is ") == " As It Is ");
  const std::string hash(64, 'A');
  CHECK(reference_text(MetaKey::ph, hash) == std::string(64, 'a'));
}

TEST_CASE("lower-casing follows ECMAScript where Unicode has exceptions", "[meta]") {
  CHECK(ecma_lower("İ") == "i\u0307");
  CHECK(ecma_lower("ΟΔΥΣΣΕΥΣ") == "οδυσσευς");
  CHECK(ecma_lower("ΑΣ.Β") == "ασ.β");  // the full stop is case-ignorable
  CHECK(ecma_lower("Σ") == "σ");
  CHECK(ecma_lower("Ǆ Ⅷ") == "ǆ ⅷ");
  CHECK(ecma_trim("\xEF\xBB\xBF\xC2\xA0 x \xE3\x80\x80") == "x");
  CHECK(utf16_length("a\U0001F600") == 3);
}

TEST_CASE("messy customer data is brought to the documented form", "[meta]") {
  CHECK(sent_text(MetaKey::em, " Kim.Lee+Shop@Gmail.com ") == "kim.lee+shop@gmail.com");
  CHECK(sent_text(MetaKey::em, "käthe@firma.example") == "dropped");
  CHECK(sent_text(MetaKey::ph, "202.555.0143", "US") == "12025550143");
  CHECK(sent_text(MetaKey::ph, "202.555.0143") == "dropped");
  CHECK(sent_text(MetaKey::ph, "+43 (0) 660 1234567") == "436601234567");
  CHECK(sent_text(MetaKey::fn, "Anne-Lise") == "annelise");
  CHECK(sent_text(MetaKey::fn, "ÅSA") == "åsa");
  CHECK(sent_text(MetaKey::ln, "D’Amico") == "damico");
  CHECK(sent_text(MetaKey::db, "1990-05-07") == "19900507");
  CHECK(sent_text(MetaKey::db, "7. 5. 1990") == "19900507");
  CHECK(sent_text(MetaKey::db, "25/12/1990") == "19901225");
  CHECK(sent_text(MetaKey::db, "13/13/1990") == "dropped");
  CHECK(sent_text(MetaKey::ct, "São Luís") == "sãoluís");
  CHECK(sent_text(MetaKey::ct, "123") == "dropped");
  CHECK(sent_text(MetaKey::st, "Texas") == "tx");
  CHECK(sent_text(MetaKey::st, "Noord-Holland") == "noordholland");
  CHECK(sent_text(MetaKey::zp, "EC2A 4NE") == "ec2a4ne");
  CHECK(sent_text(MetaKey::zp, "94025-1234", "US") == "94025");
  CHECK(sent_text(MetaKey::country, "Japan") == "jp");
  CHECK(sent_text(MetaKey::country, "USA") == "us");
  CHECK(sent_text(MetaKey::ge, "girl") == "dropped");
}

TEST_CASE("the answer line tells what the SDK and we would send", "[meta]") {
  const auto line = nlohmann::json::parse(
      explain_meta_normalisation(R"({"key":"ph","value":"(650)555-1212","country":"US"})", ""));
  CHECK(line["reference"]["text"] == "6505551212");
  CHECK(line["sent"]["text"] == "16505551212");
  CHECK(line["variants"]["e164"].get<std::string>().size() == 64);

  const auto bad = nlohmann::json::parse(explain_meta_normalisation("nonsense", ""));
  CHECK(bad["error"]["code"] == "malformed_line");
  const auto thrown =
      nlohmann::json::parse(explain_meta_normalisation(R"({"key":"em","value":"no"})", ""));
  CHECK(thrown["error"]["code"] == "bad_meta_value");
}
