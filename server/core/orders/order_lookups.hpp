// SPDX-License-Identifier: Apache-2.0
// The use case "a webhook named what only the provider's API tells": look-ups wait in the store
// (fetch_store.hpp), are fetched here and told to the orders as their webhooks would have told
// them.
//   One thread for each site and provider that has any, so that an API that does not answer delays
//   its own look-ups alone. What a signed webhook asked for comes first. What fails is tried again
//   from 10 s to an hour later, or when the provider says. What is signed waits until it is told,
//   from the 30th day on with a try a day: the key or address may be another account's, and the
//   webhook does not come again. Of what nothing proves who asked, what the provider does not know
//   is dropped at once, and what it cannot tell in 30 days.
//   Where the webhook told a sale and only its look-up can say that it is none yet
//   (ProviderApi::counts_unanswered), the sale counts when the provider knows nothing of it after
//   three tries, does not answer for a day, or there is no key any more; its look-up goes on.
#pragma once

#include "server/core/clock.hpp"
#include "server/core/config.hpp"
#include "server/core/orders/orders.hpp"
#include "server/core/ports/http_client.hpp"
#include "server/core/ports/provider_api.hpp"
#include "server/core/ports/store.hpp"

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace tl::server {

struct OrderLookupParts {
  Store& store;
  HttpClient& client;
  const Clock& clock;
  Entropy& entropy;
  Orders& orders;
  std::function<const ProviderApi*(std::string_view provider)> find_api;
  std::function<void()> after_change;  // conversions may wait for delivery
  std::function<void(const LookupRow& lookup, const ServerError& error)> report;
};

class OrderLookups {
 public:
  // Keeps references.
  explicit OrderLookups(OrderLookupParts parts) : parts_(std::move(parts)) {}
  ~OrderLookups() { stop(); }
  OrderLookups(const OrderLookups&) = delete;
  OrderLookups& operator=(const OrderLookups&) = delete;

  // After a changed configuration: stop(), then start() again.
  void start(const std::vector<std::shared_ptr<const SiteConfig>>& sites);
  void stop();
  // What is due of one provider now, until one of it fails. Errors: unavailable.
  Outcome<void> run_due(const SiteConfig& site, const PaymentConfig& config);

 private:
  void run_lane(const SiteConfig& site, const PaymentConfig& config);
  Outcome<bool> look_up(const SiteConfig& site, const PaymentConfig& config, const ProviderApi& api,
                        LookupRow lookup);
  Outcome<void> put_off(const SiteConfig& site, const ProviderApi& api, LookupRow& lookup,
                        const ServerError& error, std::int64_t retry_after_ms = 0);
  Outcome<void> count_unanswered(const SiteConfig& site, const LookupRow& lookup);
  Outcome<void> drop(const LookupRow& lookup, const ServerError& error);
  Outcome<void> keep(const SiteConfig& site, const LookupRow& lookup,
                     std::vector<FetchedEvent> events);

  OrderLookupParts parts_;
  std::mutex mutex_;
  std::condition_variable stopped_;
  bool is_stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace tl::server
