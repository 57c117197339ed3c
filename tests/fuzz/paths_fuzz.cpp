// SPDX-License-Identifier: Apache-2.0
// A file of paths for `throughline attribute` (preset fuzz): on one thread and on two the same
// lines are bad and as many rows are good.
#include "server/attribute/path_csv.hpp"
#include "tests/fuzz/fuzz_input.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tl::server::attribute;
  const std::string_view text = tl::fuzz::text_of(data, size);
  const auto rows = [](const PathFile& file) {
    std::uint64_t sum = 0;
    for (const auto& part : file.parts) sum += part.rows;
    return sum;
  };
  const PathFile one = read_paths(text, 1), two = read_paths(text, 2);
  tl::fuzz::demand(one.bad_line_count == two.bad_line_count);
  tl::fuzz::demand(one.bad_line_count > 0 || rows(one) == rows(two));
  return 0;
}
