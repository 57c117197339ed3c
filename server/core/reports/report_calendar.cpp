// SPDX-License-Identifier: Apache-2.0
#include "server/core/reports/report_calendar.hpp"

#include <array>
#include <chrono>
#include <cstdio>

namespace tl::server {
namespace {

using std::chrono::days;
using std::chrono::sys_days;
using std::chrono::year_month_day;

year_month_day date_of(int day) {
  return std::chrono::year(day / 10000) / (day / 100 % 100) / (day % 100);
}
int day_of(year_month_day date) {
  return static_cast<int>(date.year()) * 10000 +
         static_cast<int>(static_cast<unsigned>(date.month())) * 100 +
         static_cast<int>(static_cast<unsigned>(date.day()));
}

constexpr int kFirstDay = 19700101;

// Written like a day; yyyymmdd of any date, also of none of the calendar.
std::optional<int> written_day(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  int day = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i == 4 || i == 7) continue;
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    day = day * 10 + (text[i] - '0');
  }
  return day;
}

}  // namespace

std::optional<int> parse_day(std::string_view text) {
  const auto day = written_day(text);
  return day && date_of(*day).ok() && *day >= kFirstDay ? day : std::nullopt;
}

std::string day_complaint(std::string_view text) {
  const auto day = written_day(text);
  if (!day) return "is no day; write it as 2026-09-21";
  if (!date_of(*day).ok()) return "is no day of the calendar";
  return "lies before 1970-01-01, the first day there is";
}

std::string write_day(int day) {
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02d-%02d", day / 10000, day / 100 % 100,
                day % 100);
  return text.data();
}

int add_days(int day, int count) {
  return day_of(sys_days(date_of(day)) + days(count));
}
int monday_of(int day) {
  const auto date = sys_days(date_of(day));
  return day_of(date - days(std::chrono::weekday(date).iso_encoding() - 1));
}
int four_weeks_of(int day) {
  constexpr int kBeforeAll = 19691208;  // a Monday, for there is no day before 1969-12-31 anywhere
  return add_days(kBeforeAll, days_between(kBeforeAll, day) / 28 * 28);
}
int days_between(int from_day, int to_day) {
  return static_cast<int>((sys_days(date_of(to_day)) - sys_days(date_of(from_day))).count());
}

std::vector<int> days_of(int from_day, int to_day) {
  std::vector<int> list;
  for (auto day = sys_days(date_of(from_day)); day <= sys_days(date_of(to_day)); day += days(1))
    list.push_back(day_of(day));
  return list;
}

}  // namespace tl::server
