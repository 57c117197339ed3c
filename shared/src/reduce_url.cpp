// SPDX-License-Identifier: Apache-2.0
// URL reduction: what a page's address may reveal. Browser and server both apply it; the rules and
// limits are with the declaration in touch.hpp.
#include "throughline/params.hpp"
#include "throughline/text.hpp"
#include "throughline/touch.hpp"
#include "throughline/url.hpp"

#include <initializer_list>

namespace tl {
namespace {

constexpr std::size_t kMaxPathBytes = 1024;
// 255 bytes of decoded text are at most 765 here, so the cut never changes a touch.
constexpr std::size_t kMaxValueBytes = 800;

bool looks_like_id(std::string_view segment) {
  if (holds_at_sign(segment)) return true;
  std::size_t digits = 0;
  std::size_t hex_letters = 0;
  std::size_t dashes = 0;
  std::size_t run = 0;  // of letters and digits
  int run_kinds = 0;    // 1 digits, 2 letters
  for (std::size_t i = 0; i < segment.size(); ++i) {
    const char c = ascii_lower(segment[i]);
    const bool is_digit = c >= '0' && c <= '9';
    if (is_digit || (c >= 'a' && c <= 'z')) {
      ++run;
      run_kinds |= is_digit ? 1 : 2;
      if (run >= 20 && run_kinds == 3) return true;
      digits += is_digit ? 1 : 0;
      hex_letters += c >= 'a' && c <= 'f' ? 1 : 0;
    } else {
      run = 0;
      run_kinds = 0;
      dashes += c == '-' ? 1 : 0;
      i += encoded_size(segment.substr(i)) - 1;  // the digits of an encoded byte belong to no run
    }
  }
  if (digits == segment.size()) return digits >= 6;
  return digits > 0 && digits + hex_letters >= 16 &&
         digits + hex_letters + dashes == segment.size();
}

// A click id's value as it may leave the page.
std::string_view click_value(Param param, std::string_view raw, bool permits_marketing,
                             Out& scratch) {
  const std::size_t mark = scratch.size();
  const bool is_good = is_click_value(param, decode_percent(raw, kMaxReducedUrlBytes, scratch));
  scratch.rewind(mark);
  if (!is_good) return {};
  return permits_marketing && !is_personal(param) ? raw : "*";
}

}  // namespace

bool holds_at_sign(std::string_view text) {
  return contains(text, '@') || contains(text, "%40") || contains(text, "%2540") ||
         contains(text, "%252540") || contains(text, "%252525");
}

bool holds_address(std::string_view value) {
  // What is encoded twice may be the dot.
  return holds_at_sign(value) && (contains(value, '.') || contains(value, "%25") ||
                                  contains(value, "%2e") || contains(value, "%2E"));
}

void reduce_path(std::string_view path, Out& out) {
  const std::size_t mark = out.size();
  while (!path.empty()) {
    const std::size_t before = out.size();
    std::size_t end = 1;
    while (end < path.size() && path[end] != '/') ++end;
    const auto segment = path.substr(1, end - 1);
    out.put('/');
    encode_url_text(looks_like_id(segment) ? "*" : segment, kMaxPathBytes, out);
    if (out.size() - mark > kMaxPathBytes) {
      out.rewind(before);
      break;
    }
    path.remove_prefix(end);
  }
  if (out.size() == mark) out.put('/');
}

void reduce_url(std::string_view text, std::string_view keep_query, bool permits_marketing,
                Out& out) {
  UrlView url;
  if (!split_url(text, url)) return;
  const std::size_t mark = out.size();
  for (const auto part : {url.scheme, std::string_view("://"), url.host}) {
    for (char c : part) {
      c = ascii_lower(c);
      encode_url_text({&c, 1}, 3, out);
    }
  }
  std::int64_t port = 0;
  if (parse_decimal(url.port, port) && port < 65536) {
    out.put(':');
    out.put_int(port);
  }
  reduce_path(url.path, out);

  char separator = '?';
  QueryPair pair;
  for (auto query = url.query; next_pair(query, pair);) {
    const Param param = param_of(pair.key);
    if (param == Param::none && find_word(keep_query, pair.key, ' ') < 0) continue;
    const std::size_t before = out.size();
    out.put(separator);
    encode_url_text(pair.key, kMaxValueBytes, out);
    out.put('=');
    if (is_click_id(param)) {
      encode_url_text(click_value(param, pair.value, permits_marketing, out), kMaxReducedUrlBytes,
                      out);
    } else {
      encode_url_text(holds_address(pair.value) ? "*" : pair.value, kMaxValueBytes, out);
    }
    if (out.size() - mark > kMaxReducedUrlBytes) {
      out.rewind(before);
    } else {
      separator = '&';
    }
  }
}

}  // namespace tl
