// SPDX-License-Identifier: Apache-2.0
// Inverting and solving dense matrices, row by row in the caller's memory, without pivoting: for
// diagonally dominant matrices (I - Q of an absorbing chain) and for the principal blocks of their
// inverses, whose largest entry of a column stands on the diagonal. The order of additions is fixed
// and nothing is fused, so every build gives the same bits.
#pragma once

#include <cstddef>
#include <span>

namespace tl::models {

// Matrices to invert are padded to a multiple of this with ones on the diagonal.
inline constexpr std::size_t kInverseBlock = 32;
constexpr std::size_t padded(std::size_t size) {
  return (size + kInverseBlock - 1) / kInverseBlock * kInverseBlock;
}
// Doubles of scratch for a padded size.
constexpr std::size_t inverse_scratch(std::size_t size) {
  return 2 * size * kInverseBlock;
}

// In place by blocked Gauss-Jordan elimination; 2 n^3 operations. `size` is padded, matrix holds
// size * size.
void invert(std::span<double> matrix, std::size_t size, std::span<double> scratch);

// Solves matrix * x = right for `columns` right-hand sides at once, in place: `right` holds size
// rows of `columns`. The matrix is overwritten.
void solve(std::span<double> matrix, std::size_t size, std::span<double> right,
           std::size_t columns);

}  // namespace tl::models
