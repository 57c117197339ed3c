// SPDX-License-Identifier: Apache-2.0
// Amounts and counts as people's spreadsheets write them. Which of comma and point separates the
// decimals is decided once for a whole column: by a text that leaves no doubt ("12,5", "1.234,56"),
// else by the groups of the counts beside it. Nothing is left out of a text: what is no number with
// at most one currency around it is no amount.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tl::server {

enum class DecimalMark : std::uint8_t { point, comma };

struct FoundMark {
  std::optional<DecimalMark> mark;  // none: nothing tells
  bool is_mixed = false;            // some texts say the one, some the other
};
FoundMark find_decimal_mark(const std::vector<std::string>& amounts,
                            const std::vector<std::string>& counts);

// "2.500" is two and a half or two thousand five hundred; never in a currency without decimals.
bool is_ambiguous_amount(std::string_view text, std::string_view currency);

// "â¬ 1,234.5", "1 234,50", "1'234.50", "12,34,567.50", "(12.00)" and "-12" to minor units,
// half a unit away from zero. Without a mark, texts that leave no doubt. None for what is no amount
// of that form, and for one that names another currency.
std::optional<std::int64_t> read_amount(std::string_view text, std::optional<DecimalMark> mark,
                                        std::string_view currency);
// "1,234" and "20.0" clicks; empty and "--" are 0; none for what is no count.
std::optional<std::int64_t> read_count(std::string_view text);

}  // namespace tl::server
