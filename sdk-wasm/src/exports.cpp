// SPDX-License-Identifier: Apache-2.0
// The C ABI of throughline.wasm: adapts shared/ to a page and decides nothing itself.
//
// Memory is fixed: one input block, then one output block behind it (`i` gives the input's
// address). A call names the bytes it wrote to the input, UTF-8 fields separated by NUL, and
// returns the bytes it left in the output, fields separated by NUL too; 0 means no result. 64-bit
// numbers cross as double. Export names are one letter because they travel twice in a file with a
// size budget:
//   i input block · d decide · h hand-over · c contact · s same site
#include "throughline/channel.hpp"
#include "throughline/checkout.hpp"
#include "throughline/contact.hpp"
#include "throughline/event.hpp"
#include "throughline/session.hpp"
#include "throughline/text.hpp"
#include "throughline/touch.hpp"
#include "throughline/url.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

#define TL_EXPORT(name) extern "C" __attribute__((export_name(name), used))

// What the standard library calls where it would throw. The C library's own asks the host to exit
// the process; with a trap the module imports nothing.
extern "C" void abort() {
  __builtin_trap();
}

namespace {

constexpr std::size_t kInputBytes = 64 * 1024;  // the loader knows this number
constexpr std::size_t kOutputBytes = 64 * 1024;
constexpr std::size_t kArenaBytes = 32 * 1024;

char block[kInputBytes + kOutputBytes];
char arena_block[kArenaBytes];

// Takes the input apart; a missing field is empty.
class Fields {
 public:
  explicit Fields(std::uint32_t bytes) : rest_(block, bytes) {}

  std::string_view next() { return tl::take_field(rest_, '\0'); }

 private:
  std::string_view rest_;
};

tl::Out output() {
  return {block + kInputBytes, kOutputBytes};
}
tl::Out arena() {
  return {arena_block, kArenaBytes};
}
std::uint32_t result(const tl::Out& out) {
  return out.overflowed() ? 0 : static_cast<std::uint32_t>(out.size());
}

tl::SessionState state_of(std::string_view line) {
  const auto state = tl::parse_state(line);
  return state.ok() ? state.value() : tl::SessionState{};
}

// Two bits a purpose as in tl::Choice, from the lowest: storage, marketing, ad personalisation;
// then the opt-out bit, then the site's default.
tl::Consent consent_of(std::uint32_t bits) {
  return {static_cast<tl::Choice>(bits & 3), static_cast<tl::Choice>(bits >> 2 & 3),
          static_cast<tl::Choice>(bits >> 4 & 3), (bits >> 6 & 1) != 0};
}

}  // namespace

TL_EXPORT("i") char* tl_input() {
  return block;
}

// Fields: site, event name, data-keep-query, URL, referrer, state line, page nonce (32 hex), title,
// properties (JSON or empty), campaign started by the page (as a query, or empty).
// Result with ids: state line to store, event id, event JSON and, for a touch, channel and touch
// JSON. Result without storage consent: the anonymous event's JSON alone.
TL_EXPORT("d")
std::uint32_t tl_decide(std::uint32_t bytes, std::uint32_t seq, double t_ms, double consent_t_ms,
                        std::uint32_t navigation, std::uint32_t consent_bits, double timeout_ms,
                        double max_ms, std::uint32_t rotate_on_campaign) {
  Fields fields(bytes);
  tl::Out out = output();
  tl::Out text = arena();
  const tl::Consent known = consent_of(consent_bits);

  tl::Evidence evidence;
  evidence.consent = tl::with_default(known, static_cast<tl::Choice>(consent_bits >> 7));
  evidence.site = fields.next();
  evidence.name = fields.next();
  const std::string_view keep_query = fields.next();
  const bool marketing = tl::permits_marketing(evidence.consent);
  tl::reduce_url(fields.next(), keep_query, marketing, text);
  evidence.url = text.view();
  const std::size_t mark = text.size();
  tl::reduce_url(fields.next(), keep_query, marketing, text);
  evidence.referrer = text.since(mark);
  const tl::SessionState before = state_of(fields.next());
  const auto nonce = tl::parse_hex128(fields.next());
  if (!nonce.ok() || text.overflowed()) return 0;
  evidence.page_nonce = nonce.value();
  evidence.seq = seq;
  evidence.t_ms = static_cast<std::int64_t>(t_ms);
  evidence.consent_t_ms = static_cast<std::int64_t>(consent_t_ms);
  evidence.navigation = static_cast<tl::Navigation>(navigation);
  if (!tl::permits_ids(evidence.consent)) {
    evidence.consent = known;
    tl::write_anonymous_event(evidence, tl::browser_hosts(), text, out);
    return result(out);
  }
  const tl::EventText event_text{fields.next(), fields.next()};
  const std::string_view campaign_url = fields.next();
  tl::Touch campaign;
  if (!campaign_url.empty()) {
    campaign = tl::extract_touch(campaign_url, {}, text);
    evidence.campaign = &campaign;
  }

  const tl::SessionRules rules{static_cast<std::int64_t>(timeout_ms),
                               static_cast<std::int64_t>(max_ms), rotate_on_campaign != 0};
  const tl::Decision decision = tl::decide(before, evidence, rules, text);
  if (decision.why == tl::SessionReason::none) return 0;
  tl::write_state(decision.state, out);
  out.put('\0');
  tl::write_uuid(decision.event_id, out);
  out.put('\0');
  evidence.consent = known;  // what travels is what is known; the server applies its own default
  tl::write_event(before, evidence, decision, event_text, out);
  if (decision.has_touch) {
    out.put('\0');
    out.put(tl::channel_name(tl::find_channel(decision.touch, tl::browser_hosts(), text)));
    out.put('\0');
    tl::write_touch(decision.touch, out);
  }
  return result(out);
}

// Fields: state line, checkout URL. Result: packed token, metadata JSON, the URL with the ids
// added.
TL_EXPORT("h") std::uint32_t tl_handover(std::uint32_t bytes, double t_ms) {
  Fields fields(bytes);
  tl::Out out = output();
  const tl::SessionState state = state_of(fields.next());
  if (state.session_id.is_nil()) return 0;
  const tl::Handover handover{state.anonymous_id, state.session_id,
                              static_cast<std::int64_t>(t_ms)};
  tl::write_packed_token(handover, out);
  out.put('\0');
  tl::write_metadata(handover, out);
  out.put('\0');
  tl::decorate_checkout_url(fields.next(), handover, out);
  return result(out);
}

// Field: an e-mail address or (is_phone) a phone number. Result: SHA-256 of its normal form, in
// hex.
TL_EXPORT("c") std::uint32_t tl_contact(std::uint32_t bytes, std::uint32_t is_phone) {
  tl::Out out = output();
  tl::Out text = arena();
  const std::string_view raw = Fields(bytes).next();
  const auto normal =
      is_phone != 0 ? tl::normalise_phone_e164(raw, text) : tl::normalise_email(raw, text);
  if (!normal.ok()) return 0;
  tl::write_sha256_hex(normal.value(), out);
  return result(out);
}

// Fields: two host names. 1 when the endpoint's cookies are the page's own.
TL_EXPORT("s") std::uint32_t tl_same_site(std::uint32_t bytes) {
  Fields fields(bytes);
  const std::string_view host = fields.next();
  tl::Out out = output();
  if (tl::is_same_site(host, fields.next())) out.put('1');
  return result(out);
}
