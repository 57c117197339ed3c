// SPDX-License-Identifier: Apache-2.0
// A withheld click id ("*") is no value.

#include "server/core/ingest/session_context_merge.hpp"

#include "server/core/classify/withheld_value.hpp"

namespace tl::server {
namespace {

bool take(std::string& field, const std::string& value) {
  if (value.empty() || field == value) return false;
  field = value;
  return true;
}

}  // namespace

VendorCookies vendor_cookies_of(const WireBatch& batch, const Sender& sender) {
  VendorCookies cookies = sender.vendor_cookies;
  for (const auto& cookie : kVendorCookies)
    take(cookies.*cookie.value, batch.cookies.*cookie.value);
  return cookies;
}

bool merge_context(SessionContext& context, const std::vector<const VerifiedEvent*>& events,
                   const VendorCookies& cookies, const Sender& sender, bool keeps_address) {
  bool is_changed = keeps_address ? take(context.ip, sender.ip) : !context.ip.empty();
  if (!keeps_address) context.ip.clear();
  is_changed |= take(context.user_agent, sender.user_agent);
  for (const auto& cookie : kVendorCookies)
    is_changed |= take(context.*cookie.value, cookies.*cookie.value);
  for (const VerifiedEvent* verified : events) {
    const EventRow& event = verified->event;
    if (context.landing_url.empty()) is_changed |= take(context.landing_url, event.url);
    const bool is_new_click = !verified->fbclid.empty() && verified->fbclid != kWithheldValue &&
                              verified->fbclid != context.fbclid;
    if (!is_new_click) continue;
    context.fbclid = verified->fbclid;
    context.fbclid_t_ms = event.t_ms;
    is_changed = true;
  }
  return is_changed;
}

}  // namespace tl::server
