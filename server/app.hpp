// SPDX-License-Identifier: Apache-2.0
// The application: owns every part; the order of its members is the order of their dependencies.
#pragma once

#include "server/core/config.hpp"
#include "server/core/outcome.hpp"

#include <memory>

namespace tl::server {

class App {
 public:
  // Opens the store and takes the address. Errors: whatever stops the server from starting.
  static Outcome<std::unique_ptr<App>> create(Config config);
  ~App();
  App(const App&) = delete;
  App& operator=(const App&) = delete;

  // Takes the sites of another configuration; everything else stays until a restart. Errors: what
  // the new sites need and cannot have; nothing has changed then.
  Outcome<void> reload(Config config);
  [[nodiscard]] int port() const;
  void run();   // serves until stop()
  void stop();  // from any thread: finishes running requests, then run() returns

 private:
  struct Parts;
  explicit App(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace tl::server
