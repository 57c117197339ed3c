// SPDX-License-Identifier: Apache-2.0
// Touch: one arrival on the site that carries source evidence: campaign parameters, a click id or an
// external referrer. Extraction reads the landing URL and the referrer, never the clock.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "throughline/consent.hpp"
#include "throughline/hash.hpp"
#include "throughline/out.hpp"
#include "throughline/params.hpp"
#include "throughline/url.hpp"

namespace tl {

struct ClickId {
  Param param{};
  std::string_view value;  // "*" when its value is withheld (no marketing consent)
};

// Borrows from the strings and the arena it was extracted with. All text is valid UTF-8, percent-
// decoded once, at most 255 bytes a campaign value; click ids keep their bytes (case-sensitive).
struct Touch {
  std::string_view source, medium, campaign, term, content;
  std::string_view campaign_id;  // utm_id
  std::array<ClickId, 8> click_ids{};
  std::uint8_t click_id_count = 0;
  std::string_view referrer_host;    // lower case; empty when none or own site
  std::string_view referrer_path;    // for x.com/i/grok
  std::string_view landing_path;
  bool is_internal = false;  // the referrer is the own site or a payment/login page
  bool is_tagged() const { return click_id_count > 0 || !source.empty() || !medium.empty() || !campaign.empty(); }
  // Carries source evidence of its own (else it is direct or internal).
  bool has_evidence() const { return is_tagged() || !referrer_host.empty(); }
};

// `url` and `referrer` as they travel (already reduced or not). An unparsable URL gives an empty touch.
Touch extract_touch(std::string_view url, std::string_view referrer, Out& arena);

// First 8 bytes (big-endian) of SHA-256 over the touch's evidence: tells whether two touches carry
// the same evidence. 0 means none.
std::uint64_t touch_fingerprint(const Touch& touch);

// Writes the wire form: {"source":"google","gclid":"X"}: only fields that are present, click ids by
// their parameter name, an untagged external referrer as "ref".
void write_touch(const Touch& touch, Out& out);

// What the page's URL may reveal (architecture section 4): scheme, host, path (segments that look
// like ids or e-mails become "*"), campaign and click-id parameters and those named in `keep_query`
// (space separated); no fragment, no user info. Without marketing consent click-id values become
// "*", personal ones (mc_eid, _kx, _hsenc, mkt_tok …) always. Idempotent.
void reduce_url(std::string_view url, std::string_view keep_query, bool permits_marketing, Out& out);

}  // namespace tl
