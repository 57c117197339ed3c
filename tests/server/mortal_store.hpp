// SPDX-License-Identifier: Apache-2.0
// The store of a process that may be killed inside a write: all was written, but the commit never
// came. The next process begins with what is on the disk. Whoever wrote is told "killed" and does
// no more; what it was about comes again as it does in life: sent again, or still queued.
#pragma once

#include "tests/server/support.hpp"

#include <functional>
#include <string>

namespace tl::server::test {

inline constexpr const char* kKilled = "killed";

// What a sender repeats until it is answered.
template <class Call>
auto sent_until_kept(Call&& call) {
  for (;;)
    if (auto outcome = call(); outcome.ok() || outcome.error().code != kKilled) return outcome;
}

class MortalStore final : public Store {
 public:
  explicit MortalStore(TempStore& store) : store_(store) {}

  std::function<bool()> is_killed;  // asked at each write; empty: never

  Outcome<void> write(const Work& work) override {
    if (!is_killed || !is_killed()) return store_->write(work);
    auto cut = store_->write([&](Tables& tables) -> Outcome<void> {
      TL_CHECK(work(tables));
      return ServerError{ErrorKind::unavailable, kKilled, "", 0};
    });
    CHECK_FALSE(cut.ok());
    store_.reopen();
    return cut;
  }
  Outcome<void> read(const Work& work) override { return store_->read(work); }
  Outcome<void> copy_to(const std::string& path) override { return store_->copy_to(path); }
  Outcome<void> forget_overwritten() override { return store_->forget_overwritten(); }
  Outcome<void> forget_if_asked() override { return store_->forget_if_asked(); }
  Outcome<void> probe() override { return store_->probe(); }
  [[nodiscard]] std::size_t queued_writes() const override { return store_->queued_writes(); }

 private:
  TempStore& store_;
};

}  // namespace tl::server::test
