// SPDX-License-Identifier: Apache-2.0
// Zones are read once and never change while the process runs; the table only grows.

#include "server/core/reports/local_day.hpp"

#include "server/core/durations.hpp"
#include "server/core/reports/zone_file.hpp"

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>

namespace tl::server {
namespace {

constexpr const char* kFolders[] = {"/usr/share/zoneinfo/", "/usr/lib/zoneinfo/",
                                    "/usr/share/lib/zoneinfo/"};

// A name is a path below the folder: letters, digits and _ + - / only, no "..".
bool is_zone_name(std::string_view zone) {
  for (const char c : zone)
    if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
          c == '+' || c == '-' || c == '/'))
      return false;
  return !zone.empty() && zone.front() != '/';
}

std::unique_ptr<const ZoneFile> load(const std::string& zone) {
  if (!is_zone_name(zone)) return nullptr;
  for (const char* folder : kFolders) {
    std::ifstream file(folder + zone, std::ios::binary);
    if (!file) continue;
    const std::string bytes((std::istreambuf_iterator<char>(file)),
                            std::istreambuf_iterator<char>());
    if (auto parsed = ZoneFile::parse(bytes))
      return std::make_unique<const ZoneFile>(std::move(*parsed));
  }
  return nullptr;
}

// null when there is no such zone.
const ZoneFile* find_zone(std::string_view name) {
  static std::shared_mutex mutex;
  static std::map<std::string, std::unique_ptr<const ZoneFile>, std::less<>> zones;
  {
    const std::shared_lock lock(mutex);
    if (const auto found = zones.find(name); found != zones.end()) return found->second.get();
  }
  auto zone = load(std::string(name));
  if (!zone) return nullptr;
  const std::unique_lock lock(mutex);
  return zones.try_emplace(std::string(name), std::move(zone)).first->second.get();
}

}  // namespace

Outcome<void> check_time_zone(std::string_view zone) {
  if (find_zone(zone) != nullptr) return {};
  return invalid("unknown_time_zone",
                 "timezone \"" + std::string(zone) +
                     "\" is not in this system's tzdata; use an IANA name such as Europe/Prague, "
                     "and check that the package tzdata is installed");
}

int local_day(std::int64_t t_ms, std::string_view zone) {
  const ZoneFile* rules = find_zone(zone);
  if (rules == nullptr) std::abort();
  const std::int64_t utc_s = (t_ms - (t_ms % 1000 + 1000) % 1000) / 1000;
  const std::chrono::sys_seconds local{std::chrono::seconds(utc_s + rules->offset_s(utc_s))};
  const std::chrono::year_month_day date{std::chrono::floor<std::chrono::days>(local)};
  return static_cast<int>(date.year()) * 10000 +
         static_cast<int>(static_cast<unsigned>(date.month())) * 100 +
         static_cast<int>(static_cast<unsigned>(date.day()));
}

std::int64_t day_start(int day, std::string_view zone) {
  const std::chrono::year_month_day date =
      std::chrono::year(day / 10000) / (day / 100 % 100) / (day % 100);
  const std::int64_t utc_ms =
      std::chrono::sys_days(date).time_since_epoch() / std::chrono::milliseconds(1);
  // No zone is a day away from UTC; in between days only ascend.
  std::int64_t before_ms = utc_ms - kDayMs, at_ms = utc_ms + kDayMs;
  while (at_ms - before_ms > 1) {
    const std::int64_t middle_ms = before_ms + (at_ms - before_ms) / 2;
    (local_day(middle_ms, zone) < day ? before_ms : at_ms) = middle_ms;
  }
  return at_ms;
}

}  // namespace tl::server
