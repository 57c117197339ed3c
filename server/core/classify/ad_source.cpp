// SPDX-License-Identifier: Apache-2.0
#include "server/core/classify/ad_source.hpp"

#include "throughline/channel.hpp"
#include "throughline/text.hpp"

#include <array>
#include <optional>

namespace tl::server {
namespace {

struct AdSourceRow {
  std::string_view name, platform, words;
};
// `msg` and `an` are what Meta writes for {{site_source_name}}.
constexpr AdSourceRow kAdSources[] = {
    {"google", "google",
     "google|g|adwords|gads|gdn|google search|googlesearch|google display|doubleclick|dv360|pmax|"
     "performance max|demandgen|demand gen"},
    {"youtube", "google", "youtube|yt"},
    {"bing", "microsoft", "bing|ms|msft|msn|microsoft|microsoft advertising|adcenter"},
    {"facebook", "meta", "facebook|fb|meta"},
    {"instagram", "meta", "instagram|ig|insta"},
    {"messenger", "meta", "messenger|msg"},
    {"audience_network", "meta", "an|audience network"},
    {"threads", "meta", "threads"},
    {"whatsapp", "meta", "whatsapp"},
    {"tiktok", "tiktok", "tiktok|tt|tik tok"},
    {"linkedin", "linkedin", "linkedin|li"},
    {"twitter", "twitter", "twitter|x"},
    {"snapchat", "snapchat", "snapchat|snap"},
    {"pinterest", "pinterest", "pinterest|pin"},
    {"reddit", "reddit", "reddit"},
};

std::optional<AdSource> known_ad_source(std::string_view word) {
  for (const auto& row : kAdSources)
    if (find_word(row.words, word) >= 0)
      return AdSource{std::string(row.name), std::string(row.platform)};
  return std::nullopt;
}

void drop_suffix(std::string& text, std::string_view end) {
  if (text.size() > end.size() && text.ends_with(end)) text.resize(text.size() - end.size());
  while (text.size() > 1 && text.back() == ' ') text.pop_back();
}

}  // namespace

AdSource ad_source(std::string_view source) {
  std::string word(trim(source));
  for (char& c : word) {
    c = ascii_lower(c);
    if (c == '-' || c == '_') c = ' ';
  }
  const std::string whole = word;
  if (const auto known = known_ad_source(word)) return *known;
  if (const auto host = match_source(source, all_hosts()); !host.name.empty())
    return known_ad_source(host.name).value_or(
        AdSource{std::string(host.name), std::string(host.name)});
  // "facebookads", "google_ad", "bing.ads"
  drop_suffix(word, "ads");
  drop_suffix(word, "ad");
  drop_suffix(word, ".");
  if (const auto known = known_ad_source(word)) return *known;
  // "instagram_stories", "fb_feed"; short words alone would be found in too much.
  const std::string first = word.substr(0, word.find(' '));
  if (first.size() > 2 || first == "fb" || first == "ig" || first == "yt")
    if (const auto known = known_ad_source(first)) return *known;
  return {whole, whole};
}

}  // namespace tl::server
