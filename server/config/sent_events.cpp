// SPDX-License-Identifier: Apache-2.0
#include "server/config/sent_events.hpp"

#include "server/core/text/nearest_name.hpp"
#include "throughline/text.hpp"

#include <algorithm>
#include <array>

namespace tl::server {
namespace {

constexpr std::string_view kOwn = "own:";
// What the script and the conversions are called (api.md section 4; core/orders/orders.hpp).
constexpr std::array<std::string_view, 18> kSent = {
    "page_view",   "content_view", "video_progress",   "scroll_depth", "click",  "form_submit",
    "add_to_cart", "email_signup", "checkout_started", "session_end",  "signup", "lead",
    "opportunity", "customer",     "purchase",         "refund",       "custom", "*"};
// For our own reports alone (core/outbox/event_outbox.hpp).
constexpr std::array<std::string_view, 4> kNeverSent = {"checkout_completed", "identify", "consent",
                                                        "page_leave"};

bool is_one_of(const std::string& name, const auto& names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Names are lower case with underscores, but not in people's fingers.
std::string as_ours(std::string_view name) {
  std::string made;
  for (const char c : name) made += c == ' ' || c == '-' ? '_' : ascii_lower(c);
  return made;
}

}  // namespace

std::string sent_event_name(std::string_view written) {
  return std::string(written.starts_with(kOwn) ? written.substr(kOwn.size()) : written);
}

std::string sent_event_complaint(const std::string& written,
                                 const std::vector<std::string>& declared) {
  if (written.starts_with(kOwn) || is_one_of(written, kSent) || is_one_of(written, declared))
    return "";
  if (is_one_of(written, kNeverSent))
    return "names \"" + written + "\", which is never sent to a destination";
  std::vector<std::string> known(kSent.begin(), kSent.end());
  known.insert(known.end(), declared.begin(), declared.end());
  const std::string near = nearest_name(as_ours(written), known);
  if (near.empty()) return "";
  return "names no event \"" + written + "\"; did you mean \"" + near +
         "\"? An event of your own that is called so is written \"own:" + written + "\"";
}

}  // namespace tl::server
