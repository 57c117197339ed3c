// SPDX-License-Identifier: Apache-2.0
#include "tests/server/support.hpp"

using namespace tl;
using namespace tl::server;
using namespace tl::server::test;

namespace {

std::string hex_of(const Digest& digest) {
  return to_hex(digest);
}

SessionToken given_token() {
  return {"demo", id(1),    id(2),    3,
          kNow,   kNow + 1, kNow + 2, {Choice::granted, Choice::denied, Choice::unknown, true}};
}

}  // namespace

TEST_CASE("HMAC agrees with RFC 4231", "[secret]") {
  // Test cases 2 and 6 (a key longer than the block).
  CHECK(hex_of(hmac_sha256("Jefe", "what do ya want for nothing?")) ==
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  CHECK(hex_of(hmac_sha256(std::string(131, '\xaa'),
                           "Test Using Larger Than Block-Size Key - Hash Key First")) ==
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
  CHECK(to_hex(hmac_sha512("Jefe", "what do ya want for nothing?")).substr(0, 32) ==
        "164b7a7bfcf819e2e395fbe73b56e0a3");
}

TEST_CASE("sealed text opens in its place and nowhere else", "[secret]") {
  FakeEntropy entropy;
  const SecretBox box(kSecret, entropy);
  const std::string text = GENERATE(as<std::string>{}, "", "plain", std::string(5000, 'x'));

  const std::string sealed = box.seal(text, "here");

  CHECK(box.open(sealed, "here") == text);
  CHECK_FALSE(box.open(sealed, "there").has_value());
  CHECK(box.seal(text, "here") != sealed);
  for (std::size_t i = 0; i < std::min<std::size_t>(sealed.size(), 60); ++i) {
    std::string changed = sealed;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    CHECK_FALSE(box.open(changed, "here").has_value());
  }
  CHECK_FALSE(box.open(sealed.substr(1), "here").has_value());
  CHECK_FALSE(SecretBox("another secret of more than thirty-two", entropy).open(sealed, "here"));
}

TEST_CASE("text forms read what they write and refuse the rest", "[secret]") {
  for (std::size_t size = 0; size < 70; ++size) {
    std::string bytes(size, '\0');
    FakeEntropy().fill(reinterpret_cast<std::uint8_t*>(bytes.data()), size);
    CHECK(from_base64url(to_base64url(bytes)) == bytes);
    CHECK(from_base64(to_base64(bytes)) == bytes);
    CHECK(from_hex(to_hex(bytes)) == bytes);
  }
  CHECK(to_base64("foob") == "Zm9vYg==");  // RFC 4648 section 10
  CHECK(to_base64url("foob") == "Zm9vYg");
  for (const char* bad : {"Zm9vYg=", "Zm9vYh", "Zm9 vYg", "Z", "Zm+v"})
    CHECK_FALSE(from_base64url(bad).has_value());
  CHECK_FALSE(from_hex("abc").has_value());
  CHECK_FALSE(from_hex("zz").has_value());
}

TEST_CASE("a token tells what it was given", "[token]") {
  FakeEntropy entropy;
  const SecretBox box(kSecret, entropy);
  const TokenIssuer tokens(box);

  const auto checked = tokens.check(tokens.issue(given_token()), "demo");

  REQUIRE(checked.ok());
  CHECK(checked.value().anonymous_id == id(1));
  CHECK(checked.value().session_id == id(2));
  CHECK(checked.value().session_index == 3);
  CHECK(checked.value().last_seen_ms == kNow + 1);
  CHECK(checked.value().consent == given_token().consent);
}

TEST_CASE("a token that was changed, made up or meant for another site is refused", "[token]") {
  FakeEntropy entropy;
  const SecretBox box(kSecret, entropy), other("another secret of more than thirty-two", entropy);
  const TokenIssuer tokens(box), stranger(other);
  const std::string good = tokens.issue(given_token());

  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string changed = good;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    CHECK_FALSE(tokens.check(changed, "demo").ok());
  }
  CHECK(tokens.check(good, "other").error().code == "bad_token");
  CHECK(tokens.check(stranger.issue(given_token()), "demo").error().code == "unknown_token_key");
  for (const char* bad : {"", "v1", "v1.", "v1..", "v1...", "v2.k1.a.b", "v1.k1.a.b.c"})
    CHECK_FALSE(tokens.check(bad, "demo").ok());
}

TEST_CASE("after a change of the secret the previous one still opens and verifies", "[secret]") {
  FakeEntropy entropy;
  constexpr const char* kNext = "the next secret of more than thirty-two";
  const SecretBox before(kSecret, entropy), after(kNext, entropy, kSecret);
  const std::string sealed = before.seal("plain", "here");
  const TokenIssuer old_tokens(before), tokens(after);

  CHECK(after.open(sealed, "here") == "plain");
  CHECK_FALSE(after.open(sealed, "there").has_value());
  CHECK(SecretBox(kNext, entropy).open(after.seal("new", "here"), "here") == "new");
  CHECK(tokens.check(old_tokens.issue(given_token()), "demo").ok());
  CHECK(tokens.check(old_tokens.issue(given_token()), "other").error().code == "bad_token");
  CHECK(old_tokens.check(tokens.issue(given_token()), "demo").error().code == "unknown_token_key");
}

TEST_CASE("several previous secrets open and verify, each in its turn", "[secret]") {
  FakeEntropy entropy;
  constexpr const char* kSecond = "the second secret of more than thirty-two";
  constexpr const char* kThird = "the third secret, of more than thirty-two";
  const SecretBox first(kSecret, entropy), second(kSecond, entropy);
  const SecretBox third(kThird, entropy, std::vector<std::string>{kSecond, kSecret});
  const TokenIssuer tokens(third);

  for (const SecretBox* box : {&first, &second, &third}) {
    CHECK(third.open(box->seal("plain", "here"), "here") == "plain");
    CHECK(third.open_to_renew(box->seal("plain", "here"), "here").is_old == (box != &third));
    CHECK(tokens.check(TokenIssuer(*box).issue(given_token()), "demo").ok());
  }
  CHECK_FALSE(second.open(first.seal("plain", "here"), "here").has_value());
}
