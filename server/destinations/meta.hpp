// SPDX-License-Identifier: Apache-2.0
// Meta's Conversions API: POST {base_url}/{api_version}/{pixel_id}/events with up to 100 events.
// Source: Meta developer documentation "Conversions API: Using the API, Parameters, Handling
// Duplicate Events, Data processing options", 2026-11; npm facebook-nodejs-business-sdk 24.0.1.
#pragma once

#include "server/destinations/described.hpp"

namespace tl::server::destinations {

class Meta final : public DescribedDestination {
 public:
  Meta();
  Outcome<void> check(const DestinationConfig& config) const override;
  [[nodiscard]] std::string doubt(const DestinationConfig& config) const override;
  Outcome<std::string> build(const Dispatch& dispatch, const DestinationConfig& config,
                             std::int64_t now_ms) const override;
  OutgoingRequest envelope(const std::vector<std::string>& bodies,
                           const DestinationConfig& config) const override;
  [[nodiscard]] DeliveryVerdict judge(const OutgoingAnswer& answer,
                                      std::size_t batch_size) const override;
  // Meta's test events count like any other, so only with a test_event_code.
  [[nodiscard]] std::optional<OutgoingRequest> as_test(
      OutgoingRequest request, const DestinationConfig& config) const override;
};

}  // namespace tl::server::destinations
