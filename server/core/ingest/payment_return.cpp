// SPDX-License-Identifier: Apache-2.0

#include "server/core/ingest/payment_return.hpp"

#include <algorithm>

namespace tl::server {
namespace {

constexpr std::string_view kCheckout = "checkout_started";

// Shops are in: a wallet's page may be one (Shop Pay on shop.app).
bool may_be_return(const VerifiedEvent& arrival) {
  return arrival.touch && arrival.is_referred_only &&
         (arrival.touch->channel == Channel::referral ||
          arrival.touch->channel == Channel::organic_shopping);
}

}  // namespace

Outcome<bool> is_payment_return(const VerifiedEvent& arrival,
                                const std::vector<VerifiedEvent>& before, Store& store) {
  if (!may_be_return(arrival)) return false;
  const EventRow& page = arrival.event;
  const auto begins_checkout = [&page](const VerifiedEvent& earlier) {
    return earlier.event.name == kCheckout && earlier.event.session_id == page.session_id &&
           earlier.event.t_ms <= page.t_ms;
  };
  if (std::any_of(before.begin(), before.end(), begins_checkout)) return true;
  std::optional<std::int64_t> begun_ms;
  TL_CHECK(store.read([&](Tables& tables) -> Outcome<void> {
    TL_TRY(newest,
           tables.events().newest_event(page.site_id, page.anonymous_id, kCheckout, page.t_ms));
    begun_ms = newest;
    return {};
  }));
  return begun_ms && *begun_ms >= arrival.session_started_ms;
}

}  // namespace tl::server
