// SPDX-License-Identifier: Apache-2.0
#include "server/core/classify/ad_campaign.hpp"

#include "server/core/classify/ad_source.hpp"
#include "server/core/classify/withheld_value.hpp"
#include "throughline/params.hpp"
#include "throughline/text.hpp"

#include <algorithm>
#include <array>
#include <span>

namespace tl::server {
namespace {

// Which parameter is the campaign's id at which platform: support.google.com/google-ads 16193746
// ("gad_campaignid", 2025). utm_id is that of the source which the same tags name.
struct CampaignIdParam {
  Param param{};
  std::string_view platform;  // of AdSource
};
constexpr std::array kCampaignIdParams = {CampaignIdParam{Param::gad_campaignid, "google"}};

// What else a link gives the parameter (another click id, an address) is one visitor's, and the
// campaign outlives the click ids.
bool is_campaign_number(std::string_view value) {
  return !value.empty() && value.size() <= 20 &&
         value.find_first_not_of("0123456789") == value.npos;
}

std::span<const ClickId> click_ids_of(const Touch& touch) {
  return {touch.click_ids.data(), touch.click_id_count};
}

const CampaignIdParam* campaign_id_param(const ClickId& click) {
  const auto found =
      std::find_if(kCampaignIdParams.begin(), kCampaignIdParams.end(),
                   [&](const CampaignIdParam& known) { return known.param == click.param; });
  return found == kCampaignIdParams.end() ? nullptr : &*found;
}

}  // namespace

std::string campaign_of(const Touch& touch, std::string_view source) {
  if (!touch.campaign.empty()) return std::string(touch.campaign);
  if (!touch.campaign_id.empty()) return std::string(touch.campaign_id);
  for (const ClickId& click : click_ids_of(touch)) {
    const CampaignIdParam* const known = campaign_id_param(click);
    if (known != nullptr && is_campaign_number(click.value) &&
        ad_source(source).platform == known->platform)
      return std::string(click.value);
  }
  return {};
}

bool is_campaign_withheld(const Touch& touch) {
  if (!touch.campaign.empty() || !touch.campaign_id.empty()) return false;
  const auto ids = click_ids_of(touch);
  return std::any_of(ids.begin(), ids.end(), [](const ClickId& click) {
    return campaign_id_param(click) != nullptr && click.value == kWithheldValue;
  });
}

}  // namespace tl::server
