// SPDX-License-Identifier: Apache-2.0

#include "server/core/classify/agent_names.hpp"

namespace tl::server {
namespace {

struct Row {
  std::string_view name, slug;
};

constexpr Row kBrowsers[] = {
    {"Other", "unknown"},
    {"Chrome Mobile WebView", "android_webview"},
    {"Mobile Safari UI/WKWebView", "ios_webview"},
    {"HeadlessChrome", "chrome_headless"},
    {"Mobile Safari", "safari"},
    {"Android", "android_browser"},
    {"Amazon Silk", "silk"},
    {"Google", "google_app"},
    {"Facebook", "facebook_app"},
    {"Facebook Messenger", "messenger_app"},
    {"Instagram", "instagram_app"},
    {"TikTok", "tiktok_app"},
    {"LinkedIn", "linkedin_app"},
    {"Pinterest", "pinterest_app"},
    {"Snapchat", "snapchat_app"},
    {"Twitter", "twitter_app"},
    {"Line", "line_app"},
    {"LINE", "line_app"},
    {"WeChat", "wechat_app"},
};

constexpr Row kSystems[] = {
    {"Other", "unknown"},      {"Mac OS X", "macos"},    {"Mac OS", "macos"},
    {"Chrome OS", "chromeos"}, {"ATV OS X", "tvos"},     {"WatchOS", "watchos"},
    {"Ubuntu", "linux"},       {"Kubuntu", "linux"},     {"Xubuntu", "linux"},
    {"Lubuntu", "linux"},      {"Debian", "linux"},      {"Fedora", "linux"},
    {"CentOS", "linux"},       {"Red Hat", "linux"},     {"Linux Mint", "linux"},
    {"Mint", "linux"},         {"Gentoo", "linux"},      {"Slackware", "linux"},
    {"SUSE", "linux"},         {"openSUSE", "linux"},    {"Mandriva", "linux"},
    {"Mageia", "linux"},       {"Arch Linux", "linux"},  {"Puppy", "linux"},
    {"PCLinuxOS", "linux"},    {"VectorLinux", "linux"}, {"Raspbian", "linux"},
    {"Kali Linux", "linux"},   {"Manjaro", "linux"},     {"Linux", "linux"},
};

constexpr Row kBrands[] = {
    {"Microsoft Edge", "edge"},
    {"Opera", "opera"},
    {"Brave", "brave"},
    {"Vivaldi", "vivaldi"},
    {"Yandex", "yandex_browser"},
    {"YaBrowser", "yandex_browser"},
    {"Samsung Internet", "samsung_internet"},
    {"DuckDuckGo", "duckduckgo"},
    {"Android WebView", "android_webview"},
    {"HeadlessChrome", "chrome_headless"},
};

constexpr Row kApps[] = {
    {"FBAN/Messenger", "messenger_app"},
    {"FBAN", "facebook_app"},
    {"FBAV", "facebook_app"},
    {"FB_IAB", "facebook_app"},
    {"Instagram", "instagram_app"},
    {"BytedanceWebview", "tiktok_app"},
    {"musical_ly", "tiktok_app"},
    {"trill_", "tiktok_app"},
    {"LinkedInApp", "linkedin_app"},
    {"Pinterest", "pinterest_app"},
    {"Snapchat", "snapchat_app"},
    {"Twitter for", "twitter_app"},
    {"TwitterAndroid", "twitter_app"},
    {" Line/", "line_app"},
    {"MicroMessenger", "wechat_app"},
    {"GSA/", "google_app"},
};

template <std::size_t kCount>
std::string_view find_name(const Row (&rows)[kCount], std::string_view name) {
  for (const Row& row : rows)
    if (row.name == name) return row.slug;
  return {};
}

// Lower case, what is no letter or digit becomes one underscore.
std::string slug_of(std::string_view name) {
  std::string slug;
  for (char c : name) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (is_plain)
      slug += c;
    else if (!slug.empty() && slug.back() != '_')
      slug += '_';
  }
  while (!slug.empty() && slug.back() == '_') slug.pop_back();
  return slug.empty() ? "unknown" : slug;
}

}  // namespace

std::string browser_slug(std::string_view family) {
  if (const auto known = find_name(kBrowsers, family); !known.empty()) return std::string(known);
  for (const std::string_view end : {" Mobile", " iOS", " Mobile"})  // "Chrome Mobile iOS"
    if (family.size() > end.size() && family.ends_with(end)) family.remove_suffix(end.size());
  return slug_of(family);
}

std::string os_slug(std::string_view family) {
  const auto known = find_name(kSystems, family);
  return known.empty() ? slug_of(family) : std::string(known);
}

std::string_view brand_slug(std::string_view brand) {
  return find_name(kBrands, brand);
}

std::string_view in_app_slug(std::string_view user_agent) {
  for (const Row& row : kApps)
    if (user_agent.find(row.name) != std::string_view::npos) return row.slug;
  return {};
}

}  // namespace tl::server
