// SPDX-License-Identifier: Apache-2.0
// Headers are compared without case. Platforms are told apart by a column that only they have.

#include "server/core/costs/cost_columns.hpp"

#include "server/core/costs/cost_headers.hpp"
#include "throughline/text.hpp"

#include <algorithm>

namespace tl::server {
namespace {

constexpr std::array<std::string_view, kCostFields> kFieldNames = {
    "day",    "last_day", "channel", "campaign_type", "source",     "campaign",
    "amount", "currency", "clicks",  "impressions",   "campaign_id"};

// "Amount spent (EUR)" names its currency; the name without it is what counts.
std::string_view without_currency(std::string_view header, std::string& currency) {
  constexpr std::size_t kParenthesis = 5;  // "(EUR)"
  if (header.size() <= kParenthesis || header.back() != ')') return header;
  const auto open = header.size() - kParenthesis;
  if (header[open] != '(') return header;
  for (std::size_t i = open + 1; i + 1 < header.size(); ++i)
    if (header[i] < 'A' || header[i] > 'Z') return header;
  currency = header.substr(open + 1, 3);
  return trim(header.substr(0, open));
}

// A header says a word of the list; its rank there, none: not one of them.
std::optional<std::int32_t> header_rank(const std::string& cell, std::string_view words,
                                        std::string& currency) {
  const auto whole = find_word(words, cell);
  if (whole >= 0) return whole;
  const auto bare = find_word(words, without_currency(cell, currency));
  return bare >= 0 ? std::optional(bare) : std::nullopt;
}

void place(const DelimitedLine& line, CostField field, std::string_view words,
           CostColumns& columns) {
  auto& at = columns.at[static_cast<std::size_t>(field)];
  if (at) return;
  std::optional<std::int32_t> best;
  for (std::size_t i = 0; i < line.cells.size(); ++i) {
    std::string currency;
    const auto rank = header_rank(line.cells[i], words, currency);
    if (!rank || (best && *best <= *rank)) continue;
    best = rank;
    at = i;
    if (field == CostField::amount) columns.currency = currency;
  }
}

bool has_column(const DelimitedLine& line, std::string_view words) {
  std::string ignored;
  return std::any_of(line.cells.begin(), line.cells.end(),
                     [&](const std::string& cell) { return header_rank(cell, words, ignored); });
}

bool is_complete(const CostColumns& columns) {
  return columns[CostField::day] && columns[CostField::amount];
}

}  // namespace

std::string_view cost_field_name(CostField field) {
  return kFieldNames[static_cast<std::size_t>(field)];
}

Outcome<void> add_to_cost_mapping(std::string_view pair, CostMapping& mapping) {
  const auto equals = pair.find('=');
  const auto field = std::find(kFieldNames.begin(), kFieldNames.end(), pair.substr(0, equals));
  if (equals == std::string_view::npos || field == kFieldNames.end() || equals + 1 == pair.size())
    return invalid("bad_cost_map",
                   "\"" + std::string(pair) +
                       "\" maps no column; write FIELD=COLUMN with one of day, last_day, channel, "
                       "campaign_type, source, campaign, campaign_id, amount, currency, clicks, "
                       "impressions");
  mapping[static_cast<CostField>(field - kFieldNames.begin())] = trim(pair.substr(equals + 1));
  return {};
}

std::optional<CostColumns> find_cost_columns(const std::vector<DelimitedLine>& lines,
                                             const CostMapping& mapping) {
  constexpr std::size_t kMostTitleLines = 30;
  for (std::size_t i = 0; i < std::min(lines.size(), kMostTitleLines); ++i) {
    const DelimitedLine& line = lines[i];
    CostColumns mapped;
    mapped.platform = "mapped";
    mapped.header_line = i;
    for (const auto& [field, name] : mapping) place(line, field, name, mapped);
    for (const auto& platform : cost_platforms()) {
      if (!has_column(line, platform.words_of(platform.own_field))) continue;
      CostColumns columns = mapped;
      for (const auto& [field, words] : platform.headers) place(line, field, words, columns);
      if (!is_complete(columns)) continue;
      // A date and a cost alone are anybody's.
      const bool is_telling = platform.own_field != CostField::day && !is_complete(mapped);
      if (!is_telling && !columns[CostField::campaign]) continue;
      columns.platform = platform.name;
      columns.source = platform.source;
      columns.channel = platform.channel;
      columns.is_month_first =
          find_word(platform.month_first_day, line.cells[*columns[CostField::day]]) >= 0;
      return columns;
    }
    if (is_complete(mapped)) return mapped;
  }
  return std::nullopt;
}

}  // namespace tl::server
