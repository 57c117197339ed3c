// SPDX-License-Identifier: Apache-2.0
// URL splitting after the generic syntax of RFC 3986, as tolerant as browsers are where it costs
// nothing; percent-decoding after the URL Standard's form parser, with UTF-8 repair on the way.
#include "throughline/url.hpp"

#include "throughline/text.hpp"

namespace tl {
namespace {

std::string_view decode(std::string_view raw, std::size_t limit, bool plus_is_blank, Out& arena) {
  const std::size_t start = arena.size();
  // A repair never shortens, so these bytes settle the first `limit` of the result.
  while (!raw.empty() && arena.size() - start < limit + 4) {
    char c = raw[0];
    const std::size_t size = encoded_size(raw);
    if (size == 3)
      c = static_cast<char>(hex_value(raw[1]) << 4 | hex_value(raw[2]));
    else if (c == '+' && plus_is_blank)
      c = ' ';
    const auto byte = static_cast<std::uint8_t>(c);
    arena.put(byte < ' ' || byte == 0x7F ? ' ' : c);
    raw.remove_prefix(size);
  }
  return repair_utf8(arena.since(start), arena, limit);
}

}  // namespace

std::size_t encoded_size(std::string_view raw) {
  return raw.size() > 2 && raw[0] == '%' && hex_value(raw[1]) >= 0 && hex_value(raw[2]) >= 0 ? 3
                                                                                             : 1;
}

bool split_url(std::string_view text, UrlView& url) {
  text = trim(text);
  url.scheme = take_until(text, ":");
  if (find_word("http|https|android-app", url.scheme) < 0 || text.substr(0, 3) != "://") {
    return false;
  }
  text.remove_prefix(3);
  auto authority = take_until(text, "/?#");
  url.path = take_until(text, "?#");
  url.query = take_until(text, "#");
  if (!url.query.empty()) url.query.remove_prefix(1);
  if (!text.empty()) url.fragment = text.substr(1);

  while (contains(authority, '@')) take_field(authority, '@');  // user info ends at the last @
  const bool is_literal = !authority.empty() && authority[0] == '[';
  url.host = take_until(authority, is_literal ? "]" : ":");
  if (is_literal) {
    if (authority.empty()) return false;
    url.host = {url.host.data(), url.host.size() + 1};
    authority.remove_prefix(1);
  }
  while (!url.host.empty() && url.host.back() == '.') url.host.remove_suffix(1);
  if (!authority.empty()) url.port = authority.substr(1);
  return !url.host.empty() && url.host.size() <= 255;
}

bool next_pair(std::string_view& cursor, QueryPair& pair) {
  while (!cursor.empty()) {
    pair.value = take_field(cursor, '&');
    if (pair.value.empty()) continue;
    pair.key = take_field(pair.value, '=');
    return true;
  }
  return false;
}

std::string_view decode_component(std::string_view raw, std::size_t limit, Out& arena) {
  return decode(raw, limit, true, arena);
}

std::string_view decode_percent(std::string_view raw, std::size_t limit, Out& arena) {
  return decode(raw, limit, false, arena);
}

void encode_url_text(std::string_view text, std::size_t limit, Out& out) {
  const std::size_t mark = out.size();
  while (!text.empty()) {
    const std::size_t taken = encoded_size(text);
    const auto byte = static_cast<std::uint8_t>(text[0]);
    const bool is_escaped =
        byte <= ' ' || byte >= 0x7F || byte == '"' || byte == '<' || byte == '>' || byte == '\\';
    const std::size_t size = is_escaped ? 3 : taken;
    if (out.size() - mark + size > limit) break;
    if (is_escaped) {
      out.put('%');
      out.put_hex(&byte, 1);
    } else {
      out.put(text.substr(0, size));
    }
    text.remove_prefix(taken);
  }
}

std::string_view lower_host(std::string_view host, Out& arena) {
  return lower(host, arena);
}

namespace {

// Where the label begins that ends before `end`.
std::size_t label_start(std::string_view host, std::size_t end) {
  while (end > 0 && host[end - 1] != '.') --end;
  return end;
}

// From the label before the suffix on; everything when there is none.
std::string_view site_of(std::string_view host) {
  std::size_t start = suffix_start(host);
  if (start > 0) start = label_start(host, start - 1);
  return host.substr(start);
}

}  // namespace

std::size_t suffix_start(std::string_view host) {
  const std::size_t start = label_start(host, host.size());
  const auto top = host.substr(start);
  std::int64_t number = 0;
  if (top.empty() || top.back() == ']' || parse_decimal(top, number)) return 0;
  if (top.size() == 2 && start > 0) {
    const std::size_t second = label_start(host, start - 1);
    if (second > 0 && find_word("co|com|org|net|gov|edu|ac|ne|or|go|gob|mil",
                                host.substr(second, start - 1 - second)) >= 0) {
      return second;
    }
  }
  return start;
}

bool is_same_site(std::string_view host_a, std::string_view host_b) {
  return equals_ignoring_case(site_of(host_a), site_of(host_b));
}

}  // namespace tl
