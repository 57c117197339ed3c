// SPDX-License-Identifier: Apache-2.0
// Dates as people's spreadsheets write them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tl::server {

enum class DateOrder : std::uint8_t { month_first, day_first };
// Of dates like 1/2/2026: none when nothing tells, or when they contradict each other.
std::optional<DateOrder> find_date_order(const std::vector<std::string>& texts);
// 2026-01-31, 20260131, 31.1.2026, 1/31/2026, 31/1/2026, Jan 31, 2026, 31 January 2026; a time of
// day behind a date is ignored. yyyymmdd; none for what is no date and nothing else, or in doubt.
std::optional<int> read_date(std::string_view text, std::optional<DateOrder> order);
// Two dates, whatever stands between them: 2026-01-31 – 2026-02-06.
bool is_date_range(std::string_view text);

}  // namespace tl::server
