// SPDX-License-Identifier: Apache-2.0
// URL parts as views, query iteration and percent-decoding with UTF-8 repair. Tolerant by design: a
// landing URL is evidence, so nothing here fails on odd input except what is no http(s) or app URL.
#pragma once

#include "throughline/out.hpp"
#include "throughline/result.hpp"

#include <string_view>

namespace tl {

// Borrows from the parsed text.
struct UrlView {
  std::string_view scheme;  // as written
  std::string_view host;    // without user info, port and trailing dots; as written (any case)
  std::string_view port;
  std::string_view path;      // starts with "/" or is empty
  std::string_view query;     // without "?"
  std::string_view fragment;  // without "#"
};

// Takes an http, https or android-app URL apart; false for anything else.
bool split_url(std::string_view text, UrlView& url);
// The same. Errors: invalid (bad_url).
inline Result<UrlView> parse_url(std::string_view text) {
  UrlView url;
  if (!split_url(text, url)) return Error{ErrorKind::invalid, "bad_url"};
  return url;
}

struct QueryPair {
  std::string_view key, value;  // raw, still encoded
};
// Iterates "a=1&b": `cursor` is consumed; false at the end. Empty pairs are skipped.
bool next_pair(std::string_view& cursor, QueryPair& pair);

// Appends the decoded text, at most `limit` bytes cut at a character's edge; + is a blank; broken %
// sequences stay as they are; invalid UTF-8 becomes U+FFFD; control characters become blanks. Takes
// the room of the decoded text twice.
std::string_view decode_component(std::string_view raw, std::size_t limit, Out& arena);
// The same for values in which + is a plus sign (click ids, hosts).
std::string_view decode_percent(std::string_view raw, std::size_t limit, Out& arena);
// Bytes of the encoded byte at the front: 3 for %xx, else 1. `raw` must not be empty.
std::size_t encoded_size(std::string_view raw);
// Appends the text so that it can stand in a URL: blanks, controls, quotes, <, >, backslash and all
// bytes from 0x7F on become %xx, everything else (also %) stays. Stops at the last character or
// %xx sequence that ends within `limit` bytes of output. Idempotent.
void encode_url_text(std::string_view text, std::size_t limit, Out& out);

// Lower-cased copy of an ASCII host.
std::string_view lower_host(std::string_view host, Out& arena);

// The same site as far as the browser can tell without a suffix list: equal, or equal in the last
// two labels (three where the last two look like co.uk). IP addresses and single labels must be
// equal.
bool is_same_site(std::string_view host_a, std::string_view host_b);
// Where the public suffix starts by the same rule: "shop.example.co.uk" → 13, "localhost" → 0. An
// IP address is all suffix.
std::size_t suffix_start(std::string_view host);

}  // namespace tl
