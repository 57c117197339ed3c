// SPDX-License-Identifier: Apache-2.0
// What this process answered since its start: counts by route and status, and how long it took.
// Series live as long as the object, so counting is lock-free. Thread-safe.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tl::server::http {

class RequestMetrics {
 public:
  // Upper bounds of the duration histogram, seconds times a thousand.
  static constexpr std::array<std::int64_t, 10> kBoundsMs = {1,  2,   5,   10,   25,
                                                             50, 100, 250, 1000, 5000};
  struct Series {
    std::string method, route;
    std::array<std::atomic<std::uint64_t>, 500> by_status{};  // index: status - 100
    std::array<std::atomic<std::uint64_t>, kBoundsMs.size() + 1> by_duration{};
    std::atomic<std::uint64_t> total_us{0};

    void count(int status, std::int64_t duration_us);
  };

  // The same object for the same names.
  Series& series(std::string_view method, std::string_view route);
  // Prometheus text exposition format 0.0.4.
  void write(std::string& out) const;

 private:
  mutable std::mutex mutex_;  // guards the map, not the counts
  std::map<std::pair<std::string, std::string>, std::unique_ptr<Series>> series_;
};

// Escapes a label value.
std::string metric_label(std::string_view value);

}  // namespace tl::server::http
