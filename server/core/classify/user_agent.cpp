// SPDX-License-Identifier: Apache-2.0
// Browser and system by uap-core's rules (docs/specification.md of uap-core: a replacement, else
// the capture groups in order). The device class is ours: facts on devices, section 6.1.

#include "server/core/classify/user_agent.hpp"

#include "server/core/classify/agent_names.hpp"
#include "server/core/classify/agent_patterns.hpp"
#include "throughline/text.hpp"

namespace tl::server {
namespace {

struct Named {
  std::string name = "Other", version;
};

// "$1" in a rule's text stands for what the first group matched.
std::string filled_in(std::string_view text, const AgentMatch& match) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '$' && i + 1 < text.size() && text[i + 1] >= '1' && text[i + 1] <= '5')
      out += match.groups[static_cast<std::size_t>(text[++i] - '1')];
    else
      out += text[i];
  }
  return std::string(trim(out));
}

// A rule's fields are the name and the first three parts of the version; the fourth is group 5.
Named name_by_rule(AgentSection section, const AgentText& text) {
  Named named;
  const auto match = first_match(section, text);
  if (!match) return named;
  const auto part = [&](std::size_t i) {
    const bool has_field = i < match->fields.size() && !match->fields[i].empty();
    return has_field ? filled_in(match->fields[i], *match) : std::string(trim(match->groups[i]));
  };
  named.name = part(0);
  if (named.name.empty()) named.name = "Other";
  for (std::size_t i = 1; i < match->groups.size(); ++i) {
    const auto number = part(i);
    if (number.empty()) break;
    if (i > 1) named.version += '.';
    named.version += number;
  }
  return named;
}

struct DeviceRow {
  std::string_view words, device;  // joined by |; the first row with a word in the text wins
};
constexpr DeviceRow kDevices[] = {
    {"SmartTV|SMART-TV|Smart-TV|SmartHub|GoogleTV|Android TV|HbbTV|Web0S|NetCast|AppleTV|Apple TV|"
     "tvOS|Roku|CrKey|BRAVIA|; AFT|MiTV|MIBOX",
     "tv"},
    {"PlayStation|PLAYSTATION|Xbox|XBOX|Nintendo", "console"},
    {"watchOS|Watch OS|Apple Watch|AppleWatch|Wear OS|; SM-R", "wearable"},
    {"OculusBrowser|Quest|visionOS", "xr"},
    {"QtCarBrowser|Tesla/", "embedded"},
    {"iPad|Kindle|Silk/|Silk-Accelerated|PlayBook", "tablet"},
};
constexpr std::string_view kPhones =
    "iPhone|iPod|Mobi|Windows Phone|KAIOS|KaiOS|Opera Mini|BlackBerry|BB10|Symbian|SymbOS|Series60|"
    "Nokia|MIDP|UCWEB|J2ME";
// iPadOS asks for desktop sites as a Mac. These words no Mac's browser has; Safari has none of
// them, and nothing else that a request holds tells an iPad's from a Mac's.
constexpr std::string_view kNoMac = "CriOS/|FxiOS/|EdgiOS/|OPiOS/|OPT/|GSA/|FBIOS|Mobile/";
constexpr std::string_view kDesktops = "Windows|Macintosh|CrOS|Linux|X11";

bool has_word(std::string_view text, std::string_view words) {
  while (!words.empty())
    if (text.find(take_field(words, '|')) != std::string_view::npos) return true;
  return false;
}

std::string_view device_of(std::string_view text) {
  for (const DeviceRow& row : kDevices)
    if (has_word(text, row.words)) return row.device;
  const bool is_phone = has_word(text, kPhones);
  if (has_word(text, "Tizen") && !is_phone) return "tv";
  if (has_word(text, "Android") && !has_word(text, "Mobi|Opera Mini")) return "tablet";
  // Windows' "Tablet PC" component says nothing about the device.
  if (has_word(text, "Tablet") && !has_word(text, "Tablet PC")) return "tablet";
  if (is_phone) return "mobile";
  return has_word(text, kDesktops) ? "desktop" : "unknown";
}

std::string_view unquoted(std::string_view text) {
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"')
    text = text.substr(1, text.size() - 2);
  return text;
}

// Sec-CH-UA: "Brave";v="140", "Not.A/Brand";v="99", "Chromium";v="140". Chromium browsers that hide
// in Chrome's user agent name themselves there.
void apply_brands(std::string_view brands, UserAgent& agent) {
  if (agent.browser != "chrome") return;
  while (!brands.empty()) {
    auto entry = trim(take_field(brands, ','));
    const auto brand = unquoted(trim(take_field(entry, ';')));
    const auto slug = brand_slug(brand);
    if (slug.empty()) continue;
    agent.browser = slug;
    entry = trim(entry);
    if (entry.starts_with("v=")) agent.browser_version = unquoted(entry.substr(2));
    return;
  }
}

// The user agent is frozen at Windows 10, macOS 10.15.7 and Android 10.
void apply_platform(const ClientHints& hints, UserAgent& agent) {
  const auto platform = unquoted(hints.platform), version = unquoted(hints.platform_version);
  if (platform == "Android" && agent.os == "linux") {  // "desktop site" on a phone or tablet
    agent.os = "android";
    agent.os_version.clear();
    agent.device = hints.mobile == "?1" ? "mobile" : "tablet";
  }
  std::int64_t major = 0;
  auto rest = version;
  if (version.empty() || !parse_decimal(take_field(rest, '.'), major)) return;
  if (platform == "Windows" && agent.os == "windows") {
    if (major > 0) agent.os_version = major >= 13 ? "11" : "10";
  } else if ((platform == "macOS" && agent.os == "macos") ||
             (platform == "Android" && agent.os == "android")) {
    agent.os_version = version;
  }
}

}  // namespace

UserAgent read_user_agent(std::string_view raw, const ClientHints& hints) {
  const AgentText text(raw);
  UserAgent agent;
  agent.bot = find_bot(text);
  Named browser = name_by_rule(AgentSection::browser, text);
  agent.browser = browser_slug(browser.name);
  agent.browser_version = std::move(browser.version);
  if (const auto app = in_app_slug(text.text()); !app.empty() && app != agent.browser) {
    agent.browser = app;
    agent.browser_version.clear();
  }
  Named system = name_by_rule(AgentSection::os, text);
  agent.os = os_slug(system.name);
  agent.os_version = std::move(system.version);
  agent.device = device_of(text.text());
  if (agent.os == "macos" && has_word(text.text(), kNoMac)) {
    agent.os = "ios";
    agent.os_version.clear();  // the Mac's
    agent.device = "tablet";
  }
  if (!hints.empty()) {
    apply_brands(hints.brands, agent);
    apply_platform(hints, agent);
  }
  if (!agent.bot && agent.browser == "chrome_headless")
    agent.bot = Bot{"HeadlessChrome", "headless"};
  if (agent.bot) agent.device = "bot";
  return agent;
}

}  // namespace tl::server
