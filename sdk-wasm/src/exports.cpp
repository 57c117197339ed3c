// SPDX-License-Identifier: Apache-2.0
// The C ABI of throughline.wasm: adapts shared/ to a page and decides nothing itself.
//
// Memory is fixed: one input block, then one output block behind it (`i` gives the input's
// address). A call names the bytes it wrote to the input, UTF-8 fields separated by NUL, and
// returns the bytes it left in the output, fields separated by NUL too; 0 means no result. 64-bit
// numbers cross as double. Export names are one letter because they travel twice in a file with a
// size budget:
//   i input block · d decide · s same site
#include "throughline/session.hpp"
#include "throughline/text.hpp"
#include "throughline/touch.hpp"
#include "throughline/url.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

#define TL_EXPORT(name) extern "C" __attribute__((export_name(name), used))

namespace {

constexpr std::size_t kInputBytes = 64 * 1024;  // the loader knows this number
constexpr std::size_t kOutputBytes = 64 * 1024;

char block[kInputBytes + kOutputBytes];
char arena_block[2 * tl::kTouchArenaBytes + 2 * 4096];

// Takes the front field off the input; a missing one is empty.
std::string_view next(std::string_view& input) {
  return tl::take_field(input, '\0');
}

void put_field(std::string_view field, tl::Out& out) {
  out.put('\0');
  out.put(field);
}

}  // namespace

TL_EXPORT("i") char* tl_input() {
  return block;
}

// Fields: site, event name, data-keep-query, URL, referrer, state line, page nonce (32 hex),
// campaign started by the page (as a URL, or empty). `permits`: 1 ids, 2 marketing.
// Result: state line to store, event id, reason (these three empty when there is no event), "1" for
// a touch, URL and referrer as they may travel, then what the page was reached by: "1" if
// internal, "1" if tagged, referring host, landing path, the campaign fields in the order of
// tl::kTouchFields, and name and value of each click id.
TL_EXPORT("d")
std::uint32_t tl_decide(std::uint32_t bytes, std::uint32_t permits, std::uint32_t seq, double t_ms,
                        double consent_t_ms, std::uint32_t navigation, double timeout_ms,
                        double max_ms, std::uint32_t rotate_on_campaign) {
  std::string_view input(block, bytes);
  tl::Out out(block + kInputBytes, kOutputBytes);
  tl::Out text(arena_block, sizeof arena_block);

  tl::Evidence evidence;
  evidence.site = next(input);
  evidence.name = next(input);
  const auto keep_query = next(input);
  tl::reduce_url(next(input), keep_query, permits > 1, text);
  evidence.url = text.view();
  tl::reduce_url(next(input), keep_query, permits > 1, text);
  evidence.referrer = text.since(evidence.url.size());
  tl::SessionState before;
  if (!tl::read_state(next(input), before)) before = {};
  tl::read_id(next(input), false, evidence.page_nonce);
  evidence.seq = seq;
  evidence.t_ms = static_cast<std::int64_t>(t_ms);
  evidence.consent_t_ms = static_cast<std::int64_t>(consent_t_ms);
  evidence.navigation = static_cast<tl::Navigation>(navigation);
  if (permits > 0) evidence.consent.storage = tl::Choice::granted;
  const auto campaign_url = next(input);
  const bool is_campaign = !campaign_url.empty();
  const auto seen = is_campaign ? tl::extract_touch(campaign_url, {}, text)
                                : tl::extract_touch(evidence.url, evidence.referrer, text);
  if (is_campaign) evidence.campaign = &seen;

  const tl::SessionRules rules{static_cast<std::int64_t>(timeout_ms),
                               static_cast<std::int64_t>(max_ms), rotate_on_campaign != 0};
  const auto decision = tl::decide(before, evidence, rules, text);
  if (decision.why != tl::SessionReason::none) {
    tl::write_state(decision.state, out);
    out.put('\0');
    tl::write_uuid(decision.event_id, out);
    put_field(tl::reason_name(decision.why), out);
  } else {
    put_field({"\0", 1}, out);
  }
  const tl::Touch& touch = decision.has_touch ? decision.touch : seen;
  put_field({"1", decision.has_touch}, out);
  put_field(evidence.url, out);
  put_field(evidence.referrer, out);
  put_field({"1", touch.is_internal}, out);
  put_field({"1", touch.is_tagged()}, out);
  put_field(touch.referrer_host, out);
  put_field(touch.landing_path, out);
  for (const auto field : tl::kTouchFields) put_field(touch.*field, out);
  for (std::size_t i = 0; i < touch.click_id_count; ++i) {
    put_field(tl::click_id_name(touch.click_ids[i].param), out);
    put_field(touch.click_ids[i].value, out);
  }
  return out.overflowed() ? 0 : static_cast<std::uint32_t>(out.size());
}

// Fields: two host names. 1 when the endpoint's cookies are the page's own.
TL_EXPORT("s") std::uint32_t tl_same_site(std::uint32_t bytes) {
  std::string_view input(block, bytes);
  const auto host = next(input);
  return tl::is_same_site(host, input) ? 1 : 0;
}
