// SPDX-License-Identifier: Apache-2.0
// throughline: parses the command line and hands over to one file a sub-command (server/cli/).

#include "server/app.hpp"
#include "server/log.hpp"

#include <cstdlib>
#include <iostream>

int main() {
  tl::server::start_log();
  tl::server::Config config;
  const char* secret = std::getenv("THROUGHLINE_SERVER_SECRET");
  config.secret = secret == nullptr ? "" : secret;
  if (config.secret.size() < 32) {
    std::cerr << "THROUGHLINE_SERVER_SECRET must have at least 32 bytes.\n";
    return 2;
  }
  auto app = tl::server::App::create(config);
  if (!app.ok()) {
    std::cerr << app.error().detail << "\n";
    return 1;
  }
  app.value()->run();
  return 0;
}
