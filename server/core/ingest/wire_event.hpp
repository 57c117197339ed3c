// SPDX-License-Identifier: Apache-2.0
// A decoded batch (docs/wire.md): what a browser says, checked for shape and size only. Everything
// owns its text. Made by server/http/decode_batch.cpp and by the simpler intakes.
#pragma once

#include "server/core/classify/client_hints.hpp"
#include "server/core/classify/place.hpp"
#include "server/core/records.hpp"
#include "throughline/consent.hpp"
#include "throughline/hash.hpp"
#include "throughline/session.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace tl::server {

// What may be said without storage consent: no ids, only values shared by many.
struct WireAnonymous {
  std::string channel, source, medium, campaign, referrer_domain, path;
};

struct WireEvent {
  std::uint32_t index = 0;  // in the batch as sent
  std::string name;
  std::uint32_t seq = 0;
  std::int64_t t_ms = 0;            // by the sender's clock
  bool is_dated = true;             // else it said no time, and t_ms is its arrival
  std::optional<Id128> page_nonce;  // its own, when it waited for another page
  Consent consent;                  // as known; unknown purposes get the site's default later
  bool refuses_storage = false;     // in so many words; what cannot be read is only no consent
  std::string props;                // JSON object, or ""

  // Raw evidence (`ev`).
  bool has_evidence = false;
  std::string url, referrer, title;
  Navigation navigation = Navigation::navigate;
  std::int64_t consent_t_ms = 0;
  SessionState previous;                                       // nil ids: none
  std::optional<std::map<std::string, std::string>> campaign;  // a touch started by the page

  // The browser's decisions; absent with rules version 0.
  std::optional<Id128> event_id, anonymous_id, session_id;
  std::string why;
  std::optional<std::map<std::string, std::string>> touch;

  std::optional<WireAnonymous> anonymous;
};

struct WireBatch {
  std::string site_id;
  std::uint32_t rules_version = 0;
  std::int64_t sent_ms = 0;  // 0: not said
  std::string token;
  Id128 page_nonce;
  // Of the page that the anonymous id comes from: proves it while no token has reached the browser.
  std::optional<Id128> first_nonce;
  bool is_reset = false;  // the page has forgotten its visitor: the cookies are somebody else's
  std::optional<SessionRules> rules;  // the page's own
  VendorCookies cookies;
  bool states_choice = true;  // else its consent is what was known before: it changes no record
  bool trusts_claimed_ids = false;  // a client with ids of its own: its anonymous_id is taken over
  bool keeps_query = true;  // the page has reduced its URLs by its own list: other names stay
  std::vector<WireEvent> events;
  // One event as a batch of its own, to be kept when it is refused. Valid while the body lives.
  std::function<std::string(std::uint32_t index)> text_of;
};

// One event of a batch that was refused; `text` can be sent again as a batch of its own.
struct RefusedEvent {
  std::uint32_t index = 0;
  std::string code, message, text;
  bool is_order = false;  // a server's statement about money: kept whatever the consent
};

// Facts about the exchange that are not in the body.
struct Sender {
  std::string ip, user_agent, origin;
  std::string token_cookie;                  // tl_tok, "" when not sent
  std::optional<Id128> anonymous_id_cookie;  // tl_aid
  VendorCookies vendor_cookies;              // of a page on the endpoint's own site
  bool has_secret_key = false;               // one of the site's, that may write
  std::int64_t received_ms = 0;
  Place place;  // as a trusted proxy says it; else found by the address
  ClientHints hints;
  bool is_prefetch = false;        // fetched ahead; perhaps nobody ever looks at the page
  bool opted_out_of_sale = false;  // said by the browser itself: Sec-GPC (facts: consent, 3.5)
};

}  // namespace tl::server
