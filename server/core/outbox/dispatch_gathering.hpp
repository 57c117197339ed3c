// SPDX-License-Identifier: Apache-2.0
// Collects from the store all that a destination may be told about one delivery, with consent as it
// is now. What consent does not permit is not in the result, so no adapter can leak it.
#pragma once

#include "server/core/config.hpp"
#include "server/core/outbox/delivery_consent.hpp"
#include "server/core/outcome.hpp"
#include "server/core/ports/destination.hpp"
#include "server/core/ports/store.hpp"

#include <optional>
#include <string_view>

namespace tl::server {

struct Gathered {
  Clearance clearance;
  Dispatch dispatch;  // only when clearance.may_send
  // Of what follows a sale (told_refunds.hpp).
  bool has_told_sale = false, has_told_another = false, is_beyond_sale = false;
};

// Reads only. A subject that is gone (erased) is not cleared, reason "erased".
// Errors: unavailable (store_unavailable).
Outcome<Gathered> gather_dispatch(Tables& tables, const SiteConfig& site,
                                  const DeliveryRow& delivery, Purpose purpose);

}  // namespace tl::server
