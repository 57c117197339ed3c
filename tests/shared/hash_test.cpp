// SPDX-License-Identifier: Apache-2.0
// SHA-256 against the NIST vectors (FIPS 180-4 examples), ids against RFC 9562's layouts and
// against values computed with Python's hashlib over the same length-prefixed fields.
#include "throughline/hash.hpp"

#include "catch.hpp"

#include <string>

using tl::Id128;
using tl::Out;

namespace {
std::string hex(const tl::Digest& digest) {
  char buffer[64];
  Out out(buffer, sizeof buffer);
  out.put_hex(digest.data(), digest.size());
  return std::string(out.view());
}
std::string text(const Id128& id) {
  char buffer[36];
  Out out(buffer, sizeof buffer);
  tl::write_uuid(id, out);
  return std::string(out.view());
}
Id128 nonce(std::string_view digits) {
  return tl::parse_hex128(digits).value();
}
constexpr const char* kNonce = "9f86d081884c7d659a2feaa0c55ad015";
}  // namespace

TEST_CASE("SHA-256 gives the published digests", "[hash]") {
  CHECK(hex(tl::sha256("")) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(hex(tl::sha256("abc")) ==
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(hex(tl::sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")) ==
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  CHECK(hex(tl::sha256("abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnop"
                       "jklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu")) ==
        "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1");
  CHECK(hex(tl::sha256(std::string(1000000, 'a'))) ==
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_CASE("the digest does not depend on how the input is cut", "[hash]") {
  const std::string input(200, 'x');
  for (std::size_t cut : {0U, 1U, 55U, 56U, 63U, 64U, 65U, 128U, 200U}) {
    CAPTURE(cut);
    tl::Sha256 hash;
    hash.update(std::string_view(input).substr(0, cut));
    hash.update(std::string_view(input).substr(cut));
    CHECK(hash.finish() == tl::sha256(input));
  }
}

TEST_CASE("fields are prefixed by their length, so they cannot run together", "[hash]") {
  CHECK(tl::FieldHash("d").add("ab").add("c").finish() !=
        tl::FieldHash("d").add("a").add("bc").finish());
  CHECK(tl::FieldHash("d").add("").finish() != tl::FieldHash("d").finish());
  const std::string by_hand("\x01\0\0\0d\x02\0\0\0ab\x04\0\0\0\x05\x01\0\0", 19);
  CHECK(tl::FieldHash("d").add("ab").add_u32(0x105).finish() == tl::sha256(by_hand));
}

TEST_CASE("UUIDs are read in any case and written in lower case", "[hash]") {
  const auto id = tl::parse_uuid("017F22E2-79B0-7CC3-98C4-DC0C0C07398F");
  REQUIRE(id.ok());
  CHECK(text(id.value()) == "017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
  // RFC 9562, appendix A.6: 2022-02-22T19:22:22Z.
  CHECK(id.value().time_ms() == 1645557742000);
}

TEST_CASE("what is no UUID or nonce is refused", "[hash]") {
  for (const auto* bad :
       {"", "017f22e279b07cc398c4dc0c0c07398f", "017f22e2-79b0-7cc3-98c4-dc0c0c07398",
        "017f22e2-79b0-7cc3-98c4-dc0c0c07398fa", "017f22e2-79b0-7cc3-98c4-dc0c0c07398g",
        "017f22e2079b0-7cc3-98c4-dc0c0c07398f", "{17f22e2-79b0-7cc3-98c4-dc0c0c07398f"}) {
    CAPTURE(bad);
    REQUIRE_FALSE(tl::parse_uuid(bad).ok());
    CHECK(std::string(tl::parse_uuid(bad).error().code) == "bad_uuid");
  }
  CHECK_FALSE(tl::parse_hex128("9f86d081884c7d659a2feaa0c55ad01").ok());
  CHECK_FALSE(tl::parse_hex128("9f86d081884c7d659a2feaa0c55ad01x").ok());
}

TEST_CASE("version and variant bits are set and nothing else is lost", "[hash]") {
  tl::Digest ones;
  ones.fill(0xFF);
  CHECK(text(tl::uuid_v7(0x0123456789AB, ones)) == "01234567-89ab-7fff-bfff-ffffffffffff");
  CHECK(text(tl::uuid_v8(ones)) == "ffffffff-ffff-8fff-bfff-ffffffffffff");
  CHECK(tl::uuid_v7(1790000000123, ones).time_ms() == 1790000000123);
}

TEST_CASE("derived ids are the hashes of architecture section 4", "[hash]") {
  const auto pn = nonce(kNonce);
  const auto aid = tl::derive_anonymous_id("demo", pn, 1790000000123);
  const auto sid = tl::derive_session_id("demo", aid, pn, 1, 1790000000123);
  CHECK(aid == tl::uuid_v7(1790000000123, tl::FieldHash("tl-aid").add("demo").add(pn).finish()));
  CHECK(sid.time_ms() == 1789999980000);  // floored to the minute
  CHECK(text(aid) == "01a0c450-6c7b-7e63-ab7f-16fe499cae8f");
  CHECK(text(sid) == "01a0c450-1de0-7c8f-a03b-00f9d48bff01");
  CHECK(text(tl::derive_event_id("demo", sid, pn, 1, "page_view", 1790000000123)) ==
        "01a0c450-6c7b-73fc-8ae8-0528d2d0c3a3");
}

TEST_CASE("two tabs with the same counter make different event ids", "[hash]") {
  const auto sid = nonce(kNonce);
  const auto one =
      tl::derive_event_id("demo", sid, nonce("00000000000000000000000000000001"), 1, "x", 5);
  const auto two =
      tl::derive_event_id("demo", sid, nonce("00000000000000000000000000000002"), 1, "x", 5);
  CHECK(one != two);
}

TEST_CASE("an order's event id depends on nothing but the order", "[hash]") {
  const auto id = tl::derive_order_event_id("demo", "stripe", "cs_1", "purchase");
  CHECK(id == tl::derive_order_event_id("demo", "stripe", "cs_1", "purchase"));
  CHECK(id != tl::derive_order_event_id("demo", "stripe", "cs_1", "refund"));
  CHECK(text(id)[14] == '8');
}
