// SPDX-License-Identifier: Apache-2.0
// A file of an ad platform's costs (preset fuzz): rows or errors, never both; each error has a
// line, and a row is whole: a day, a source, a channel, text that is UTF-8, and nothing below 0.
#include "server/core/costs/cost_file.hpp"
#include "server/core/reports/report_calendar.hpp"
#include "tests/fuzz/fuzz_input.hpp"
#include "throughline/text.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tl::server;
  using tl::fuzz::demand;
  const std::string_view text = tl::fuzz::text_of(data, size);
  CostFileOptions options;
  options.site_currency = "EUR";
  options.last_day = 20261231;
  for (const bool is_mapped : {false, true}) {
    if (is_mapped) options.mapping = {{CostField::day, "Date"}, {CostField::amount, "Spend"}};
    const auto file = read_cost_file(text, options);
    if (!file.ok()) continue;
    demand(file.value().rows.empty() || file.value().errors.empty());
    for (const auto& error : file.value().errors) demand(!error.code.empty() && error.line > 0);
    for (const auto& row : file.value().rows) {
      demand(row.currency.size() == 3 && row.day <= options.last_day);
      demand(parse_day(write_day(row.day)) == row.day);
      demand(!row.source.empty() && !tl::channel_name(row.channel).empty());
      demand(row.campaign.find(tl::kReplacement) == std::string::npos);
      demand(row.amount_minor >= 0 && row.clicks >= 0 && row.impressions >= 0);
    }
  }
  return 0;
}
