// SPDX-License-Identifier: Apache-2.0
// Checkouts that a payment provider's API did not make: without this only the buyer would know.
// They are told as they begin and once in a while from then on, and stand until one succeeds or the
// server starts anew. Nothing of the buyer is in them. Thread-safe.
#pragma once

#include "server/core/outcome.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace tl::server {

struct CheckoutFault {
  std::string provider;
  ServerError error;  // the newest
  std::int64_t count = 0, since_ms = 0;
};

class CheckoutFaults {
 public:
  using Tell = std::function<void(const std::string& site_id, const CheckoutFault&)>;
  explicit CheckoutFaults(Tell tell) : tell_(std::move(tell)) {}

  void failed(const std::string& site_id, const std::string& provider, const ServerError& error,
              std::int64_t now_ms);
  void succeeded(const std::string& site_id, const std::string& provider);
  // What stands now.
  [[nodiscard]] std::vector<CheckoutFault> of(const std::string& site_id) const;

 private:
  Tell tell_;
  mutable std::mutex mutex_;                                               // of all that follows
  std::map<std::pair<std::string, std::string>, CheckoutFault> standing_;  // by site, provider
  std::map<std::tuple<std::string, std::string, std::string>, std::int64_t> told_ms_;  // and code
};

}  // namespace tl::server
