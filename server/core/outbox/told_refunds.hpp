// SPDX-License-Identifier: Apache-2.0
// What one destination hears of a refund. It goes by what that destination was told of the sale,
// which may have grown since: a sale told as 8 of which 20 are given back is 8 and a refund of 8.
#pragma once

#include "server/core/outcome.hpp"
#include "server/core/ports/store.hpp"
#include "server/core/records.hpp"

#include <cstdint>

namespace tl::server {

struct ToldRefund {
  std::int64_t occurred_ms = 0;
  std::int64_t amount_minor = 0;
  // The destination was told of the sale, or will be.
  bool has_told_sale = false;
  // Its name stood for another account then, which was told.
  bool has_told_another = false;
  // The refunds before this one have given back all that it was told of; nothing is left.
  bool is_beyond_sale = false;
};

// `refund`: a delivery of what follows a sale (follows_sale()).
Outcome<ToldRefund> told_refund(Tables& tables, const DeliveryRow& refund,
                                const ConversionRow& conversion, const OrderRow& order);

}  // namespace tl::server
