// SPDX-License-Identifier: Apache-2.0
#include "server/destinations/meta_click.hpp"

#include "server/core/classify/withheld_value.hpp"
#include "server/destinations/customer.hpp"

#include <algorithm>

namespace tl::server::destinations {
namespace {

// "fb.1.1767000000000.IwXyz" to "IwXyz"; empty when it is no such value.
std::string_view cookie_value(std::string_view text) {
  if (!text.starts_with("fb.")) return {};
  text.remove_prefix(3);
  for (int segment = 0; segment < 2; ++segment) {
    const auto dot = text.find('.');
    if (dot == text.npos || dot == 0) return {};
    const std::string_view digits = text.substr(0, dot);
    if (digits.find_first_not_of("0123456789") != digits.npos) return {};
    text.remove_prefix(dot + 1);
  }
  return text.starts_with('.') ? std::string_view() : text;
}

}  // namespace

bool is_meta_cookie(std::string_view text) {
  return text.size() <= 1200 && !cookie_value(text).empty() &&
         std::none_of(text.begin(), text.end(), [](char c) { return c <= ' ' || c > '~'; });
}

std::string meta_fbc(std::string_view cookie, std::string_view fbclid, std::int64_t seen_ms) {
  const bool has_cookie = is_meta_cookie(cookie);
  const std::string_view held = has_cookie ? cookie_value(cookie) : std::string_view();
  // The same click, with or without the appendix of Meta's own library: its creation time stays.
  const bool is_same = held == fbclid || (held.starts_with(fbclid) && held.size() > fbclid.size() &&
                                          held[fbclid.size()] == '.');
  if (has_cookie && (fbclid.empty() || is_same)) return std::string(cookie);
  if (fbclid.empty() || fbclid == kWithheldValue || seen_ms <= 0) return {};
  return "fb.1." + std::to_string(seen_ms) + "." + std::string(fbclid);
}

std::string meta_fbc_of(const Dispatch& dispatch) {
  std::string cookie, fbclid;
  std::int64_t seen_ms = 0;
  if (dispatch.context) {
    cookie = dispatch.context->fbc;
    fbclid = dispatch.context->fbclid;
    seen_ms = dispatch.context->fbclid_t_ms;
  }
  if (KnownClick click = click_of(dispatch, {"fbclid"});
      fbclid.empty() || (click.value != fbclid && click.t_ms > seen_ms)) {
    fbclid = std::move(click.value);
    seen_ms = click.t_ms;
  }
  return meta_fbc(cookie, fbclid, seen_ms);
}

std::string meta_fbp_of(const Dispatch& dispatch) {
  if (!dispatch.context || !is_meta_cookie(dispatch.context->fbp)) return {};
  return dispatch.context->fbp;
}

}  // namespace tl::server::destinations
