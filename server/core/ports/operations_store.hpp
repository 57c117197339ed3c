// SPDX-License-Identifier: Apache-2.0
// Rejects, totals and API keys.
#pragma once

#include "server/core/outcome.hpp"
#include "server/core/records.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tl::server {

struct CounterTotal {
  std::string site_id, name;
  std::int64_t total = 0;
};

class OperationsStore {
 public:
  virtual ~OperationsStore() = default;

  // Keeps the row while the site is under 256 MiB of rejects, its body up to 1 MiB. Its number, or
  // that of the row with the same key; 0 when it was not kept: the caller counts it in any case.
  virtual Outcome<std::int64_t> insert_reject(const RejectRow& reject) = 0;
  virtual Outcome<std::optional<RejectRow>> find_reject(std::string_view site_id,
                                                        std::int64_t id) = 0;
  virtual Outcome<Page<RejectRow>> list_rejects(const ListQuery& query) = 0;  // without bodies
  virtual Outcome<void> mark_replayed(std::int64_t id, std::int64_t t_ms,
                                      std::string_view result) = 0;
  virtual Outcome<void> delete_reject(std::string_view site_id, std::int64_t id) = 0;
  virtual Outcome<void> delete_old_rejects(std::int64_t before_ms) = 0;

  virtual Outcome<void> count(std::string_view site_id, std::string_view name,
                              std::int64_t delta) = 0;
  virtual Outcome<std::vector<CounterTotal>> counters() = 0;

  virtual Outcome<void> put_key(const ApiKeyRow& key) = 0;
  virtual Outcome<std::optional<ApiKeyRow>> find_key(std::string_view id) = 0;
  virtual Outcome<std::vector<ApiKeyRow>> list_keys(std::string_view site_id) = 0;
};

}  // namespace tl::server
