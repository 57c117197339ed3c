// SPDX-License-Identifier: Apache-2.0
// Evidence JSON: {"u","r","nt","cm","cv","fp"}, absent facts left out; enough to classify and to
// decide again. cv: the classification_version() that named the touch, 8 hex digits.

#include "server/core/ingest/touch_row.hpp"

#include "server/core/classify/ad_campaign.hpp"
#include "server/core/classify/own_referrer.hpp"
#include "server/core/classify/stored_touch.hpp"
#include "throughline/json_writer.hpp"
#include "throughline/params.hpp"
#include "throughline/touch.hpp"

#include <memory>

namespace tl::server {
namespace {

constexpr std::size_t kTextBytes = 4 * kTouchArenaBytes;

void member(JsonWriter& json, std::string_view name, std::string_view value) {
  if (value.empty()) return;
  json.key(name);
  json.string(value);
}

}  // namespace

TouchRow make_touch_row(const Touch& touch, const TouchClass& named, const Evidence& evidence,
                        std::int64_t fingerprint, const EventRow& event) {
  // On the heap: as a thread_local it would be paid for by every idle connection's thread.
  const auto buffer = std::make_unique_for_overwrite<char[]>(kTextBytes);
  Out arena(buffer.get(), kTextBytes);

  TouchRow row;
  row.site_id = event.site_id;
  row.id = event.id;
  row.session_id = event.session_id;
  row.anonymous_id = event.anonymous_id;
  row.t_ms = event.t_ms;
  row.seq = event.seq;
  row.channel = named.channel;
  row.source = named.source;
  row.medium = named.medium;
  row.campaign = campaign_of(touch, named.source);
  row.term = touch.term;
  row.content = touch.content;
  row.landing_path = touch.landing_path;
  row.referrer_domain = touch.referrer_host;
  row.rules_version = event.rules_version;
  row.verdict = event.verdict;
  row.is_bot = event.is_bot;

  std::size_t mark = arena.size();
  JsonWriter clicks(arena);
  clicks.open_object();
  for (std::size_t i = 0; i < touch.click_id_count; ++i)
    member(clicks, param_name(touch.click_ids[i].param), touch.click_ids[i].value);
  clicks.close_object();
  row.click_ids = arena.since(mark);

  mark = arena.size();
  JsonWriter json(arena);
  json.open_object();
  member(json, "u", evidence.url);
  member(json, "r", document_referrer(evidence.url, evidence.referrer));
  if (evidence.navigation != Navigation::navigate) {
    json.key("nt");
    json.number(static_cast<std::int64_t>(evidence.navigation));
  }
  if (evidence.campaign != nullptr) {
    json.key("cm");
    json.raw({});
    write_touch(*evidence.campaign, arena);
  }
  char hex[16];
  Out version_text(hex, sizeof hex);
  write_classification_version(version_text);
  member(json, "cv", version_text.view());
  member(json, "fp", std::to_string(fingerprint));
  json.close_object();
  row.evidence = arena.since(mark);
  return row;
}

}  // namespace tl::server
