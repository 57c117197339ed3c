// SPDX-License-Identifier: Apache-2.0
#include "server/core/reports/local_day.hpp"

#include "server/core/reports/zone_file.hpp"
#include "tests/server/support.hpp"

#include <ctime>

using namespace tl::server;
using namespace tl::server::test;

TEST_CASE("a day ends at the site's own midnight", "[day]") {
  struct Case {
    std::int64_t t_ms;
    const char* zone;
    int day;
  };
  const auto& [t_ms, zone, day] = GENERATE(values<Case>({
      {1'790'000'000'000, "UTC", 20260921},
      {1'790'027'999'999, "Europe/Prague", 20260921},  // 23:59:59.999 in summer time
      {1'790'028'000'000, "Europe/Prague", 20260922},
      {1'790'028'000'000, "America/New_York", 20260921},
      {1'767'221'999'000, "Europe/Prague", 20251231},
      {1'767'222'000'000, "Europe/Prague", 20260101},  // an hour before UTC's new year
      {-1, "UTC", 19691231},
      {4'102'441'200'000, "Europe/Prague", 21000101},  // beyond the listed transitions: by rule
  }));
  CHECK(local_day(t_ms, zone) == day);
}

TEST_CASE("days agree with the C library", "[day]") {
  const char* zone = GENERATE("Europe/Prague", "Australia/Lord_Howe", "America/Sao_Paulo",
                              "Africa/Casablanca", "Asia/Kathmandu", "Antarctica/Troll");
  REQUIRE(::setenv("TZ", zone, 1) == 0);
  ::tzset();
  FakeEntropy entropy;
  for (int i = 0; i < 2000; ++i) {
    std::uint32_t random = 0;
    entropy.fill(reinterpret_cast<std::uint8_t*>(&random), sizeof random);
    const std::time_t t = random;
    std::tm parts{};
    ::localtime_r(&t, &parts);
    const int day = (parts.tm_year + 1900) * 10000 + (parts.tm_mon + 1) * 100 + parts.tm_mday;
    REQUIRE(local_day(static_cast<std::int64_t>(t) * 1000, zone) == day);
  }
  ::unsetenv("TZ");
}

TEST_CASE("an unknown time zone is an error, never UTC", "[day]") {
  const char* zone = GENERATE("", "Mars/Olympus", "../../etc/passwd", "/etc/localtime", "zone.tab");
  const auto outcome = check_time_zone(zone);
  REQUIRE_FALSE(outcome.ok());
  CHECK(outcome.error().code == "unknown_time_zone");
}

TEST_CASE("garbage is no zone file", "[day]") {
  CHECK_FALSE(ZoneFile::parse("").has_value());
  CHECK_FALSE(ZoneFile::parse(std::string("TZif2") + std::string(60, '\xff')).has_value());
}
