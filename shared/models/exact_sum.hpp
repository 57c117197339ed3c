// SPDX-License-Identifier: Apache-2.0
// A sum of doubles that keeps what rounding loses (two-sum of Knuth): twice the bits of a double,
// so amounts of money sum without error and in any order to the same double. Needs
// -ffp-contract=off.
#pragma once

namespace tl::models {

class ExactSum {
 public:
  void add(double term) {
    const double sum = high_ + term;
    const double part = sum - high_;
    low_ += (high_ - (sum - part)) + (term - part);
    high_ = sum;
  }
  void add(const ExactSum& other) {
    add(other.high_);
    low_ += other.low_;
  }
  [[nodiscard]] double value() const { return high_ + low_; }

 private:
  double high_ = 0, low_ = 0;
};

}  // namespace tl::models
