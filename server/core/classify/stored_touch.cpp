// SPDX-License-Identifier: Apache-2.0
// The evidence's fingerprint tells what decide() saw in it: 0 is a direct touch, whatever referrer
// the page still had. A direct touch whose row has a referrer got it from settle_referrer().

#include "server/core/classify/stored_touch.hpp"

#include "server/core/classify/ad_campaign.hpp"
#include "server/core/classify/own_referrer.hpp"
#include "server/core/classify/partner_link.hpp"
#include "server/core/ingest/known_sessions.hpp"
#include "server/core/ingest/replay.hpp"
#include "throughline/touch.hpp"

#include <nlohmann/json.hpp>

#include <map>
#include <memory>

namespace tl::server {
namespace {

std::string version_text() {
  char hex[8];
  Out out(hex, sizeof hex);
  write_classification_version(out);
  return std::string(out.view());
}

}  // namespace

void write_classification_version(Out& out) {
  const std::uint32_t version = classification_version();
  for (int shift = 24; shift >= 0; shift -= 8) {
    const auto byte = static_cast<std::uint8_t>(version >> shift);
    out.put_hex(&byte, 1);
  }
}

bool is_classified_by_others(const TouchRow& touch) {
  static const std::string mark = "\"cv\":\"" + version_text() + "\"";
  return touch.evidence.find(mark) == std::string::npos;
}

Outcome<StoredClass> classify_stored(const TouchRow& row, const SiteConfig& site,
                                     TouchClassifier& classifier) {
  const auto evidence = nlohmann::json::parse(row.evidence, nullptr, false);
  const auto url = evidence.is_object() ? evidence.value("u", std::string()) : std::string();
  if (url.empty())
    return invalid("bad_evidence",
                   "the touch's evidence names no page, so it cannot be "
                   "classified again; it stays as it is");
  const auto referrer = evidence.value("r", std::string());
  const auto buffer = std::make_unique_for_overwrite<char[]>(kTouchArenaBytes);
  Out arena(buffer.get(), kTouchArenaBytes);
  Touch touch;
  std::string started;
  if (const auto fields = evidence.find("cm"); fields != evidence.end()) {
    started = campaign_url(url, fields->get<std::map<std::string, std::string>>());
    touch = extract_touch(started, {}, arena);
  } else {
    touch = extract_touch(url, referrer, arena);
    if (fingerprint_in(row.evidence) == 0) {
      Touch direct;
      direct.landing_path = touch.landing_path;
      touch = direct;
    }
    settle_referrer(touch, url, referrer, site, !row.referrer_domain.empty());
    settle_partner(touch, url, site);
  }
  if (!touch.is_tagged()) touch.is_internal = false;  // a session that began with a return
  StoredClass found{classifier.classify(touch), row.campaign};
  if (!is_campaign_withheld(touch)) found.campaign = campaign_of(touch, found.source);
  return found;
}

}  // namespace tl::server
