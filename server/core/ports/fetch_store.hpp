// SPDX-License-Identifier: Apache-2.0
// What is being fetched from the providers' own APIs. Errors everywhere: unavailable
// (store_unavailable).
#pragma once

#include "server/core/outcome.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tl::server {

// How far an import has come: its lists up to `list` are read, that one up to `cursor`.
struct ImportMark {
  std::string site_id, provider;
  std::string account;  // whose lists they are, and where
  std::int64_t since_ms = 0;
  std::string list, cursor;
  std::int64_t items = 0;       // what the provider listed
  std::int64_t kept = 0;        // events that were new
  std::int64_t known = 0;       // events that were told before
  std::int64_t unreadable = 0;  // items that make no sense
  std::int64_t t_ms = 0;        // when the run began
};

// What a webhook named without telling, until the provider's API has told it.
struct LookupRow {
  std::string site_id, provider;
  std::string key;      // asking for the same again while it waits makes no second row
  std::string subject;  // tr_…, PM…
  std::string event_type, inbox_key;  // of the webhook that asked first
  bool live = true, is_proven = true;
  std::int64_t asks = 1, asked_ms = 0;  // how often it was asked for, and last when
  std::uint32_t attempts = 0;
  std::int64_t next_attempt_ms = 0;
  std::string last_error;
};

// So long what was asked for is expected to be told; what is signed waits on, and takes no room.
inline constexpr std::int64_t kLookupPatienceMs = 30LL * 24 * 3600 * 1000;

class FetchStore {
 public:
  virtual ~FetchStore() = default;

  // One a site and provider: the import that was begun last and is not done.
  virtual Outcome<std::optional<ImportMark>> find_import(std::string_view site_id,
                                                         std::string_view provider) = 0;
  virtual Outcome<void> put_import(const ImportMark& mark) = 0;
  virtual Outcome<void> remove_import(std::string_view site_id, std::string_view provider) = 0;

  // Asked for while it waits: due at once, and one ask more.
  virtual Outcome<void> ask(const LookupRow& lookup) = 0;
  virtual Outcome<std::int64_t> count_lookups(std::string_view site_id, std::string_view provider,
                                              bool is_proven, std::int64_t asked_since_ms) = 0;
  // What is proven first, of it the longest due. Of what anybody could have asked for, by turns
  // what was tried least and asked for last, and what was asked for longest ago: made-up ids hold
  // up neither those after them nor, for ever, those before.
  virtual Outcome<std::vector<LookupRow>> due_lookups(std::string_view site_id,
                                                      std::string_view provider,
                                                      std::int64_t now_ms, std::uint32_t limit) = 0;
  // Attempts, next attempt and last error; nothing when it was asked for again meanwhile.
  virtual Outcome<void> put_off(const LookupRow& lookup) = 0;
  // Nothing when it was asked for again meanwhile: the answer may be older than that.
  virtual Outcome<void> remove_lookup(const LookupRow& lookup) = 0;
};

}  // namespace tl::server
