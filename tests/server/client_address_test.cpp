// SPDX-License-Identifier: Apache-2.0
// Whose request it is, which addresses count as public, and how many requests one may send.

#include "server/http/client_address.hpp"

#include "server/core/access/public_address.hpp"
#include "server/http/rate_limiter.hpp"
#include "tests/catch.hpp"

using namespace tl::server;
using namespace tl::server::http;
using Headers = std::vector<std::pair<std::string, std::string>>;

namespace {

TrustedProxies proxies() {
  return TrustedProxies::parse({"10.0.0.0/8", "192.0.2.7", "fd00::/8", "::1/128"}).value();
}

}  // namespace

TEST_CASE("the client is found behind trusted proxies and nowhere else", "[proxy]") {
  struct Row {
    const char* peer;
    Headers headers;
    const char* client;
  };
  const auto row = GENERATE(
      Row{"203.0.113.9", {{"X-Forwarded-For", "1.2.3.4"}}, "203.0.113.9"},
      Row{"10.1.2.3", {}, "10.1.2.3"}, Row{"10.1.2.3", {{"X-Forwarded-For", "1.2.3.4"}}, "1.2.3.4"},
      Row{"10.1.2.3", {{"x-forwarded-for", "6.6.6.6, 1.2.3.4"}}, "1.2.3.4"},
      Row{"10.1.2.3", {{"X-Forwarded-For", "6.6.6.6, 1.2.3.4, 10.9.9.9"}}, "1.2.3.4"},
      Row{"10.1.2.3", {{"X-Forwarded-For", "10.7.7.7, 10.9.9.9"}}, "10.7.7.7"},
      // two header lines: in wire order, the last is the nearest proxy's
      Row{"10.1.2.3", {{"X-Forwarded-For", "6.6.6.6"}, {"X-Forwarded-For", "1.2.3.4"}}, "1.2.3.4"},
      Row{"10.1.2.3", {{"X-Forwarded-For", "1.2.3.4:5678"}}, "1.2.3.4"},
      Row{"10.1.2.3", {{"X-Forwarded-For", "[2001:db8::5]:443"}}, "2001:db8::5"},
      Row{"10.1.2.3", {{"X-Forwarded-For", "2001:DB8::5"}}, "2001:db8::5"},
      Row{"10.1.2.3", {{"X-Forwarded-For", "1.2.3.4, unknown"}}, "10.1.2.3"},
      Row{"10.1.2.3", {{"X-Forwarded-For", "1.2.3.4, , 10.0.0.1"}}, "10.0.0.1"},
      Row{"::ffff:10.1.2.3", {{"X-Forwarded-For", "::ffff:1.2.3.4"}}, "1.2.3.4"},
      Row{"fd12::1", {{"X-Forwarded-For", "1.2.3.4"}}, "1.2.3.4"},
      Row{"192.0.2.8", {{"X-Forwarded-For", "1.2.3.4"}}, "192.0.2.8"},
      Row{"192.0.2.7", {{"Forwarded", "for=1.2.3.4"}}, "192.0.2.7"});
  CHECK(proxies().client(row.peer, row.headers).ip == row.client);
}

TEST_CASE("only a trusted proxy says that the client came over TLS", "[proxy]") {
  const Headers https = {{"X-Forwarded-Proto", "https"}};
  CHECK(proxies().client("10.0.0.1", https).is_secure);
  CHECK_FALSE(proxies().client("9.9.9.9", https).is_secure);
  CHECK_FALSE(proxies().client("10.0.0.1", {{"X-Forwarded-Proto", "https, http"}}).is_secure);
}

TEST_CASE("broken ranges are refused by name", "[proxy]") {
  const auto text = GENERATE("10.0.0.0/33", "10.0.0/8", "::/129", "fd00::/-1", "x", "1.2.3.4/", "");
  const auto parsed = TrustedProxies::parse({text});
  INFO(text);
  REQUIRE_FALSE(parsed.ok());
  CHECK(parsed.error().code == "bad_address_range");
}

