// SPDX-License-Identifier: Apache-2.0
// Touch: one arrival on the site that carries source evidence: campaign parameters, a click id or
// an external referrer. Extraction reads the landing URL and the referrer, never the clock.
#pragma once

#include "throughline/consent.hpp"
#include "throughline/hash.hpp"
#include "throughline/out.hpp"
#include "throughline/params.hpp"
#include "throughline/url.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tl {

struct ClickId {
  Param param{};
  std::string_view value;  // "*" when its value is withheld (no marketing consent)
};

// Borrows from the arena it was extracted with. All text is valid UTF-8, percent-decoded once, at
// most 255 bytes a campaign value; click ids keep their bytes (case-sensitive; + is a plus sign).
// Paths stay percent-encoded and are reduced as in reduce_url().
struct Touch {
  std::string_view source, medium, campaign, term, content;
  std::string_view campaign_id;  // utm_id
  std::array<ClickId, 8> click_ids{};
  std::uint8_t click_id_count = 0;
  std::string_view referrer_host;  // lower case; empty when none or own site
  std::string_view referrer_path;  // for x.com/i/grok
  std::string_view landing_path;
  bool is_internal = false;  // the referrer is the own site or a payment/login page
  bool is_tagged() const {
    return click_id_count > 0 || !source.empty() || !medium.empty() || !campaign.empty();
  }
  // Carries source evidence of its own (else it is direct or internal).
  bool has_evidence() const { return is_tagged() || !referrer_host.empty(); }
};

// The campaign fields in the order of Param: field of `param` is kTouchFields[param - 1].
inline constexpr std::string_view Touch::*kTouchFields[] = {&Touch::source,   &Touch::medium,
                                                            &Touch::campaign, &Touch::term,
                                                            &Touch::content,  &Touch::campaign_id};

// Room that extract_touch() may need; with less the last texts come out empty, never cut in a
// character.
inline constexpr std::size_t kTouchArenaBytes = 20 * 1024;

// `url` and `referrer` as they travel; the same result before and after reduce_url() except for
// withheld click-id values. An unparsable URL gives an empty touch. Campaign values are trimmed;
// placeholders (none, (not set), null, {{…}} …) count as absent; of a repeated name the first value
// counts; one that holds_address() is "*". A referrer that is the page's own site or in the list of
// payment and login hosts (the "ignored" rows of shared/data/hosts.tsv) is forgotten and makes the
// touch internal.
Touch extract_touch(std::string_view url, std::string_view referrer, Out& arena);

// Tells whether two touches carry the same evidence; 0 means none, never negative. The upper half
// hashes everything but the values of click ids, the lower half those values, 0 where all are
// withheld or there are none. A tagged touch is told by its tags alone, an untagged one by the
// referrer's host: a tagged page that comes back from a login or payment page is the same arrival.
std::int64_t touch_fingerprint(const Touch& touch);
// Whether two touches may be one arrival: withheld click ids may be any. So nobody arrives anew by
// a choice about marketing.
constexpr bool is_same_arrival(std::int64_t a, std::int64_t b) {
  constexpr std::int64_t kClicks = 0xffffffff;
  return a == b || a == (b & ~kClicks) || b == (a & ~kClicks);
}

// Writes the wire form: {"source":"google","gclid":"X"}: only fields that are present, click ids by
// their parameter name, an untagged external referrer as "ref".
void write_touch(const Touch& touch, Out& out);

// What the page's URL may reveal (architecture section 4), always plain ASCII, at most 2,048 bytes:
//  - scheme and host in lower case, port; no user info, no fragment; nothing for an unparsable URL;
//  - the path, with segments that look like ids or e-mails replaced by "*": those that hold
//    an @ (holds_at_sign); six or more characters, all digits; sixteen or more hex digits with at
//    least one 0–9, dashes aside (UUIDs, hashes); twenty or more letters and digits in a row, both
//    kinds among them. It ends before the segment that would take it beyond 1,024 bytes;
//  - of the query the campaign and click-id parameters and those named in `keep_query` (space
//    separated), in their order, as written. A value is cut after 800 bytes, but a click id's is
//    never cut: one that cannot be a click id becomes empty, and "*" without marketing consent or
//    when it identifies a person (mc_eid, _kx, _hsenc, mkt_tok …). Any other value that seems to
//    hold an e-mail address is "*". A pair that would take the URL beyond 2,048 bytes is left out.
// Bytes that have no place in a URL are percent-encoded. Idempotent. Give `out` 4 KiB of room.
inline constexpr std::size_t kMaxReducedUrlBytes = 2048;
void reduce_url(std::string_view url, std::string_view keep_query, bool permits_marketing,
                Out& out);
// The path part alone; "/" when empty.
void reduce_path(std::string_view path, Out& out);

// Whether text of a URL holds an @, however often redirects encoded it: %40, %2540 …; what is
// encoded four times over counts as one.
bool holds_at_sign(std::string_view text);
// Whether a value of a query seems to hold an e-mail address: such an @ and a dot,
// or what may be a dot encoded twice. A campaign's value that does, shared by nobody else, is "*"
// in both functions above.
bool holds_address(std::string_view value);

}  // namespace tl
