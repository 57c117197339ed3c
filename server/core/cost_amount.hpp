// SPDX-License-Identifier: Apache-2.0
// Amounts and dates as people's spreadsheets write them. Which of comma and point separates the
// decimals is decided once for a whole column: by a text that leaves no doubt ("12,5", "1.234,56"),
// else the point.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tl::server {

enum class DecimalMark : std::uint8_t { point, comma };

// None when the texts contradict each other.
std::optional<DecimalMark> find_decimal_mark(const std::vector<std::string>& texts);

// "€ 1,234.5", "1 234,50", "(12.00)" and "-12" to minor units, half a unit away from zero; none for
// what is no amount of that form.
std::optional<std::int64_t> read_amount(std::string_view text, DecimalMark mark,
                                        std::string_view currency);
// "1,234" clicks; empty and "--" are 0; none for what is no count.
std::optional<std::int64_t> read_count(std::string_view text);

enum class DateOrder : std::uint8_t { month_first, day_first };
// Of dates like 1/2/2026: none when nothing tells, or when they contradict each other.
std::optional<DateOrder> find_date_order(const std::vector<std::string>& texts);
// 2026-01-31, 20260131, 31.1.2026, 1/31/2026, 31/1/2026, Jan 31, 2026, 31 Jan 2026; a time behind a
// date is ignored. yyyymmdd; none for what is no date, or in doubt.
std::optional<int> read_date(std::string_view text, std::optional<DateOrder> order);

}  // namespace tl::server
