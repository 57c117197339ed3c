// SPDX-License-Identifier: Apache-2.0
#include "server/core/costs/cost_places.hpp"

#include "models/credit.hpp"
#include "throughline/text.hpp"

#include <algorithm>
#include <span>
#include <tuple>

namespace tl::server {
namespace {

constexpr std::size_t kMostPlaces = 64;  // the rest of a campaign's sources are noise

std::string plain_campaign(std::string_view campaign) {
  std::string plain(trim(campaign));
  for (char& c : plain) c = ascii_lower(c);
  return plain;
}

std::string campaign_key(std::string_view platform, std::string_view campaign) {
  return std::string(platform) + '\x1f' + plain_campaign(campaign);
}

bool is_paid_channel(Channel channel) {
  return channel >= Channel::paid_search && channel <= Channel::paid_other;
}

template <class Candidates, class Holds>
void keep_if_any(Candidates& candidates, Holds&& holds) {
  if (std::any_of(candidates.begin(), candidates.end(), holds))
    std::erase_if(candidates, [&](const auto& one) { return !holds(one); });
}

}  // namespace

void CostPlaces::add_traffic(When when, const TrafficSource& source, std::int64_t touches) {
  if (touches <= 0) return;
  const AdSource& from = named(source.source);
  (when == When::asked ? asked_ : ever_)[campaign_key(from.platform, source.campaign)].push_back(
      {{source, static_cast<std::uint64_t>(touches)}, from});
}

bool CostPlaces::seek(const std::vector<CostRow>& costs) {
  sought_.clear();
  for (const CostRow& cost : costs) {
    if (!candidates_in(asked_, cost).empty()) continue;
    sought_.insert(plain_campaign(cost.campaign));
    if (!cost.campaign_id.empty()) sought_.insert(plain_campaign(cost.campaign_id));
  }
  return !sought_.empty();
}

bool CostPlaces::seeks(std::string_view campaign) const {
  return sought_.contains(plain_campaign(campaign));
}

const AdSource& CostPlaces::named(const std::string& source) {
  const auto found = sources_.find(source);
  return found != sources_.end() ? found->second
                                 : sources_.emplace(source, ad_source(source)).first->second;
}

const std::vector<CostPlace>& CostPlaces::places_of(const CostRow& cost) {
  std::string key;
  for (const auto* part : {&cost.source, &cost.campaign, &cost.campaign_id})
    (key += *part) += '\x1f';
  key += static_cast<char>(cost.channel);
  key += cost.platform;
  const auto found = found_.find(key);
  if (found != found_.end()) return found->second;
  return found_.emplace(std::move(key), find_places(cost)).first->second;
}

std::vector<CostPlaces::Candidate> CostPlaces::candidates_in(const ByCampaign& traffic,
                                                             const CostRow& cost) {
  const std::string platform(named(cost.source).platform);
  std::vector<Candidate> candidates;
  const auto add = [&](const std::string& campaign) {
    const auto found = traffic.find(campaign_key(platform, campaign));
    if (found == traffic.end()) return;
    candidates.insert(candidates.end(), found->second.begin(), found->second.end());
  };
  add(cost.campaign);
  if (!cost.campaign_id.empty() && !equals_ignoring_case(cost.campaign_id, trim(cost.campaign)))
    add(cost.campaign_id);
  if (cost.campaign.empty() && cost.campaign_id.empty())
    std::erase_if(candidates, [&](const Candidate& one) {
      return one.place.source.channel != cost.channel && !is_paid_channel(one.place.source.channel);
    });
  return candidates;
}

std::vector<CostPlace> CostPlaces::find_places(const CostRow& cost) {
  const AdSource from = named(cost.source);
  auto candidates = candidates_in(asked_, cost);
  if (candidates.empty()) candidates = candidates_in(ever_, cost);
  if (cost.platform.empty())
    keep_if_any(candidates, [&](const Candidate& one) {
      return one.place.source.channel == cost.channel && one.from.name == from.name;
    });
  keep_if_any(candidates, [&](const Candidate& one) {
    return one.place.source.channel == cost.channel || is_paid_channel(one.place.source.channel);
  });
  std::vector<CostPlace> places;
  for (auto& one : candidates) places.push_back(std::move(one.place));
  if (places.empty()) return {{{cost.channel, cost.source, cost.campaign, "", ""}, 1}};
  std::sort(places.begin(), places.end(), [](const CostPlace& a, const CostPlace& b) {
    return a.touches != b.touches ? a.touches > b.touches : a.source < b.source;
  });
  if (places.size() > kMostPlaces) places.resize(kMostPlaces);
  return places;
}

std::vector<CostPart> CostPlaces::shared(const CostRow& cost,
                                         const std::vector<CostPlace>& places) {
  std::vector<std::uint64_t> weights;
  for (const auto& place : places) weights.push_back(place.touches);
  std::vector<CostPart> parts(places.size());
  std::vector<std::int64_t> shares(places.size());
  const auto share = [&](std::int64_t whole, std::int64_t CostPart::*part) {
    if (!models::split_exactly(whole, weights, shares).ok()) return;
    for (std::size_t i = 0; i < parts.size(); ++i) parts[i].*part = shares[i];
  };
  share(cost.amount_minor, &CostPart::amount_minor);
  share(cost.clicks, &CostPart::clicks);
  share(cost.impressions, &CostPart::impressions);
  return parts;
}

}  // namespace tl::server