TEST_CASE("ranges end where their bits end", "[proxy]") {
  const auto range = AddressRange::parse("172.16.0.0/12").value();
  CHECK(range.contains(*IpAddress::parse("172.31.255.255")));
  CHECK_FALSE(range.contains(*IpAddress::parse("172.32.0.0")));
  CHECK(AddressRange::parse("0.0.0.0/0").value().contains(*IpAddress::parse("8.8.8.8")));
  CHECK_FALSE(AddressRange::parse("0.0.0.0/0").value().contains(*IpAddress::parse("2001:db8::1")));
}

TEST_CASE("outgoing requests reach public addresses only", "[ssrf]") {
  const auto refused =
      GENERATE("127.0.0.1", "10.1.1.1", "172.20.0.1", "192.168.1.1", "169.254.169.254",
               "100.64.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1",
               "fec0::1", "fd00::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
               "64:ff9b::a00:1", "2002:7f00:1::", "2001::1", "198.18.0.1");
  INFO(refused);
  CHECK_FALSE(is_public_address(*IpAddress::parse(refused)));
}

TEST_CASE("ordinary addresses are public", "[ssrf]") {
  const auto allowed =
      GENERATE("1.1.1.1", "172.15.0.1", "172.32.0.1", "100.128.0.1", "2606:4700::1", "11.0.0.1");
  CHECK(is_public_address(*IpAddress::parse(allowed)));
}

TEST_CASE("a bucket holds ten seconds and fills at its rate", "[rate]") {
  auto limiter = RateLimiter::per_second(5);
  for (int i = 0; i < 50; ++i) REQUIRE(limiter.take("192.0.2.1", 1000) == 0);
  CHECK(limiter.take("192.0.2.1", 1000) == 200);
  CHECK(limiter.take("192.0.2.2", 1000) == 0);
  CHECK(limiter.take("192.0.2.1", 1199) > 0);
  CHECK(limiter.take("192.0.2.1", 1200) == 0);
  // A dear request takes more of the bucket, but never more than it can hold.
  CHECK(limiter.take("192.0.2.9", 1000, 40) == 0);
  CHECK(limiter.take("192.0.2.9", 1000, 20) == 2000);
  CHECK(limiter.take("192.0.2.9", 3000, 20) == 0);
  CHECK(limiter.take("192.0.2.10", 1000, 1000) == 0);
  CHECK(limiter.take("192.0.2.1", 1200) > 0);
}

TEST_CASE("a clock that goes back neither blocks nor gives", "[rate]") {
  auto limiter = RateLimiter::per_second(1);
  for (int i = 0; i < 10; ++i) REQUIRE(limiter.take("192.0.2.1", 100'000) == 0);
  CHECK(limiter.take("192.0.2.1", 50'000) > 0);
  CHECK(limiter.take("192.0.2.1", 51'000) == 0);
}

TEST_CASE("IPv6 neighbours of one /64 share a bucket", "[rate]") {
  auto limiter = RateLimiter::per_second(1);
  for (int i = 0; i < 10; ++i) REQUIRE(limiter.take("2001:db8::" + std::to_string(i), 0) == 0);
  CHECK(limiter.take("2001:db8::ffff", 0) > 0);
  CHECK(limiter.take("2001:db8:0:1::1", 0) == 0);
}

TEST_CASE("a flood of addresses is forgotten, not kept", "[rate]") {
  auto limiter = RateLimiter::per_second(10);
  for (int i = 0; i < 300'000; ++i) {
    const auto ip = std::to_string(1 + i / 65536) + "." + std::to_string(i / 256 % 256) + "." +
                    std::to_string(i % 256) + ".9";
    limiter.take(ip, i / 100);
  }
  CHECK(limiter.remembered() <= RateLimiter::kMaxAddresses);
}

TEST_CASE("a rate of nothing means no limit", "[rate]") {
  auto limiter = RateLimiter::per_second(0);
  for (int i = 0; i < 1000; ++i) REQUIRE(limiter.take("192.0.2.1", 0) == 0);
}
