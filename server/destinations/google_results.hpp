// SPDX-License-Identifier: Apache-2.0
// What became of a request that the Data Manager API took (GET /v1/requestStatus:retrieve): a state
// for each conversion action, with counts by reason; no event is named.
// Source: npm @google-ads/datamanager 0.3.0 (request_status_per_destination, processing_errors
// protos); Google documentation "Data Manager API: Diagnostics"; 2026-11.
#pragma once

#include "server/core/ports/destination.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace tl::server::destinations {

// Where one event of the request went.
struct GoogleTarget {
  std::string reference;          // of the destination in the request
  std::string conversion_action;  // its productDestinationId
  bool is_refund = false;         // a sale told again to restate it
};

// One verdict for each of `targets`, in their order (Destination::judge_result).
DeliveryVerdict judge_google_result(const OutgoingAnswer& answer,
                                    const std::vector<GoogleTarget>& targets);

// No event is at fault: the set-up is.
bool is_about_the_google_account(std::string_view reason);

}  // namespace tl::server::destinations
