// SPDX-License-Identifier: Apache-2.0
#include "server/http/http_date.hpp"

#include <array>
#include <ctime>

namespace tl::server::http {

const std::string& http_date() {
  thread_local std::time_t made_for = 0;
  thread_local std::string text;
  const auto now = std::time(nullptr);
  if (now != made_for) {
    made_for = now;
    std::tm parts{};
    gmtime_r(&now, &parts);
    static constexpr std::array<const char*, 7> kDays = {"Sun", "Mon", "Tue", "Wed",
                                                         "Thu", "Fri", "Sat"};
    static constexpr std::array<const char*, 12> kMonths = {
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const auto two = [](int n) { return std::string(n < 10 ? "0" : "") + std::to_string(n); };
    text = std::string(kDays[static_cast<std::size_t>(parts.tm_wday)]) + ", " + two(parts.tm_mday) +
           " " + kMonths[static_cast<std::size_t>(parts.tm_mon)] + " " +
           std::to_string(parts.tm_year + 1900) + " " + two(parts.tm_hour) + ":" +
           two(parts.tm_min) + ":" + two(parts.tm_sec) + " GMT";
  }
  return text;
}

}  // namespace tl::server::http
