// SPDX-License-Identifier: Apache-2.0
#include "server/core/report_intervals.hpp"

#include <algorithm>
#include <cmath>

namespace tl::server {
namespace {

constexpr std::size_t kRounds = 400;
constexpr std::size_t kMostUnits = 4096;

// SplitMix64 (Steele, Lea, Flood 2014).
std::uint64_t next(std::uint64_t& state) {
  state += 0x9e3779b97f4a7c15ULL;
  std::uint64_t z = state;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

// How often a unit is drawn: Poisson(1) by its distribution function times 2^32.
int draws(std::uint64_t& state) {
  static constexpr std::uint32_t kBelow[] = {1580030168, 3160060337, 3950075421, 4213413783,
                                             4279248373, 4292415291, 4294609777, 4294923276};
  const auto number = static_cast<std::uint32_t>(next(state) >> 32);
  int count = 0;
  for (const std::uint32_t bound : kBelow) count += number >= bound ? 1 : 0;
  return count;
}

struct Part {
  std::size_t line;
  std::int64_t minor;
};

}  // namespace

std::map<TrafficSource, Interval> bootstrap_intervals(const std::vector<ConversionShares>& shares) {
  std::map<TrafficSource, std::size_t> lines;
  std::vector<std::vector<Part>> units(std::min(shares.size(), kMostUnits));
  for (std::size_t i = 0; i < shares.size(); ++i)
    for (const auto& [source, minor] : shares[i].parts) {
      const auto line = lines.emplace(source, lines.size()).first->second;
      units[i % kMostUnits].push_back({line, minor});
    }

  // Drawn together, so what they give to a line is one part.
  for (auto& unit : units) {
    std::sort(unit.begin(), unit.end(),
              [](const Part& a, const Part& b) { return a.line < b.line; });
    std::size_t kept = 0;
    for (const Part& part : unit) {
      if (kept > 0 && unit[kept - 1].line == part.line)
        unit[kept - 1].minor += part.minor;
      else
        unit[kept++] = part;
    }
    unit.resize(kept);
  }

  std::vector<std::vector<std::int64_t>> rounds(lines.size(), std::vector<std::int64_t>(kRounds));
  std::uint64_t state = 20'261'125;
  for (std::size_t round = 0; round < kRounds; ++round)
    for (const auto& unit : units) {
      const int count = draws(state);
      if (count == 0) continue;
      for (const auto& part : unit) rounds[part.line][round] += count * part.minor;
    }

  constexpr double kTail = (1 - kIntervalLevel) / 2;
  const auto at = [](double share) {
    return static_cast<std::size_t>(std::lround(share * (kRounds - 1)));
  };
  std::map<TrafficSource, Interval> intervals;
  for (const auto& [source, line] : lines) {
    auto& sums = rounds[line];
    std::sort(sums.begin(), sums.end());
    intervals[source] = {sums[at(kTail)], sums[at(1 - kTail)]};
  }
  return intervals;
}

}  // namespace tl::server
