// SPDX-License-Identifier: Apache-2.0
// A store in which something happens between two writes.
#pragma once

#include "server/core/ports/store.hpp"

#include <atomic>
#include <functional>
#include <string>

namespace tl::server::test {

// Calls `meanwhile` before the write of that number.
class InterruptedStore : public Store {
 public:
  InterruptedStore(Store& store, int at, std::function<void()> meanwhile)
      : store_(store), at_(at), meanwhile_(std::move(meanwhile)) {}
  Outcome<void> write(const Work& work) override {
    if (++writes == at_) meanwhile_();
    return store_.write(work);
  }
  Outcome<void> read(const Work& work) override { return store_.read(work); }
  Outcome<void> copy_to(const std::string& path) override { return store_.copy_to(path); }
  Outcome<void> forget_overwritten() override { return store_.forget_overwritten(); }
  Outcome<void> forget_if_asked() override { return store_.forget_if_asked(); }
  Outcome<void> probe() override { return store_.probe(); }
  [[nodiscard]] std::size_t queued_writes() const override { return store_.queued_writes(); }
  std::atomic<int> writes{0};

 private:
  Store& store_;
  int at_;
  std::function<void()> meanwhile_;
};

}  // namespace tl::server::test
