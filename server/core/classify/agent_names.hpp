// SPDX-License-Identifier: Apache-2.0
// Our slugs for the names of uap-core: chrome, android_webview, facebook_app, macos, linux …
#pragma once

#include <string>
#include <string_view>

namespace tl::server {

// "Chrome Mobile" → chrome, "Yandex Browser" → yandex_browser, "Other" → unknown.
std::string browser_slug(std::string_view family);
// "Mac OS X" → macos, every Linux distribution → linux.
std::string os_slug(std::string_view family);
// A brand of Sec-CH-UA: "Microsoft Edge" → edge; "" for one that tells nothing new.
std::string_view brand_slug(std::string_view brand);

// The app that shows the page in its own window: "facebook_app" for FBAN, FBAV …; "" when none is
// named. Such windows lose cookies and referrers (facts: channels, section 6.1).
std::string_view in_app_slug(std::string_view user_agent);

}  // namespace tl::server
