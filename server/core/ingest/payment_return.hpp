// SPDX-License-Identifier: Apache-2.0
// A buyer's way back from paying over a page that no list can name: the bank of an iDEAL payment or
// of a 3-D Secure check. It follows checkout_started in the same session, and a referrer is all
// that it brings; whoever comes back by a search engine, a network or an e-mail came anew. Only the
// server knows: the touch is not kept, and the verdict, which compares what decide() says, stays.
#pragma once

#include "server/core/ingest/verify.hpp"
#include "server/core/ports/store.hpp"

#include <vector>

namespace tl::server {

// `before`: what came earlier in the same batch. Reads the store only where the touch may be one.
Outcome<bool> is_payment_return(const VerifiedEvent& arrival,
                                const std::vector<VerifiedEvent>& before, Store& store);

}  // namespace tl::server
