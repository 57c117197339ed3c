// SPDX-License-Identifier: Apache-2.0
// First match wins: browsers that imitate others stand before those they imitate. Source of the
// device rules and bot signals: facts on devices and bots, sections 6.1 and 6.3.

#include "server/core/user_agent.hpp"

namespace tl::server {
namespace {

struct Row {
  std::string_view part, name;
};

constexpr Row kBrowsers[] = {
    {"FBAN", "facebook_app"},
    {"FBAV", "facebook_app"},
    {"Instagram", "instagram_app"},
    {"BytedanceWebview", "tiktok_app"},
    {"musical_ly", "tiktok_app"},
    {"LinkedInApp", "linkedin_app"},
    {"Pinterest/", "pinterest_app"},
    {"Snapchat", "snapchat_app"},
    {"HeadlessChrome", "chrome_headless"},
    {"Edg/", "edge"},
    {"EdgA/", "edge"},
    {"EdgiOS", "edge"},
    {"OPR/", "opera"},
    {"SamsungBrowser", "samsung_internet"},
    {"YaBrowser", "yandex"},
    {"Vivaldi", "vivaldi"},
    {"FxiOS", "firefox"},
    {"Firefox/", "firefox"},
    {"CriOS", "chrome"},
    {"; wv)", "android_webview"},
    {"Chrome/", "chrome"},
    {"Version/", "safari"},
    {"AppleWebKit", "ios_webview"},
};
constexpr Row kSystems[] = {
    {"Windows", "windows"}, {"iPhone", "ios"},    {"iPad", "ios"},       {"iPod", "ios"},
    {"Android", "android"}, {"CrOS", "chromeos"}, {"Mac OS X", "macos"}, {"Linux", "linux"},
};
constexpr Row kDevices[] = {
    {"SmartTV", "tv"},        {"SMART-TV", "tv"},       {"Tizen", "tv"},
    {"Web0S", "tv"},          {"AppleTV", "tv"},        {"Roku", "tv"},
    {"CrKey", "tv"},          {"BRAVIA", "tv"},         {"PlayStation", "console"},
    {"Xbox", "console"},      {"Nintendo", "console"},  {"Watch", "wearable"},
    {"OculusBrowser", "xr"},  {"Quest", "xr"},          {"iPad", "tablet"},
    {"Tablet", "tablet"},     {"Kindle", "tablet"},     {"Silk/", "tablet"},
    {"iPhone", "mobile"},     {"iPod", "mobile"},       {"Mobi", "mobile"},
    {"Opera Mini", "mobile"}, {"KAIOS", "mobile"},      {"Android", "tablet"},
    {"Windows", "desktop"},   {"Macintosh", "desktop"}, {"CrOS", "desktop"},
    {"Linux", "desktop"},
};
constexpr std::string_view kBotWords[] = {
    "HeadlessChrome", "PhantomJS",      "curl/",       "Wget/",       "python-requests",
    "python-urllib",  "Go-http-client", "Java/",       "libwww-perl", "facebookexternalhit",
    "Lighthouse",     "Pingdom",        "UptimeRobot", "Scrapy",      "Slurp",
};

template <std::size_t kCount>
std::string_view first_match(const Row (&rows)[kCount], std::string_view text,
                             std::string_view otherwise) {
  for (const Row& row : rows)
    if (text.find(row.part) != std::string_view::npos) return row.name;
  return otherwise;
}

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// "…bot", "…spider", "…crawler" as the end of a word, in any case; Cubot makes telephones.
bool names_a_bot(std::string_view text) {
  constexpr std::string_view kEnds[] = {"bot", "spider", "crawler"};
  for (std::size_t at = 0; at < text.size(); ++at) {
    for (const auto end : kEnds) {
      const auto part = text.substr(at, end.size());
      bool is_same = part.size() == end.size();
      for (std::size_t i = 0; is_same && i < part.size(); ++i) is_same = (part[i] | 0x20) == end[i];
      if (!is_same) continue;
      const std::size_t after = at + end.size();
      if (after < text.size() && is_letter(text[after])) continue;
      if (at >= 2 && (text[at - 2] | 0x20) == 'c' && (text[at - 1] | 0x20) == 'u') continue;
      return true;
    }
  }
  return false;
}

bool is_bot(std::string_view text) {
  if (text.empty()) return true;
  for (const auto word : kBotWords)
    if (text.find(word) != std::string_view::npos) return true;
  return names_a_bot(text);
}

}  // namespace

UserAgent read_user_agent(std::string_view text) {
  UserAgent agent;
  agent.is_bot = is_bot(text);
  agent.device = agent.is_bot ? "bot" : first_match(kDevices, text, "unknown");
  agent.browser = first_match(kBrowsers, text, "unknown");
  agent.os = first_match(kSystems, text, "unknown");
  return agent;
}

}  // namespace tl::server
