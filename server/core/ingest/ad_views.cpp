// SPDX-License-Identifier: Apache-2.0
// The evidence is that of a campaign which a page started itself, so that a changed source list
// classifies views again like any other touch. Its own id stands in for the session.

#include "server/core/ingest/ad_views.hpp"

#include "server/core/attribution/late_evidence.hpp"
#include "server/core/ingest/replay.hpp"
#include "server/core/ingest/touch_row.hpp"
#include "throughline/touch.hpp"

#include <algorithm>
#include <memory>

namespace tl::server {
namespace {

constexpr std::string_view kNoPage = "https://view.invalid/";

TouchRow touch_of(const SiteConfig& site, TouchClassifier& classifier, const AdView& view) {
  const auto buffer = std::make_unique_for_overwrite<char[]>(kTouchArenaBytes);
  Out arena(buffer.get(), kTouchArenaBytes);
  const std::string url = campaign_url(kNoPage, view.fields);
  Touch touch = extract_touch(url, {}, arena);
  touch.landing_path = {};
  Evidence evidence;
  evidence.url = kNoPage;
  evidence.campaign = &touch;

  EventRow place;
  place.site_id = site.id;
  place.id = uuid_v7(
      view.t_ms, FieldHash("tl-view").add(site.id).add(view.anonymous_id).add(view.key).finish());
  place.session_id = place.id;
  place.anonymous_id = view.anonymous_id;
  place.t_ms = view.t_ms;
  place.rules_version = kRulesVersion;
  TouchRow row = make_touch_row(touch, classifier.classify(touch), evidence, 0, place);
  row.is_view = true;
  return row;
}

Outcome<bool> is_permitted(Tables& tables, std::string_view site_id, const AdView& view) {
  TL_TRY(record, tables.people().find_consent(site_id, view.anonymous_id));
  if (!record || !permits_marketing(record->consent)) return false;
  TL_TRY(was_withheld, tables.people().was_storage_withheld(site_id, view.anonymous_id, view.t_ms));
  return !was_withheld;
}

}  // namespace

bool names_source(const AdView& view) {
  const auto buffer = std::make_unique_for_overwrite<char[]>(kTouchArenaBytes);
  Out arena(buffer.get(), kTouchArenaBytes);
  const std::string url = campaign_url(kNoPage, view.fields);
  return !extract_touch(url, {}, arena).source.empty();
}

Outcome<KeptViews> keep_views(Tables& tables, const SiteConfig& site, TouchClassifier& classifier,
                              const std::vector<AdView>& views, std::int64_t now_ms) {
  KeptViews kept;
  std::map<Id128, std::int64_t> earliest;  // of each visitor's new ones
  for (const auto& view : views) {
    TL_TRY(may_keep, is_permitted(tables, site.id, view));
    if (!may_keep) {
      ++kept.consent_refused;
      continue;
    }
    TL_TRY(is_new, tables.events().insert_touch(touch_of(site, classifier, view)));
    if (!is_new) {
      ++kept.duplicate;
      continue;
    }
    ++kept.accepted;
    auto& from_ms = earliest.try_emplace(view.anonymous_id, view.t_ms).first->second;
    from_ms = std::min(from_ms, view.t_ms);
  }
  // Once all are there: a conversion is credited again once, not for each of them.
  for (const auto& [visitor, from_ms] : earliest)
    TL_CHECK(restate_conversions(tables, site, visitor_key(visitor), from_ms, now_ms));
  return kept;
}

}  // namespace tl::server
