// SPDX-License-Identifier: Apache-2.0
#include "server/attribute/path_table.hpp"

#include "catch.hpp"
#include "server/attribute/path_batch.hpp"
#include "shared/seeded_random.hpp"

#include <algorithm>
#include <map>
#include <numeric>

namespace {

using namespace tl::server::attribute;  // NOLINT(google-build-using-namespace)
using Path = std::vector<std::uint32_t>;

bool push(PathBatch& batch, const Path& path, const PathTable::Counts& counts) {
  char* end = batch.room();
  for (const std::uint32_t channel : path) end = write_step(channel, end);
  return batch.push(static_cast<std::size_t>(end - batch.room()), counts);
}

Path random_path(tl::test::SeededRandom& random, std::uint64_t channels, std::uint64_t longest) {
  Path path(random.below(longest));
  for (auto& channel : path) channel = static_cast<std::uint32_t>(random.below(channels));
  return path;
}

}  // namespace

TEST_CASE("equal paths are kept once and their counts add up", "[path_table]") {
  tl::test::SeededRandom random(5);
  PathTable table;
  PathBatch batch(table);
  std::map<Path, std::uint64_t> expected;
  for (int i = 0; i < 40'000; ++i) {
    // Up to 1000 channels and 400 steps, so that both forms of channel and of length occur.
    const Path path = random_path(random, i % 2 == 0 ? 3 : 1000, i % 100 == 0 ? 400 : 6);
    REQUIRE(push(batch, path, {1, 2, 0.25}));
    ++expected[path];
  }
  REQUIRE(batch.flush());

  CHECK(table.size() == expected.size());
  std::vector<std::uint32_t> numbers(1000);
  std::iota(numbers.begin(), numbers.end(), 0);
  table.for_each(numbers,
                 [&](std::span<const std::uint32_t> path, const PathTable::Counts& counts) {
                   const auto count = expected.at(Path(path.begin(), path.end()));
                   REQUIRE(counts.conversions == count);
                   REQUIRE(counts.nulls == 2 * count);
                   REQUIRE(counts.value == 0.25 * static_cast<double>(count));
                 });
}

TEST_CASE("a path of a dozen steps takes less than 64 bytes", "[path_table]") {
  tl::test::SeededRandom random(6);
  PathTable table;
  PathBatch batch(table);
  std::vector<std::uint64_t> different;
  std::size_t most = 0;
  for (int i = 0; i < 600'000; ++i) {
    Path path(12);
    std::uint64_t digits = 0;
    for (auto& channel : path) {
      channel = static_cast<std::uint32_t>(random.below(12));
      digits = digits * 12 + channel;
    }
    REQUIRE(push(batch, path, {1, 0, 1}));
    different.push_back(digits);
    // Pages weigh more on small tables.
    if (table.size() > 500'000) most = std::max(most, table.bytes() * 100 / table.size());
  }
  CHECK(most < 6400);
  // So many that hashes agree in all the bits that the table keeps.
  REQUIRE(batch.flush());
  std::sort(different.begin(), different.end());
  const auto end = std::unique(different.begin(), different.end());
  CHECK(table.size() == static_cast<std::size_t>(end - different.begin()));
}

TEST_CASE("the order of amounts does not show in their sum", "[path_table]") {
  PathTable up, down;
  PathBatch to_up(up), to_down(down);
  for (int i = 1; i <= 10'000; ++i) {
    REQUIRE(push(to_up, {1, 2}, {1, 0, i * 0.01}));
    REQUIRE(push(to_down, {1, 2}, {1, 0, (10'001 - i) * 0.01}));
  }
  REQUIRE((to_up.flush() && to_down.flush()));
  const std::vector<std::uint32_t> numbers{0, 1, 2};
  std::vector<double> sums;
  for (const auto* table : {&up, &down})
    table->for_each(numbers, [&](auto, const PathTable::Counts& counts) {
      sums.push_back(counts.value + counts.value_rest);
    });
  CHECK(sums[0] == sums[1]);
  CHECK(sums[0] == Approx(500'050).epsilon(1e-15));
}
