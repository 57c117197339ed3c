// SPDX-License-Identifier: Apache-2.0
// Where a cost stands in a report. A platform names its campaign by type and itself by its own
// name, links by their tags; a cost belongs beside the revenue of its traffic. So it stands where
// what came by its campaign stands:
//   - the campaign's name, compared without case, or its id, under any name of the platform's
//   - in the asked days; came nothing in these, in any
//   - in a paid channel; came nothing in one, in any (never for costs that name no campaign)
//   - where a cost's channel and source were stated, not read from a platform's export, and
//     something came by that very channel and source: there alone
// Several such places share it by touches, exactly. Came nothing at all, it stands as it was told.
#pragma once

#include "server/core/classify/ad_source.hpp"
#include "server/core/ports/cost_store.hpp"
#include "server/core/ports/rollup_store.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace tl::server {

struct CostPlace {
  TrafficSource source;  // down to the campaign
  std::uint64_t touches = 0;
};

// A share of a cost.
struct CostPart {
  std::int64_t amount_minor = 0, clicks = 0, impressions = 0;
};

class CostPlaces {
 public:
  // What came by a source: in the asked days, or on any day.
  enum class When : std::uint8_t { asked, ever };
  void add_traffic(When when, const TrafficSource& source, std::int64_t touches);

  // Traffic worth adding next, for there may be far more campaigns than costs: first that of the
  // asked days, then that of any day for the costs which found none in these. false: none is.
  bool seek(const std::vector<CostRow>& costs);
  [[nodiscard]] bool seeks(std::string_view campaign) const;

  // `each` is told the source and the part, as often as there are places; the parts sum exactly.
  template <class Each>
  void split(const CostRow& cost, Each&& each) {
    const auto& places = places_of(cost);
    if (places.size() == 1)
      return each(places.front().source, {cost.amount_minor, cost.clicks, cost.impressions});
    const auto parts = shared(cost, places);
    for (std::size_t i = 0; i < places.size(); ++i) each(places[i].source, parts[i]);
  }

 private:
  struct Candidate {
    CostPlace place;
    AdSource from;
  };
  using ByCampaign = std::unordered_map<std::string, std::vector<Candidate>>;

  const AdSource& named(const std::string& source);
  const std::vector<CostPlace>& places_of(const CostRow& cost);
  std::vector<CostPlace> find_places(const CostRow& cost);
  std::vector<Candidate> candidates_in(const ByCampaign& traffic, const CostRow& cost);
  static std::vector<CostPart> shared(const CostRow& cost, const std::vector<CostPlace>& places);

  ByCampaign asked_, ever_;  // by platform and campaign
  std::unordered_set<std::string> sought_;
  std::unordered_map<std::string, AdSource> sources_;
  std::unordered_map<std::string, std::vector<CostPlace>> found_;  // by what a cost names
};

}  // namespace tl::server
