// SPDX-License-Identifier: Apache-2.0
// A withheld click id ("*") is no value.

#include "server/core/session_context_merge.hpp"

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
  for (const auto field : {&VendorCookies::fbp, &VendorCookies::fbc, &VendorCookies::ga,
                           &VendorCookies::ga_session, &VendorCookies::ttp, &VendorCookies::scid})
    take(cookies.*field, batch.cookies.*field);
  return cookies;
}

bool merge_context(SessionContext& context, const std::vector<const VerifiedEvent*>& events,
                   const VendorCookies& cookies, const Sender& sender) {
  bool is_changed = take(context.ip, sender.ip);
  is_changed |= take(context.user_agent, sender.user_agent);
  is_changed |= take(context.fbp, cookies.fbp);
  is_changed |= take(context.fbc, cookies.fbc);
  is_changed |= take(context.ga, cookies.ga);
  is_changed |= take(context.ga_session, cookies.ga_session);
  is_changed |= take(context.ttp, cookies.ttp);
  is_changed |= take(context.scid, cookies.scid);
  for (const VerifiedEvent* verified : events) {
    const EventRow& event = verified->event;
    if (context.landing_url.empty()) is_changed |= take(context.landing_url, event.url);
    const bool is_new_click =
        !verified->fbclid.empty() && verified->fbclid != "*" && verified->fbclid != context.fbclid;
    if (!is_new_click) continue;
    context.fbclid = verified->fbclid;
    context.fbclid_t_ms = event.t_ms;
    is_changed = true;
  }
  return is_changed;
}

}  // namespace tl::server
