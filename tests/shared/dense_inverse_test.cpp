// SPDX-License-Identifier: Apache-2.0
#include "models/dense_inverse.hpp"

#include "catch.hpp"
#include "shared/seeded_random.hpp"

#include <cmath>
#include <vector>

namespace {

using namespace tl::models;  // NOLINT(google-build-using-namespace)

// I - Q with the row sums of Q below one.
std::vector<double> dominant(std::size_t size, std::uint64_t seed) {
  tl::test::SeededRandom random(seed);
  std::vector<double> matrix(size * size);
  for (std::size_t i = 0; i < size; ++i) {
    double sum = 1;
    for (std::size_t j = 0; j < size; ++j) {
      if (i == j) continue;
      matrix[i * size + j] = -static_cast<double>(random.below(1000));
      sum -= matrix[i * size + j];
    }
    for (std::size_t j = 0; j < size; ++j) matrix[i * size + j] /= sum;
    matrix[i * size + i] = 1;
  }
  return matrix;
}

}  // namespace

TEST_CASE("a matrix times its inverse is one", "[inverse]") {
  for (const std::size_t size : {kInverseBlock, 3 * kInverseBlock, 5 * kInverseBlock}) {
    const auto matrix = dominant(size, size);
    auto inverse = matrix;
    std::vector<double> scratch(inverse_scratch(size));

    invert(inverse, size, scratch);

    double worst = 0;
    for (std::size_t i = 0; i < size; ++i)
      for (std::size_t j = 0; j < size; ++j) {
        double cell = i == j ? -1 : 0;
        for (std::size_t k = 0; k < size; ++k) cell += matrix[i * size + k] * inverse[k * size + j];
        worst = std::max(worst, std::abs(cell));
      }
    CHECK(worst < 1e-12);
  }
}

TEST_CASE("solving gives back what was multiplied", "[inverse]") {
  constexpr std::size_t kSize = 45;
  auto matrix = dominant(kSize, 3);
  std::vector<double> right(2 * kSize);
  for (std::size_t i = 0; i < kSize; ++i)
    for (std::size_t j = 0; j < kSize; ++j) {
      right[2 * i] += matrix[i * kSize + j] * static_cast<double>(j);
      right[2 * i + 1] += matrix[i * kSize + j];
    }

  solve(matrix, kSize, right, 2);

  for (std::size_t i = 0; i < kSize; ++i) {
    CHECK(right[2 * i] == Approx(static_cast<double>(i)).margin(1e-10));
    CHECK(right[2 * i + 1] == Approx(1));
  }
}
