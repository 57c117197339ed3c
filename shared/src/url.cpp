// SPDX-License-Identifier: Apache-2.0
// URL splitting after the generic syntax of RFC 3986, as tolerant as browsers are where it costs
// nothing; percent-decoding after the URL Standard's form parser, with UTF-8 repair on the way.
#include "throughline/url.hpp"

#include "throughline/text.hpp"

namespace tl {
namespace {

// Takes one byte off the front of an encoded text.
char take_byte(std::string_view& raw, bool plus_is_blank) {
  char c = raw[0];
  const std::size_t size = encoded_size(raw);
  if (size == 3) {
    c = static_cast<char>(hex_value(raw[1]) << 4 | hex_value(raw[2]));
  } else if (c == '+' && plus_is_blank) {
    c = ' ';
  }
  raw.remove_prefix(size);
  return c;
}

// Decodes character by character: a window of four bytes is the longest that UTF-8 needs.
std::string_view decode(std::string_view raw, std::size_t limit, bool plus_is_blank, Out& arena) {
  const std::size_t mark = arena.size();
  while (!raw.empty()) {
    char window[4];
    std::string_view rests[4];
    std::size_t count = 0;
    for (auto rest = raw; count < 4 && !rest.empty(); ++count) {
      window[count] = take_byte(rest, plus_is_blank);
      rests[count] = rest;
    }
    bool is_valid = false;
    const std::size_t used = utf8_step({window, count}, is_valid);
    const auto byte = static_cast<unsigned char>(window[0]);
    if (byte < ' ' || byte == 0x7F) window[0] = ' ';
    const auto character = is_valid ? std::string_view(window, used) : kReplacement;
    if (arena.size() - mark + character.size() > limit) break;
    arena.put(character);
    raw = rests[used - 1];
  }
  return arena.since(mark);
}

}  // namespace

std::size_t encoded_size(std::string_view raw) {
  return raw.size() > 2 && raw[0] == '%' && hex_value(raw[1]) >= 0 && hex_value(raw[2]) >= 0 ? 3
                                                                                             : 1;
}

Result<UrlView> parse_url(std::string_view text) {
  const Error bad_url{ErrorKind::invalid, "bad_url"};
  UrlView url;
  text = trim(text);
  url.scheme = take_until(text, ":");
  if (find_word("http|https|android-app", url.scheme) < 0 || text.substr(0, 3) != "://") {
    return bad_url;
  }
  text.remove_prefix(3);

  auto authority = take_until(text, "/?#");
  while (contains(authority, '@')) take_field(authority, '@');  // user info ends at the last @
  if (!authority.empty() && authority[0] == '[') {
    url.host = take_until(authority, "]");
    if (authority.empty()) return bad_url;
    url.host = {url.host.data(), url.host.size() + 1};
    authority.remove_prefix(1);
  } else {
    url.host = take_until(authority, ":");
    while (!url.host.empty() && url.host.back() == '.') url.host.remove_suffix(1);
  }
  if (!authority.empty()) url.port = authority.substr(1);
  if (url.host.empty() || url.host.size() > 255) return bad_url;

  url.path = take_until(text, "?#");
  url.query = take_until(text, "#");
  if (!url.query.empty()) url.query.remove_prefix(1);
  if (!text.empty()) url.fragment = text.substr(1);
  return url;
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

std::size_t suffix_start(std::string_view host) {
  // Takes the last label off the end.
  const auto take_last = [](std::string_view& rest) {
    std::size_t start = rest.size();
    while (start > 0 && rest[start - 1] != '.') --start;
    const auto label = rest.substr(start);
    rest = rest.substr(0, start > 0 ? start - 1 : 0);
    return label;
  };
  auto rest = host;
  const auto top = take_last(rest);
  std::int64_t number = 0;
  if (top.empty() || top.back() == ']' || parse_decimal(top, number)) return 0;
  if (top.size() == 2 && contains(rest, '.') &&
      find_word("co|com|org|net|gov|edu|ac|ne|or|go|gob|mil", take_last(rest)) >= 0) {
    return rest.size() + 1;
  }
  return host.size() - top.size();
}

bool is_same_site(std::string_view host_a, std::string_view host_b) {
  // From the label before the suffix on; everything when there is none.
  const auto site_of = [](std::string_view host) {
    std::size_t start = suffix_start(host);
    if (start > 0) --start;
    while (start > 0 && host[start - 1] != '.') --start;
    return host.substr(start);
  };
  return equals_ignoring_case(site_of(host_a), site_of(host_b));
}

}  // namespace tl
