// SPDX-License-Identifier: Apache-2.0
// classify() with the whole source list, remembered: the list is searched from end to end (about
// 25 microseconds) and visitors arrive from few places. Everything that classify() reads is in the
// key. Bounded; when it is full it starts over. Thread-safe.
#pragma once

#include "throughline/channel.hpp"
#include "throughline/touch.hpp"

#include <shared_mutex>
#include <string>
#include <unordered_map>

namespace tl::server {

struct TouchClass {
  Channel channel = Channel::unknown;
  std::string source, medium;
};

class TouchClassifier {
 public:
  TouchClass classify(const Touch& touch);

 private:
  std::shared_mutex mutex_;
  std::unordered_map<std::string, TouchClass> known_;
};

}  // namespace tl::server
