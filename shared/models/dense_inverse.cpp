// SPDX-License-Identifier: Apache-2.0
// Blocked Gauss-Jordan: for every block K of rows, with D = inverse(A_KK):
//   1. keep the columns L = A_*K (0 in the rows of K) and clear them
//   2. U = D * A_K*, with D itself in the columns of K
//   3. A -= L * U for all rows, then the rows of K become U
// Step 3 is all of the work: a product of tall and wide matrices, in tiles that stay in registers.
#include "models/dense_inverse.hpp"

#include <algorithm>
#include <cstring>

// The same sums in wider registers where the processor has them; no fused operations, same bits.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define TL_WIDE_REGISTERS __attribute__((target_clones("avx2", "default")))
#else
#define TL_WIDE_REGISTERS
#endif

namespace tl::models {
namespace {

constexpr std::size_t kBlock = kInverseBlock;
constexpr std::size_t kTileRows = 4, kTileColumns = 4;

// rows -= left * right; left is rows x kBlock, right kBlock x size.
TL_WIDE_REGISTERS
void subtract_product(double* rows, std::size_t count, std::size_t size, const double* left,
                      const double* right) {
  typedef double Lanes __attribute__((vector_size(kTileColumns * sizeof(double))));
  for (std::size_t column = 0; column < size; column += kTileColumns) {
    for (std::size_t row = 0; row < count; row += kTileRows) {
      double* const cells = rows + row * size + column;
      const double* const factors = left + row * kBlock;
      Lanes tile[kTileRows], line;
#pragma GCC unroll 8
      for (std::size_t i = 0; i < kTileRows; ++i)
        std::memcpy(&tile[i], cells + i * size, sizeof line);
      for (std::size_t p = 0; p < kBlock; ++p) {
        std::memcpy(&line, right + p * size + column, sizeof line);
#pragma GCC unroll 8
        for (std::size_t i = 0; i < kTileRows; ++i) tile[i] -= factors[i * kBlock + p] * line;
      }
#pragma GCC unroll 8
      for (std::size_t i = 0; i < kTileRows; ++i)
        std::memcpy(cells + i * size, &tile[i], sizeof line);
    }
  }
}

// The small block on the diagonal, one pivot at a time.
void invert_block(double* block) {
  for (std::size_t k = 0; k < kBlock; ++k) {
    double* pivot_row = block + k * kBlock;
    const double inverse = 1 / pivot_row[k];
    pivot_row[k] = 1;
    for (std::size_t j = 0; j < kBlock; ++j) pivot_row[j] *= inverse;
    for (std::size_t i = 0; i < kBlock; ++i) {
      if (i == k) continue;
      double* row = block + i * kBlock;
      const double factor = row[k];
      row[k] = 0;
      for (std::size_t j = 0; j < kBlock; ++j) row[j] -= factor * pivot_row[j];
    }
  }
}

}  // namespace

void invert(std::span<double> matrix, std::size_t size, std::span<double> scratch) {
  double* const left = scratch.data();
  double* const right = scratch.data() + size * kBlock;
  double diagonal[kBlock * kBlock];
  for (std::size_t start = 0; start < size; start += kBlock) {
    double* const block_rows = matrix.data() + start * size;
    for (std::size_t i = 0; i < size; ++i) {
      double* const cells = matrix.data() + i * size + start;
      const bool is_in_block = i >= start && i < start + kBlock;
      if (is_in_block) {
        std::copy_n(cells, kBlock, diagonal + (i - start) * kBlock);
        std::fill_n(left + i * kBlock, kBlock, 0.0);
        // The identity here makes step 2 put the inverse of the diagonal block into its columns.
        std::fill_n(cells, kBlock, 0.0);
        cells[i - start] = 1;
      } else {
        std::copy_n(cells, kBlock, left + i * kBlock);
        std::fill_n(cells, kBlock, 0.0);
      }
    }
    invert_block(diagonal);
    // 0 - (-D) * A_K*, by the same kernel.
    for (double& entry : diagonal) entry = -entry;
    std::fill_n(right, kBlock * size, 0.0);
    subtract_product(right, kBlock, size, diagonal, block_rows);
    subtract_product(matrix.data(), size, size, left, right);
    std::copy_n(right, kBlock * size, block_rows);
  }
}

void solve(std::span<double> matrix, std::size_t size, std::span<double> right,
           std::size_t columns) {
  for (std::size_t k = 0; k < size; ++k) {
    const double* const pivot_row = matrix.data() + k * size;
    const double inverse = 1 / pivot_row[k];
    for (std::size_t i = k + 1; i < size; ++i) {
      double* const row = matrix.data() + i * size;
      const double factor = row[k] * inverse;
      if (factor == 0) continue;
      for (std::size_t j = k + 1; j < size; ++j) row[j] -= factor * pivot_row[j];
      for (std::size_t j = 0; j < columns; ++j)
        right[i * columns + j] -= factor * right[k * columns + j];
    }
  }
  for (std::size_t k = size; k-- > 0;) {
    const double* const row = matrix.data() + k * size;
    for (std::size_t j = 0; j < columns; ++j) {
      double rest = right[k * columns + j];
      for (std::size_t i = k + 1; i < size; ++i) rest -= row[i] * right[i * columns + j];
      right[k * columns + j] = rest / row[k];
    }
  }
}

}  // namespace tl::models
