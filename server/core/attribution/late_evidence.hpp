// SPDX-License-Identifier: Apache-2.0
// What arrives after the conversion that it bears on: a touch or session that a browser kept while
// it was offline, an id that turns out to be the same browser's, a contact that a visitor claims.
// Each conversion is filed under everything its match was made from; what is new looks there, and
// the conversions it finds are matched and credited again. So the end is the same in any order.
// A visitor without conversions costs one look into an index.
#pragma once

#include "server/core/attribution/conversion_match.hpp"
#include "server/core/attribution/conversions.hpp"
#include "server/core/config.hpp"
#include "server/core/ports/store.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tl::server {

// What a conversion is filed under.
std::string visitor_key(const Id128& anonymous_id);
std::string session_key(const Id128& session_id);  // as said; also one that nobody knows yet
std::string contact_key(ContactKind kind, const Digest& hash);

// Files it anew: under the ids and contacts of the draft, and all at which its person was looked
// for.
Outcome<void> file_conversion(Tables& tables, const SiteConfig& site, const ConversionDraft& draft,
                              const Match& match, const ConversionRow& row);

// Matches and credits again every conversion filed under one of the keys that occurred at or after
// `from_ms`, or that matched nobody yet; each once. While others are restated they wait for their
// turn. Errors: unavailable, bug.
Outcome<void> restate_conversions(Tables& tables, const SiteConfig& site,
                                  const std::vector<std::string>& keys, std::int64_t from_ms,
                                  std::int64_t now_ms,
                                  const std::optional<Id128>& except = std::nullopt);
Outcome<void> restate_conversions(Tables& tables, const SiteConfig& site, const std::string& key,
                                  std::int64_t from_ms, std::int64_t now_ms,
                                  const std::optional<Id128>& except = std::nullopt);

// The same for one conversion.
Outcome<void> restate_conversion(Tables& tables, const SiteConfig& site, const ConversionRow& row,
                                 std::int64_t now_ms, Restates how = Restates::late);

// What a conversion was made from, from its order or from what was kept with it.
Outcome<ConversionDraft> draft_of(Tables& tables, const ConversionRow& row);
// The part of a draft that no order keeps: JSON {"anonymous_id","session_id","email","phone",
// "user_id","told","coarse"?,"erased"?}, or a lead's facts (lead_facts.hpp); "" for an order's.
std::string write_said(const ConversionDraft& draft);

}  // namespace tl::server
