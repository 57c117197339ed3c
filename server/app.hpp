// SPDX-License-Identifier: Apache-2.0
// The application: owns every part; the order of its members is the order of their dependencies.
#pragma once

#include "server/core/config.hpp"
#include "server/core/outcome.hpp"
#include "server/http/exchange.hpp"

#include <memory>
#include <string>
#include <vector>

namespace tl::server {

class App {
 public:
  // Opens the store and takes the address. Errors: whatever stops the server from starting.
  static Outcome<std::unique_ptr<App>> create(Config config);
  // The same house with closed doors: the store is open, nothing listens and nothing is sent. For
  // work on the command line beside a running server.
  static Outcome<std::unique_ptr<App>> prepare(Config config);
  ~App();
  App(const App&) = delete;
  App& operator=(const App&) = delete;

  // The route table as the owner of that site may use it, without a key. Borrows from the app.
  std::vector<http::Route> routes_for(const std::string& site_id);
  // Takes other sites, checked like those at the start; everything else stays until a restart.
  // Waits for deliveries that are being sent.
  void reload(std::vector<SiteConfig> sites);
  // Reads the listener's certificate again; one that cannot be used is told and changes nothing.
  void reload_certificate();
  [[nodiscard]] int port() const;
  void run();   // serves until stop()
  void stop();  // from any thread: finishes running requests, then run() returns

 private:
  struct Parts;
  explicit App(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace tl::server
