// SPDX-License-Identifier: Apache-2.0
#include "server/cli/progress.hpp"

#include <iostream>
#include <unistd.h>

namespace tl::server::cli {

void Progress::show(std::string_view site, std::string_view step, std::int64_t done,
                    std::int64_t all) {
  if (isatty(STDERR_FILENO) == 0) return;
  const std::string name = std::string(site) + " " + std::string(step);
  if (name != step_) end();
  step_ = name;
  std::cerr << "\r" << step_ << " " << done << "/" << all << std::flush;
}

void Progress::end() {
  if (!step_.empty()) std::cerr << "\n";
  step_.clear();
}

}  // namespace tl::server::cli
