// SPDX-License-Identifier: Apache-2.0
#include "server/core/attribution/coarse_origin.hpp"

#include <algorithm>
#include <array>

namespace tl::server {
namespace {

std::string token_text(const CoarseHandover& handover) {
  if (!is_coarse_handover(handover)) return {};
  std::array<char, kMaxCoarseToken> buffer{};
  Out out(buffer.data(), buffer.size());
  write_coarse_token(handover, out);
  return std::string(out.view());
}

bool is_known(const std::string& source) {
  return match_source(source, all_hosts()).category != HostCategory::none;
}

}  // namespace

std::string coarse_token(std::string_view channel, std::string_view source,
                         std::string_view campaign) {
  CoarseHandover handover{Channel::unknown, source, campaign};
  if (!parse_channel(channel, handover.channel)) return {};
  return token_text(handover);
}

std::optional<CoarseOrigin> read_coarse(std::string_view token) {
  std::array<char, kMaxCoarseToken> buffer{};
  Out arena(buffer.data(), buffer.size());
  const auto read = parse_coarse_token(token, arena);
  if (!read.ok()) return std::nullopt;
  return CoarseOrigin{read.value().channel, std::string(read.value().source),
                      std::string(read.value().campaign)};
}

std::string permitted_coarse(const SiteConfig& site, std::string_view token) {
  if (!site.coarse_handover || token.empty()) return {};
  const auto said = read_coarse(token);
  if (!said) return {};
  const auto& listed = site.coarse_campaigns;
  CoarseHandover permitted{said->channel, {}, {}};
  if (std::find(listed.begin(), listed.end(), said->campaign) != listed.end())
    permitted.campaign = said->campaign;
  if (permitted.campaign == said->campaign && is_known(said->source))
    permitted.source = said->source;
  return token_text(permitted);
}

}  // namespace tl::server
