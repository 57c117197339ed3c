// SPDX-License-Identifier: Apache-2.0
// Parts of the attribution benchmark, on one core, in processor time.
//   attribution_bench generate PATHS FILE   a CSV of paths over 12 channels, seeded
//   attribution_bench measure FILE          one "name=number" a line
#include "models/model.hpp"
#include "server/attribute/mapped_file.hpp"
#include "server/attribute/path_chain.hpp"
#include "server/attribute/path_models.hpp"
#include "shared/seeded_random.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iostream>
#include <optional>

namespace {

using namespace tl::server::attribute;  // NOLINT(google-build-using-namespace)
namespace models = tl::models;

constexpr const char* kChannels[] = {
    "direct",   "email",   "paid_search", "organic_search", "paid_social",  "organic_social",
    "referral", "display", "affiliate",   "paid_video",     "ai_assistant", "sms"};
constexpr std::size_t kChannelCount = std::size(kChannels);

double processor_seconds() {
  timespec now{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

// The middle one of five times: other work on the machine takes the caches away now and then.
template <class Work, class Prepare>
double seconds_of(Work&& work, Prepare&& prepare) {
  double seconds[5];
  for (double& took : seconds) {
    prepare();
    const double start = processor_seconds();
    work();
    took = processor_seconds() - start;
  }
  std::sort(std::begin(seconds), std::end(seconds));
  return seconds[2];
}
template <class Work>
double seconds_of(Work&& work) {
  return seconds_of(work, [] {});
}

void tell(const std::string& name, double number) {
  std::printf("%s=%.6g\n", name.c_str(), number);
}

int generate(std::uint64_t paths, const char* name) {
  std::ofstream file(name, std::ios::binary);
  file << "path,total_conversions,total_conversion_value,total_null\n";
  tl::test::SeededRandom random(2026);
  std::string text;
  for (std::uint64_t i = 0; i < paths; ++i) {
    // One to ten steps, short ones more often; the smaller of two draws makes some channels common.
    const std::uint64_t steps = 1 + std::min(random.below(10), random.below(10));
    for (std::uint64_t step = 0; step < steps; ++step) {
      if (step > 0) text += " > ";
      text += kChannels[std::min(random.below(kChannelCount), random.below(kChannelCount))];
    }
    const std::uint64_t conversions = random.below(4) == 0 ? 1 + random.below(9) : 0;
    text += ',' + std::to_string(conversions) + ',';
    text += std::to_string(conversions * (10 + random.below(90)));
    if (conversions > 0) text += '.' + std::to_string(10 + random.below(90));
    text += ',' + std::to_string(random.below(200)) + '\n';
    if (text.size() > 1 << 20) {
      file << text;
      text.clear();
    }
  }
  file << text;
  return file.flush() ? 0 : 1;
}

// Exact integer rows of single conversions, as the server stores them.
void measure_rows(const PathFile& file, const ChannelOrder& order) {
  constexpr std::size_t kPaths = 200'000;
  std::vector<std::vector<models::Step>> paths;
  file.parts[0].paths.for_each(order.numbers[0], [&](auto path, const PathTable::Counts&) {
    if (paths.size() == kPaths || path.empty()) return;
    auto& steps = paths.emplace_back();
    for (const std::uint32_t channel : path)
      steps.push_back({static_cast<std::uint32_t>(steps.size()), models::ChannelKey::other(channel),
                       static_cast<std::int64_t>(steps.size()) * 3'600'000});
  });
  std::vector<models::Credit> credits(models::kMaxPath);
  for (const auto& info : models::all_models()) {
    models::ModelConfig config;
    config.model = info.model;
    const double seconds = seconds_of([&] {
      for (const auto& steps : paths)
        if (!models::credit_path(config, steps, 12'999, credits).ok()) std::abort();
    });
    tell("rows_per_second_" + std::string(info.name), static_cast<double>(paths.size()) / seconds);
  }
}

int measure(const char* name) {
  const auto file = MappedFile::open(name);
  if (!file.ok()) return 1;
  const auto text = file.value().bytes();
  // The disk is not what is measured.
  std::uint64_t touched = 0;
  for (std::size_t i = 0; i < text.size(); i += 4096)
    touched += static_cast<unsigned char>(text[i]);
  if (touched == 0) return 1;

  PathFile paths;
  const double reading = seconds_of([&] { paths = read_paths(text, 1); }, [&] { paths = {}; });
  if (paths.bad_line_count > 0) return 1;
  const auto distinct = static_cast<double>(paths.parts[0].paths.size());
  tell("csv_megabytes", static_cast<double>(text.size()) / 1e6);
  tell("csv_megabytes_per_second", static_cast<double>(text.size()) / 1e6 / reading);
  std::ptrdiff_t lines = 0;
  const double counting = seconds_of([&] { lines = std::count(text.begin(), text.end(), '\n'); });
  if (lines == 0) return 1;
  tell("lines_megabytes_per_second", static_cast<double>(text.size()) / 1e6 / counting);
  tell("rows", static_cast<double>(paths.parts[0].rows));
  tell("paths", distinct);
  tell("bytes_per_path", static_cast<double>(paths.parts[0].paths.bytes()) / distinct);

  const ChannelOrder order = order_channels(paths);
  tell("rules_paths_per_second", distinct / seconds_of([&] { tally_paths(paths, order); }));
  for (std::uint32_t k = 1; k <= models::kMaxChainOrder; ++k) {
    std::optional<PathChain> chain;
    bool is_good = true;
    const double building = seconds_of([&] { is_good = is_good && chain->add(paths, order).ok(); },
                                       [&] { chain.emplace(order.names.size(), k); });
    const double solving = seconds_of([&] { is_good = is_good && chain->solve().ok(); });
    if (!is_good) return 1;
    tell("chain_" + std::to_string(k) + "_paths_per_second", distinct / building);
    tell("solve_" + std::to_string(k) + "_milliseconds", 1e3 * solving);
  }
  measure_rows(paths, order);
  return 0;
}

}  // namespace

int main(int count, char** arguments) {
  const std::string mode = count > 1 ? arguments[1] : "";
  if (mode == "generate" && count == 4)
    return generate(std::strtoull(arguments[2], nullptr, 10), arguments[3]);
  if (mode == "measure" && count == 3) return measure(arguments[2]);
  std::cerr << "usage: attribution_bench generate PATHS FILE | measure FILE\n";
  return 2;
}
