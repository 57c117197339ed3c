// SPDX-License-Identifier: Apache-2.0
// The use case "what the webhooks missed": reads a provider's lists page by page and tells each
// item the way its webhook would have told it (orders.hpp), so that what is known already changes
// nothing. How far it came is stored after each page: a run that was stopped goes on there, where
// account and address of the API are the same, and then reads what came since it began, for most
// lists show the newest first and those that were done are not read again.
//   A busy provider (429, 503) is waited for as long as it says; one that fails or cannot be
//   reached is asked five times in a minute, then the run ends with its error.
#pragma once

#include "server/core/clock.hpp"
#include "server/core/orders/orders.hpp"
#include "server/core/ports/http_client.hpp"
#include "server/core/ports/provider_api.hpp"
#include "server/core/ports/store.hpp"

#include <cstdint>
#include <functional>
#include <string>

namespace tl::server {

// What happens in a run, for whoever watches it. No field is set that does not belong to it.
struct ImportNews {
  const ImportMark& mark;
  bool is_resumed = false;    // goes on with a run that was stopped
  std::int64_t pause_ms = 0;  // waits before the next try
  std::string said;           // why it waits, or what could not be read
};

class OrderImport {
 public:
  using Pause = std::function<void(std::int64_t ms)>;
  using Watch = std::function<void(const ImportNews& news)>;

  // Keeps references.
  OrderImport(Store& store, const Clock& clock, Orders& orders, HttpClient& client, Pause pause,
              Watch watch)
      : store_(store),
        clock_(clock),
        orders_(orders),
        client_(client),
        pause_(std::move(pause)),
        watch_(std::move(watch)) {}

  // All lists from `since_ms` on. `starts_anew`: forgets how far a stopped run had come. Errors:
  // those of ProviderApi and judge_call(), unavailable (store_unavailable).
  Outcome<ImportMark> run(const SiteConfig& site, const PaymentConfig& config,
                          const ProviderApi& api, std::int64_t since_ms, bool starts_anew);

 private:
  struct Begun {
    ImportMark mark;
    bool is_resumed;
  };
  enum class Place : std::uint8_t { stored, untold };  // how far a list is read

  Outcome<Begun> begin(const SiteConfig& site, const PaymentConfig& config, const ProviderApi& api,
                       std::int64_t since_ms, bool starts_anew);
  Outcome<OutgoingAnswer> ask(const OutgoingRequest& request, std::string_view provider,
                              const ImportMark& mark);
  Outcome<void> keep(const SiteConfig& site, const ListPage& page, ImportMark& mark);
  Outcome<void> read_list(const SiteConfig& site, const PaymentConfig& config,
                          const ProviderApi& api, ImportMark& mark, Place place);
  // From the mark's list on.
  Outcome<void> read_lists(const SiteConfig& site, const PaymentConfig& config,
                           const ProviderApi& api, ImportMark& mark, Place place);
  Outcome<void> store_mark(const ImportMark& mark);

  Store& store_;
  const Clock& clock_;
  Orders& orders_;
  HttpClient& client_;
  Pause pause_;
  Watch watch_;
};

}  // namespace tl::server
