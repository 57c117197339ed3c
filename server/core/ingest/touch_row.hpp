// SPDX-License-Identifier: Apache-2.0
// A decided touch as it is stored.
#pragma once

#include "server/core/classify/touch_classifier.hpp"
#include "server/core/records.hpp"
#include "throughline/session.hpp"

namespace tl::server {

// `event` gives ids, times and verdict. `fingerprint`: what decide() keeps of the touch.
TouchRow make_touch_row(const Touch& touch, const TouchClass& named, const Evidence& evidence,
                        std::int64_t fingerprint, const EventRow& event);

}  // namespace tl::server
