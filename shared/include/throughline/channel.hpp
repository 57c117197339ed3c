// SPDX-License-Identifier: Apache-2.0
// Channels and the rule table that finds them (facts: GA4-like first-match rules with click ids,
// e-mail-first mediums, AI assistants and internal returns).
#pragma once

#include <cstdint>
#include <string_view>

#include "throughline/out.hpp"
#include "throughline/touch.hpp"

namespace tl {

// Stored: never renumber.
enum class Channel : std::uint8_t {
  unknown = 0, direct = 1, internal = 2,
  paid_search = 10, paid_social = 11, paid_video = 12, paid_shopping = 13,
  display = 14, cross_network = 15, paid_other = 16,
  organic_search = 20, organic_social = 21, organic_video = 22, organic_shopping = 23,
  ai_assistant = 30, email = 31, sms = 32, push = 33, affiliate = 34, audio = 35, referral = 36,
};

std::string_view channel_name(Channel channel);       // "paid_search"
bool parse_channel(std::string_view name, Channel& channel);

enum class HostCategory : std::uint8_t {
  none = 0, search, social, video, shopping, email, ai_assistant, ad_exchange, native, affiliate,
  ignored, referral,
};

// Host patterns and short source names, generated from shared/data/hosts.tsv. The browser links the
// hint table, the server the whole one.
struct HostTable {
  // Entries sorted by name, looked up from the full host up to its last two labels.
  const struct HostEntry* entries = nullptr;
  std::uint32_t count = 0;
};
const HostTable& browser_hosts();
const HostTable& all_hosts();  // not linked into the WASM

struct HostMatch {
  HostCategory category = HostCategory::none;
  std::string_view name;  // "google"; static storage; empty when unknown
};
HostMatch match_host(std::string_view host, const HostTable& table);

// What a touch is called in reports. Views: into the touch, static storage, or `arena`.
struct Classification {
  Channel channel = Channel::unknown;
  std::string_view source;  // utm_source lower-cased, else the referrer's name or host, else "(direct)"
  std::string_view medium;
};
// Pure; `rules_version` of the table is kRulesVersion (rules.hpp).
Classification classify(const Touch& touch, const HostTable& table, Out& arena);

}  // namespace tl
