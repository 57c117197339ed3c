// SPDX-License-Identifier: Apache-2.0
// The path of a conversion: the touches of its buyer up to it, each with the reason why it may or
// may not get credit. Read once when the conversion is made and kept in its snapshot (JSON), from
// which credits are split again after a refund: later events never change what was seen then.
//   {"v":1,"evidence":"<hex>","handover":"bound","visitors":["<uuid>"],"lookback_ms":…,"lookback_mode":"fixed",
//    "rules":"click_lookback_ms=…:…","occurred":…,"previous":…,   previous only where a rule asks
//    "path_of":"<uuid>",   the conversion whose path it is, and whose time "occurred" is: of a
//    renewal "milestones":{"lead":…,"opportunity":…},   only those that were reached
//    "truncated":false,"consent":{"storage":"granted","marketing":"unknown"},"path":[{"touch":"<uuid>","session":"<uuid>","t":…,"seq":…,"channel":"paid_search",
//    "source":"google","campaign":"spring","content":"","landing_path":"/","why":"none"},…]}
//    "kind":"view" of an ad that was seen only
// why: the names of models::Exclusion, and "bot" or "forged" for touches that never count. Of a
// person with very many touches the newest are there, and those that some model sees.
#pragma once

#include "models/path.hpp"
#include "server/core/attribution/milestones.hpp"
#include "server/core/config.hpp"
#include "server/core/ports/store.hpp"
#include "server/core/records.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tl::server {

struct PathEntry {
  Id128 touch_id, session_id;
  std::int64_t t_ms = 0;
  std::uint32_t seq = 0;
  Channel channel = Channel::unknown;
  std::string source, campaign, content, landing_path;
  std::string why;  // "none": it is on the path
  bool is_view = false;
};

struct ConversionPath {
  std::string evidence;  // digest of what the match was made from
  std::string handover;
  std::vector<Id128> visitors;  // the person's anonymous ids (person.hpp)
  std::int64_t lookback_ms = 0;
  bool is_rolling = false, is_truncated = false;
  std::string rules;                        // attribution_rules.hpp
  std::int64_t occurred_ms = 0;             // of the conversion whose path it is
  std::optional<Id128> path_of;             // another one's (buyer_orders.hpp)
  std::optional<std::int64_t> previous_ms;  // and of the person's one before, where a rule asks
  Consent stated_consent;                   // by the site's own server, with the conversion
  MilestoneTimes milestones;
  std::vector<PathEntry> entries;  // in (t, seq, id) order

  // A later conversion under the repeat rule first_only: it has no path and no credit.
  [[nodiscard]] bool is_suppressed() const;
  // Whoever came was a bot: so the conversion has visits, and none that counts.
  [[nodiscard]] bool is_of_bot() const;
  // Touches with credit, in order.
  [[nodiscard]] std::vector<const PathEntry*> eligible() const;
  // The clicks of the path. What a view alone pushed off it counts: a click in whose run the ad was
  // seen, and where no other is left a direct visit.
  [[nodiscard]] std::vector<const PathEntry*> clicks() const;
};

// The newest touches of all the buyer's browsers up to then, each once, in path order.
Outcome<std::vector<TouchRow>> newest_touches(Tables& tables, std::string_view site_id,
                                              const std::vector<Id128>& visitors,
                                              std::int64_t until_ms, std::uint32_t limit);

// `conversion.previous_ms` counts only under a repeat rule that asks for it.
Outcome<ConversionPath> read_path(Tables& tables, const SiteConfig& site,
                                  const models::AttributionRules& rules,
                                  const std::vector<Id128>& visitors,
                                  const models::ConversionTime& conversion);
// What a model sees of the path by the path's own rules; Step::index counts its entries. Errors:
// bug.
Outcome<std::vector<models::Step>> steps_of(const ConversionPath& path, bool applies_direct_rule);

std::string write_snapshot(const ConversionPath& path);
// An unreadable snapshot gives an empty path.
ConversionPath parse_snapshot(std::string_view text);
// A touch on the conversion's path; none for none, and when it has been erased.
Outcome<std::optional<TouchRow>> find_path_touch(Tables& tables, const ConversionRow& conversion,
                                                 const std::optional<Id128>& touch_id);

}  // namespace tl::server
