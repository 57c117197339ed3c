// SPDX-License-Identifier: Apache-2.0
// A file of an ad platform's costs (preset fuzz): rows or errors, never both, and each error has a
// line.
#include "server/core/cost_file.hpp"
#include "tests/fuzz/fuzz_input.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tl::server;
  using tl::fuzz::demand;
  const std::string_view text = tl::fuzz::text_of(data, size);
  CostFileOptions options;
  options.site_currency = "EUR";
  for (const bool is_mapped : {false, true}) {
    if (is_mapped) options.mapping = {{CostField::day, "Date"}, {CostField::amount, "Spend"}};
    const auto file = read_cost_file(text, options);
    if (!file.ok()) continue;
    demand(file.value().rows.empty() || file.value().errors.empty());
    for (const auto& error : file.value().errors) demand(!error.code.empty());
    for (const auto& row : file.value().rows) demand(row.currency.size() == 3);
  }
  return 0;
}
