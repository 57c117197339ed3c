// SPDX-License-Identifier: Apache-2.0
// Conversions that one work matches and credits again (late_evidence.hpp), each in its turn: what
// one of them changes for others is due after it, once, however many ask for it. The ties that they
// all look at are read once.
#pragma once

#include "server/core/people/person.hpp"
#include "server/core/ports/store.hpp"

#include <algorithm>
#include <cstdint>
#include <deque>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace tl::server {

class Restatement {
 public:
  // The work's own from now on: there is none yet.
  explicit Restatement(Tables& tables) : tables_(tables) { tables.restatement = this; }
  ~Restatement() { tables_.restatement = nullptr; }
  Restatement(const Restatement&) = delete;
  Restatement& operator=(const Restatement&) = delete;

  // Whether all that is filed under the key and occurred from then on is due anyway, but for what
  // was left out: that is due now, unless it is `except`.
  bool covers(const std::string& key, std::int64_t from_ms, const std::optional<Id128>& except) {
    const auto asked = asked_.find(key);
    if (asked == asked_.end() || asked->second > from_ms || passed_ms_ >= from_ms ||
        (except != current_ && current_ms_ >= from_ms))
      return false;
    for (const auto& id : left_out_)
      if (id != except) add(id);
    return true;
  }
  // Those filed under the key that occurred from then on, in time order.
  void add(const std::string& key, std::int64_t from_ms, const std::vector<Id128>& conversions,
           const std::optional<Id128>& except) {
    const auto [asked, is_first] = asked_.emplace(key, from_ms);
    if (!is_first) asked->second = std::min(asked->second, from_ms);
    for (const auto& id : conversions)
      if (id != except)
        add(id);
      else
        left_out_.insert(id);
  }
  std::optional<Id128> next() {
    if (due_.empty()) return std::nullopt;
    const Id128 id = due_.front();
    due_.pop_front();
    is_due_.erase(id);
    return id;
  }
  // What next() gave begins; it occurred then.
  void begin(const Id128& conversion_id, std::int64_t occurred_ms) {
    passed_ms_ = std::max(passed_ms_, current_ms_);
    current_ = conversion_id;
    current_ms_ = occurred_ms;
  }

  // Visits whose purchases have changed; what they are worth is added up in the end.
  std::set<Id128> sessions;
  // Ties as they were read; of one site.
  std::map<ContactRef, Ties> ties_of_contacts;
  std::map<Id128, Ties> ties_of_ids;

 private:
  void add(const Id128& id) {
    if (is_due_.insert(id).second) due_.push_back(id);
  }

  Tables& tables_;
  std::deque<Id128> due_;
  std::set<Id128> is_due_, left_out_;
  std::map<std::string, std::int64_t> asked_;  // from when on
  std::optional<Id128> current_;
  // Of the one that is restated, and of the latest before it.
  std::int64_t current_ms_ = std::numeric_limits<std::int64_t>::min(), passed_ms_ = current_ms_;
};

// Whoever writes what ties are made of, when it may be meanwhile.
inline void forget_ties(Tables& tables) {
  if (tables.restatement == nullptr) return;
  tables.restatement->ties_of_contacts.clear();
  tables.restatement->ties_of_ids.clear();
}

}  // namespace tl::server
