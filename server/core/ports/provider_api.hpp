// SPDX-License-Identifier: Apache-2.0
// A provider's own API, asked for the orders of the past and for what its webhooks only name:
// writes the requests and reads the answers into what its webhooks would have said. Pure: sending,
// waiting and keeping are the use case's (server/core/orders/order_import.hpp, order_lookups.hpp).
#pragma once

#include "server/core/config.hpp"
#include "server/core/outcome.hpp"
#include "server/core/ports/http_client.hpp"
#include "server/core/ports/provider.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tl::server {

// Which page of which list.
struct ListPlace {
  std::string list;
  std::string cursor;  // of the page before; empty: the first
  std::int64_t since_ms = 0;
};

// What a webhook would have said, and what it means.
struct FetchedEvent {
  std::string headers_json = "{}", body;
  std::vector<OrderChange> changes;  // at least one that is not ignored
};

struct ListPage {
  std::int64_t items = 0;
  std::vector<FetchedEvent> events;
  std::vector<std::string> unreadable;  // a sentence for each item that makes no sense
  std::string next;                     // cursor of the next page; empty: this was the last
};

// How far a look-up has come.
struct LookupProgress {
  std::string subject, event_type;  // what is looked up, and why
  std::string document{};           // what the API told so far; JSON
  std::size_t step = 0;
};

class ProviderApi {
 public:
  virtual ~ProviderApi() = default;
  [[nodiscard]] virtual std::string_view name() const = 0;
  // What can be listed, in the order in which it is to be read.
  [[nodiscard]] virtual std::vector<std::string> lists() const = 0;
  // Errors: invalid (missing_setting).
  virtual Outcome<OutgoingRequest> list_request(const ListPlace& place,
                                                const PaymentConfig& config) const = 0;
  // Of an answer with status 2xx. Errors: unavailable (unreadable_answer).
  virtual Outcome<ListPage> read_page(const ListPlace& place, const OutgoingAnswer& answer,
                                      std::int64_t now_ms, const PaymentConfig& config,
                                      const SiteConfig& site) const = 0;

  // Whether webhooks name what has to be fetched.
  [[nodiscard]] virtual bool has_lookups() const = 0;
  // Whether no sale is known without them, so that an API key has to be configured.
  [[nodiscard]] virtual bool needs_lookups() const = 0;
  // Whether a sale that its webhook told, and that waits for what the API says of it, counts where
  // that is not told.
  [[nodiscard]] virtual bool counts_unanswered() const = 0;
  // What to ask next; none when all is told. Errors: invalid (missing_setting, unknown_subject).
  virtual Outcome<std::optional<OutgoingRequest>> lookup_request(
      LookupProgress& progress, const PaymentConfig& config) const = 0;
  // Whether the look-up goes on without what was asked last, where the API knows no such thing.
  [[nodiscard]] virtual bool may_be_missing(const LookupProgress& progress) const = 0;
  // Of an answer with status 2xx. Errors: unavailable (unreadable_answer).
  virtual Outcome<void> take_answer(LookupProgress& progress,
                                    const OutgoingAnswer& answer) const = 0;
  // When all is told. Errors: invalid (malformed_body).
  virtual Outcome<std::vector<FetchedEvent>> read_lookup(const LookupProgress& progress,
                                                         std::int64_t now_ms,
                                                         const PaymentConfig& config,
                                                         const SiteConfig& site) const = 0;
};

}  // namespace tl::server
