// SPDX-License-Identifier: Apache-2.0
// One line on a terminal that counts up; silent anywhere else.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tl::server::cli {

class Progress {
 public:
  ~Progress() { end(); }
  void show(std::string_view site, std::string_view step, std::int64_t done, std::int64_t all);
  void end();

 private:
  std::string step_;
};

}  // namespace tl::server::cli
