// SPDX-License-Identifier: Apache-2.0
// A payment provider on whose page a checkout can be made: writes the request that creates it and
// reads the answer. Pure: sending and repeating are the use case's
// (server/core/orders/checkouts.hpp).
#pragma once

#include "server/core/config.hpp"
#include "server/core/outcome.hpp"
#include "server/core/ports/http_client.hpp"
#include "throughline/checkout.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tl::server {

struct CheckoutOrder {
  CheckoutItem item;
  std::string site_name;          // names a free amount without a name of its own
  std::int64_t amount_minor = 0;  // of one piece; free amounts only
  std::int64_t quantity = 1;
  std::string email;                   // prefilled; may be empty
  std::string promotion_code, coupon;  // ids at the provider; one of them at most
  std::optional<Handover> handover;    // the visit's ids
  std::string coarse;           // without them, what may be said of the visit (coarse_origin.hpp)
  std::string idempotency_key;  // the same for every repeat
};

struct MadeCheckout {
  std::string id, url;
};

class CheckoutMaker {
 public:
  virtual ~CheckoutMaker() = default;
  [[nodiscard]] virtual std::string_view name() const = 0;
  // Errors: invalid (bad_amount) when the provider cannot charge it.
  virtual Outcome<OutgoingRequest> request(const CheckoutOrder& order,
                                           const PaymentConfig& config) const = 0;
  // Whether the same request may be sent again after this answer.
  [[nodiscard]] virtual bool may_repeat(const OutgoingAnswer& answer) const = 0;
  // Errors: unavailable (provider_unreachable, provider_refused_key, provider_failed,
  // unreadable_answer), limited (provider_busy), invalid (bad_email, checkout_refused).
  virtual Outcome<MadeCheckout> read(const OutgoingAnswer& answer) const = 0;
};

}  // namespace tl::server
