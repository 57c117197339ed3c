// SPDX-License-Identifier: Apache-2.0
// A file for `throughline attribute` (preset fuzz). Of paths: on one thread and on two the same
// lines are bad and as many rows are good. Of touches: each line is answered by one JSON object, of
// credits or of an error with a code.
#include "server/attribute/path_csv.hpp"
#include "server/cli/attribute_touches.hpp"
#include "tests/fuzz/fuzz_input.hpp"

#include <nlohmann/json.hpp>

#include <string>

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

  static const tl::server::cli::TouchModels models({});
  const auto answer = nlohmann::json::parse(models.answer(text.substr(0, text.find('\n'))), nullptr,
                                            /*allow_exceptions=*/false);
  tl::fuzz::demand(answer.is_object());
  if (answer.contains("error"))
    tl::fuzz::demand(!answer["error"]["code"].get_ref<const std::string&>().empty());
  return 0;
}
