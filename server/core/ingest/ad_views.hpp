// SPDX-License-Identifier: Apache-2.0
// Ads that were seen and not clicked, as the site's own server tells them of visitors it knows. A
// view is a touch with a window of its own (view_lookback_days) and no visit: it belongs to no
// session and counts in no traffic. An ad platform is told nothing of it.
#pragma once

#include "server/core/classify/touch_classifier.hpp"
#include "server/core/config.hpp"
#include "server/core/ports/store.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace tl::server {

struct AdView {
  std::string key;  // the sender's own id of it: with the time, what makes it one and the same
  Id128 anonymous_id;
  std::int64_t t_ms = 0;
  std::map<std::string, std::string> fields;  // source, medium, campaign, term, content
};

// Not by a placeholder like none, (not set) or {{site}}.
bool names_source(const AdView& view);

struct KeptViews {
  std::int64_t accepted = 0, duplicate = 0, consent_refused = 0;
  bool operator==(const KeptViews&) const = default;
};

// Kept of a visitor whose choice on record permits storage and marketing alone (seeing an ad is no
// choice), but of no time at which storage was refused. Conversions since then are credited again.
// Errors: unavailable, bug.
Outcome<KeptViews> keep_views(Tables& tables, const SiteConfig& site, TouchClassifier& classifier,
                              const std::vector<AdView>& views, std::int64_t now_ms);

}  // namespace tl::server
