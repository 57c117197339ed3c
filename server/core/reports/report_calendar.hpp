// SPDX-License-Identifier: Apache-2.0
// Days of reports: yyyymmdd in the site's own calendar, as local_day() gives them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tl::server {

std::optional<int> parse_day(std::string_view text);  // "2026-09-21"; none for 2026-02-30
// What is wrong with a text that parse_day() refuses: "is no day; write it as 2026-09-21" …
std::string day_complaint(std::string_view text);
std::string write_day(int day);
int add_days(int day, int count);
int monday_of(int day);                      // the first day of its week
int four_weeks_of(int day);                  // the first day, a Monday, of its four weeks
int days_between(int from_day, int to_day);  // 0 for the same day
std::vector<int> days_of(int from_day, int to_day);

}  // namespace tl::server
