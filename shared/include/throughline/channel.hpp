// SPDX-License-Identifier: Apache-2.0
// Channels and the rule table that finds them (facts: GA4-like first-match rules with click ids,
// e-mail-first mediums, AI assistants and internal returns).
#pragma once

#include "throughline/out.hpp"
#include "throughline/touch.hpp"

#include <array>
#include <cstdint>
#include <string_view>

namespace tl {

// Stored: never renumber.
enum class Channel : std::uint8_t {
  unknown = 0,
  direct = 1,
  internal = 2,
  paid_search = 10,
  paid_social = 11,
  paid_video = 12,
  paid_shopping = 13,
  display = 14,
  cross_network = 15,
  paid_other = 16,
  organic_search = 20,
  organic_social = 21,
  organic_video = 22,
  organic_shopping = 23,
  ai_assistant = 30,
  email = 31,
  sms = 32,
  push = 33,
  affiliate = 34,
  audio = 35,
  referral = 36,
};

std::string_view channel_name(Channel channel);  // "paid_search"
bool parse_channel(std::string_view name, Channel& channel);

enum class HostCategory : std::uint8_t {
  none = 0,
  search,
  social,
  video,
  shopping,
  email,
  ai_assistant,
  ad_exchange,
  native,
  affiliate,
  ignored,
  referral,
};

// Host patterns and short source names, generated from shared/data/hosts.tsv (its README tells how
// they match); the server's alone. The packed text is static: entries [length][category]pattern or
// [length][category]pattern=name.
struct HostTable {
  std::string_view packed;
};
const HostTable& all_hosts();
// Of rules and tables together: another number means that stored touches may classify differently.
// Bump kChannelRules when channel.cpp or host_table.cpp give another result.
inline constexpr std::uint32_t kChannelRules = 2;
std::uint32_t classification_version();

struct HostMatch {
  HostCategory category = HostCategory::none;
  std::string_view name;  // "google"; static storage; empty when unknown
};
// Longest match from the full host (any case) up to its registrable part.
HostMatch match_host(std::string_view host, const HostTable& table);
// A utm_source: a host when it holds a dot, else a short name ("fb").
HostMatch match_source(std::string_view source, const HostTable& table);

// What a touch is called in reports. Views: into the touch, static storage, or `arena`.
struct Classification {
  Channel channel = Channel::unknown;
  // utm_source lower-cased, else the referrer's name or host, else the first click id's platform,
  // else
  // "(direct)".
  std::string_view source;
  std::string_view medium;  // lower-cased
};
// All that the rule reads of a touch; what remembers answers takes its key from here.
struct ChannelEvidence {
  std::string_view source, medium, campaign, referrer_host, referrer_path;
  std::array<Param, 8> clicks{};  // in the order of the URL
  std::uint8_t click_count = 0;
  bool is_internal = false, has_page = false;

  explicit ChannelEvidence(const Touch& touch);
};
// Pure; versioned by kRulesVersion (session.hpp). A touch with neither evidence nor a landing path
// is `unknown`: no information must not be counted as direct. `arena`: 1 KiB.
Classification classify(const ChannelEvidence& touch, const HostTable& table, Out& arena);
inline Classification classify(const Touch& touch, const HostTable& table, Out& arena) {
  return classify(ChannelEvidence(touch), table, arena);
}

}  // namespace tl
