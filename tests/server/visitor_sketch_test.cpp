// SPDX-License-Identifier: Apache-2.0
#include "server/core/reports/visitor_sketch.hpp"

#include "tests/server/support.hpp"

#include <cmath>
#include <random>

using namespace tl;
using namespace tl::server;
using namespace tl::server::test;

namespace {

Id128 visitor(std::uint64_t number) {
  const Digest digest = sha256("visitor " + std::to_string(number));
  return uuid_v7(kNow + static_cast<std::int64_t>(number), digest);
}

VisitorSketch sketch_of(std::uint64_t from, std::uint64_t to) {
  VisitorSketch sketch;
  for (std::uint64_t i = from; i < to; ++i) sketch.add(visitor(i));
  return sketch;
}

}  // namespace

TEST_CASE("few visitors are counted exactly", "[sketch]") {
  for (const std::uint64_t count : {0U, 1U, 2U, 100U, 512U})
    CHECK(sketch_of(0, count).count() == static_cast<std::int64_t>(count));
}

TEST_CASE("many visitors are counted within the stated error", "[sketch]") {
  // Standard error 1.6 %: five of them hold for a fixed set of ids.
  for (const std::uint64_t count :
       {513U, 600U, 2000U, 5000U, 10'000U, 30'000U, 100'000U, 400'000U}) {
    const auto found = static_cast<double>(sketch_of(0, count).count());
    INFO(count << " counted as " << found);
    CHECK(std::abs(found / static_cast<double>(count) - 1) < 0.08);
  }
}

TEST_CASE("the error over many sets is 1.6 percent and has no lean", "[sketch]") {
  constexpr int kSets = 60;
  constexpr std::uint64_t kVisitors = 3000;
  double sum = 0, squares = 0;
  for (std::uint64_t set = 0; set < kSets; ++set) {
    const auto found = sketch_of(set * kVisitors, (set + 1) * kVisitors).count();
    const double error = static_cast<double>(found) / kVisitors - 1;
    sum += error;
    squares += error * error;
  }
  CHECK(std::sqrt(squares / kSets) < 0.025);
  CHECK(std::abs(sum / kSets) < 0.008);
}

TEST_CASE("a sketch is a function of the set, whatever its parts and their order", "[sketch]") {
  std::mt19937 random(7);
  for (const std::uint64_t count : {3U, 500U, 513U, 5000U}) {
    const std::string expected = sketch_of(0, count).bytes();
    for (int round = 0; round < 5; ++round) {
      std::vector<VisitorSketch> parts(4);
      for (std::uint64_t i = 0; i < count; ++i) {
        parts[random() % 4].add(visitor(i));
        if (random() % 3 == 0) parts[random() % 4].add(visitor(random() % (i + 1)));
      }
      VisitorSketch all;
      std::shuffle(parts.begin(), parts.end(), random);
      for (auto& part : parts) all.merge(part.bytes());
      CHECK(all.bytes() == expected);
    }
  }
}

TEST_CASE("a sketch holds visitors whose adding changes nothing", "[sketch]") {
  for (const std::uint64_t count : {0U, 1U, 3U, 512U, 513U, 5000U}) {
    const std::string bytes = sketch_of(0, count).bytes();
    CHECK(VisitorSketch::holds(bytes, {}));
    int held = 0;
    for (std::uint64_t i = 0; i < count + 200; i += 1 + count / 40) {
      VisitorSketch more(bytes);
      more.add(visitor(i));
      const bool is_held = VisitorSketch::holds(bytes, {VisitorSketch::hash_of(visitor(i))});
      CHECK(is_held == (more.bytes() == bytes));
      held += is_held ? 1 : 0;
    }
    CHECK((held > 0) == (count > 0));
  }
}

TEST_CASE("bytes that are no sketch count nobody", "[sketch]") {
  CHECK(VisitorSketch("abc").count() == 0);
  CHECK(VisitorSketch(std::string(3000, 'x')).count() == 0);
}

TEST_CASE("a stand-in counts as the visitor it stands for, and is another", "[sketch]") {
  FakeEntropy entropy;
  for (const std::uint64_t count : {600U, 20'000U}) {
    const std::string expected = sketch_of(0, count).bytes();
    VisitorSketch others;
    for (std::uint64_t i = 0; i < count; ++i) {
      const Id128 fresh = VisitorSketch::stand_in(visitor(i), entropy.id());
      CHECK(fresh != visitor(i));
      others.add(fresh);
    }
    CHECK(others.bytes() == expected);
  }
}

TEST_CASE("whoever leaves a sketch of few is counted no more", "[sketch]") {
  VisitorSketch sketch(sketch_of(0, 400).bytes());
  for (std::uint64_t i = 0; i < 100; ++i) sketch.remove_hash(VisitorSketch::hash_of(visitor(i)));
  CHECK(sketch.bytes() == sketch_of(100, 400).bytes());
  sketch.remove_hash(VisitorSketch::hash_of(visitor(1000)));
  CHECK(sketch.count() == 300);
}
