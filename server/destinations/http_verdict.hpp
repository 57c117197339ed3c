// SPDX-License-Identifier: Apache-2.0
// What an HTTP answer means where the vendor says nothing finer (RFC 9110; docs/destinations.md).
#pragma once

#include "server/core/ports/destination.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace tl::server::destinations {

// 2xx delivered; 429 the lane rests; 408, 425, 5xx and no answer are tried again; 401, 403, 404,
// 410 and redirects mean key or address: auth_failed; the rest is about the events: bisect, or
// reject when there is one.
DeliveryVerdict judge_status(std::string_view vendor, const OutgoingAnswer& answer,
                             std::size_t batch_size);

// "TikTok answered 400: …", with the start of the body.
std::string answer_sentence(std::string_view vendor, const OutgoingAnswer& answer);

// The events are at fault, nobody knows which.
DeliveryVerdict refused_events(std::string reason, std::size_t batch_size);

// Verdict of a batch whose refused events the vendor named: those are rejected with their reasons;
// `others` is what happens to the rest (delivered, or bisect: sent again without them).
class EachVerdict {
 public:
  EachVerdict(std::size_t batch_size, DeliveryVerdict::Kind others, std::string reason);
  // Out of range is ignored: the vendor counts otherwise than we do.
  EachVerdict& refuse(std::size_t index, std::string reason);
  EachVerdict& set(std::size_t index, DeliveryVerdict verdict);
  [[nodiscard]] DeliveryVerdict finish() &&;

 private:
  DeliveryVerdict verdict_;
  bool has_any_ = false;
};

}  // namespace tl::server::destinations
