// SPDX-License-Identifier: Apache-2.0
// What a batch adds to a session's context (marketing consent only; after an opt-out of sale
// without vendor cookies and click ids, for their limited use is told by address and user agent):
// first facts stay (landing URL, fbclid with the time it was first seen), vendor cookies and
// address follow the newest batch. The address is kept only for a destination that uses it.
#pragma once

#include "server/core/ingest/verify.hpp"

#include <vector>

namespace tl::server {

// What the page told; what it did not, as the request's own cookies have it.
VendorCookies vendor_cookies_of(const WireBatch& batch, const Sender& sender);

// true when the context changed. `events` are of one session, in order, at least one.
bool merge_context(SessionContext& context, const std::vector<const VerifiedEvent*>& events,
                   const VendorCookies& cookies, const Sender& sender, bool keeps_address);

}  // namespace tl::server
