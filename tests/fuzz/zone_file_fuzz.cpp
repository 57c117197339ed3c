// SPDX-License-Identifier: Apache-2.0
// A time zone of the machine, TZif (preset fuzz): its offset is one of 32 bits, whenever it is
// asked.
#include "server/core/reports/zone_file.hpp"
#include "tests/fuzz/fuzz_input.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::int64_t kMostOffsetS = std::int64_t{1} << 31;
  const auto zone = tl::server::ZoneFile::parse(tl::fuzz::text_of(data, size));
  if (!zone) return 0;
  for (const std::int64_t utc_s : {-62'135'596'800LL, -1LL, 0LL, 951'782'400LL, 1'790'000'000LL,
                                   4'102'444'800LL, 253'402'300'799LL}) {
    const std::int64_t offset_s = zone->offset_s(utc_s);
    tl::fuzz::demand(offset_s >= -kMostOffsetS && offset_s < kMostOffsetS);
  }
  return 0;
}
