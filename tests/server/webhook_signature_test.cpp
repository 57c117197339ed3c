// SPDX-License-Identifier: Apache-2.0
// The MAC schemes against vectors that each vendor's own package made (78-byte body, docs of the
// vendors, 2026-11), so that a later provider only has to describe itself.
#include "server/core/orders/webhook_signature.hpp"

#include "tests/catch.hpp"

using namespace tl::server;

namespace {

const std::string kBody =
    "{\"id\":\"evt_1\",\"type\":\"payment.succeeded\",\"data\":{\"amount\":1000,\"name\":"
    "\"Zo\xC3\xAB\"}}";
const std::string kStandardBytes = "msg_1.1700000000." + kBody;

bool verifies(const MacScheme& scheme, const std::string& bytes, const std::string& secret,
              std::string_view signature) {
  return any_mac_matches(scheme, bytes, {secret}, {signature});
}

}  // namespace

TEST_CASE("the vendors' own signatures verify", "[signature]") {
  REQUIRE(kBody.size() == 78);
  using enum MacHash;
  using KeyForm::base64_after_prefix;
  using KeyForm::utf8;
  using MacEncoding::base64;
  using MacEncoding::hex;
  struct Row {
    const char* name;
    MacScheme scheme;
    std::string bytes;
    const char* secret;
    const char* signature;
  };
  const Row rows[] = {
      {"stripe",
       {sha256, hex, utf8},
       "1700000000." + kBody,
       "whsec_test_secret",
       "fa67725cd36346a46a8e98f2bda577f1b72b6b03b5f3ad38ae9ca8be03cab84e"},
      {"standard webhooks",
       {sha256, base64, base64_after_prefix},
       kStandardBytes,
       "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
       "0Yli5qR5v0L3+0KKXD1uJ6Dn2ZdIwAr3DIfXcJ5MYiM="},
      {"whop",
       {sha256, base64, utf8},
       kStandardBytes,
       "ws_0123456789abcdef",
       "UPuWr86MyC2mjA2/3uXVVS6NXJruobgntrOnDp/M3ug="},
      {"whop, older",
       {sha256, hex, utf8},
       "1700000000." + kBody,
       "ws_0123456789abcdef",
       "addde4e24364c6bef1015e1393f46d1c9750e164d41bd7c9a46f749b5b198b0c"},
      {"polar",
       {sha256, base64, utf8},
       kStandardBytes,
       "whsec_polarExampleSecret",
       "HJFqeu1LdvdipWlQ/DEmadj/xmasij8oeL1dqr5HVWw="},
      {"shopify",
       {sha256, base64, utf8},
       kBody,
       "shpss_example",
       "enQMh+pwsuM/0hea5/Km+u499c4fKCxM8rAlLUnWYtY="},
      {"paddle",
       {sha256, hex, utf8},
       "1700000000:" + kBody,
       "pdl_ntfset_example",
       "925508cbdc9d82ab8bf5ad3532d31d4d43008c3beca7a1f913868fe42a596564"},
      {"lemon squeezy",
       {sha256, hex, utf8},
       kBody,
       "lemon_secret",
       "72da6b95531ec00e0ff4aed330214f2b70b133918f239cf51fddb27f6d027a9a"},
      {"woocommerce",
       {sha256, base64, utf8},
       kBody,
       "woo_secret",
       "pBH5vi+8LKRTCIq9XXKBM+MBOcfCViu2WSXH5oktWdE="},
      {"paystack",
       {sha512, hex, utf8},
       kBody,
       "paystack_secret",
       "daa59de2f75f9096eb4a5598fb0acdf796c3da0fe7156a787f91453d640de8a646c4085f87a4bd0bcd738ecee6"
       "11b7a9c5ea64d7acf63d558e8d3fdebae0482b"},
      {"razorpay",
       {sha256, hex, utf8},
       kBody,
       "rzp_secret",
       "9d70d25939e671bb1b7539c1a32a13e383a48b51d44808286925273d0ed599e4"},
      {"square",
       {sha256, base64, utf8},
       "https://example.com/hook" + kBody,
       "square_key",
       "tKQBs0NWmLp7U4TVi2Eg/5y6/q6zt5iLmS0GID9BgYU="},
      {"gocardless",
       {sha256, hex, utf8},
       kBody,
       "gc_secret",
       "8fb6fb23187f3818e46d3b4329e483271efde478cb410a67c4772c3f5d956423"},
      {"mollie",
       {sha256, hex, utf8},
       kBody,
       "mollie_secret",
       "a828b8af205ec166a609c0fb9884371a8ff5094d4269405666a9075119fdfce1"},
      {"adyen",
       {sha256, base64, KeyForm::hex},
       "8535296650153317::ShopECOM:order-1:1000:EUR:AUTHORISATION:true",
       "44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056",
       "TtTJNQ1Tf1LX9F2RMeFx541LZGrohSuPvq+qpnax/GA="},
  };
  for (const auto& row : rows) {
    INFO(row.name);
    CHECK(verifies(row.scheme, row.bytes, row.secret, row.signature));
    CHECK_FALSE(verifies(row.scheme, row.bytes + "\n", row.secret, row.signature));
    CHECK_FALSE(verifies(row.scheme, row.bytes, std::string(row.secret) + "x", row.signature));
  }
}

TEST_CASE("any secret with any signature verifies, empty ones never", "[signature]") {
  const std::string right = "fa67725cd36346a46a8e98f2bda577f1b72b6b03b5f3ad38ae9ca8be03cab84e";
  const std::string wrong(64, '0');
  const std::string bytes = "1700000000." + kBody;
  const MacScheme scheme;

  CHECK(any_mac_matches(scheme, bytes, {"whsec_old", " whsec_test_secret\n"}, {wrong, right}));
  CHECK_FALSE(any_mac_matches(scheme, bytes, {"whsec_old"}, {wrong, right}));
  CHECK_FALSE(any_mac_matches(scheme, bytes, {}, {right}));
  CHECK_FALSE(any_mac_matches(scheme, bytes, {"", "  "}, {right, ""}));
  CHECK_FALSE(any_mac_matches(scheme, bytes, {"whsec_test_secret"}, {}));
  CHECK_FALSE(any_mac_matches(scheme, bytes, {"whsec_test_secret"}, {right.substr(0, 62)}));
  CHECK_FALSE(any_mac_matches(scheme, bytes, {"whsec_test_secret"}, {right + "00"}));
}

TEST_CASE("a request may be exactly as old as the tolerance", "[signature]") {
  const TimeWindow by_age{300, true}, both_ways{300, false}, off{0, false};
  CHECK(check_timestamp(1000, 1'300'999, by_age).ok());
  CHECK(check_timestamp(1000, 1'301'000, by_age).error().code == "stale_timestamp");
  CHECK(check_timestamp(99'999, 1'000, by_age).ok());
  CHECK(check_timestamp(1300, 1'000'000, both_ways).ok());
  CHECK(check_timestamp(1301, 1'000'000, both_ways).error().code == "future_timestamp");
  CHECK(check_timestamp(1, 9'000'000'000, off).ok());
}
