// SPDX-License-Identifier: Apache-2.0
// Secret keys of servers and people: `Authorization: Bearer tlsk_<id>_<secret>`. The site always
// comes from the key; a `site` in the query may only repeat it. A key that was just made works at
// once, a revoked one stops within a second. Thread-safe.
#pragma once

#include "server/core/clock.hpp"
#include "server/core/ports/store.hpp"
#include "server/http/exchange.hpp"

#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace tl::server::http {

class Authorisation {
 public:
  Authorisation(Store& store, const Clock& clock) : store_(store), clock_(clock) {}
  // The key's site, when it has the scope (read, write or admin; admin has all). Errors:
  // unauthenticated (missing_key, bad_key), forbidden (missing_scope, wrong_site), unavailable.
  Outcome<std::string> authorise(const Request& request, std::string_view scope);

 private:
  struct Known {
    ApiKeyRow row;
    std::int64_t until_ms = 0;
  };
  Outcome<ApiKeyRow> find(const std::string& id);

  Store& store_;
  const Clock& clock_;
  std::mutex mutex_;
  std::unordered_map<std::string, Known> known_;  // found ones only
};

}  // namespace tl::server::http
