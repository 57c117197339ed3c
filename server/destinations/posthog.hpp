// SPDX-License-Identifier: Apache-2.0
// PostHog: POST {base_url}/batch/ with up to 100 events. Own measurement: it needs consent to
// storage; click ids and the address go along only with marketing consent.
// Source: PostHog docs "Capture and batch API endpoints, Timestamps, Sessions, Ingestion warnings",
// repository PostHog/posthog rust/capture, npm posthog-node 5.70.0 and posthog-js 1.430.0; 2026-11.
#pragma once

#include "server/destinations/described.hpp"

namespace tl::server::destinations {

class Posthog final : public DescribedDestination {
 public:
  Posthog();
  [[nodiscard]] bool uses_address(const DestinationConfig& config) const override;
  Outcome<void> check(const DestinationConfig& config) const override;
  Outcome<std::string> build(const Dispatch& dispatch, const DestinationConfig& config,
                             std::int64_t now_ms) const override;
  OutgoingRequest envelope(const std::vector<std::string>& bodies,
                           const DestinationConfig& config) const override;
  [[nodiscard]] DeliveryVerdict judge(const OutgoingAnswer& answer,
                                      std::size_t batch_size) const override;
};

}  // namespace tl::server::destinations
