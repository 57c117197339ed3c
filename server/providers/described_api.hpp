// SPDX-License-Identifier: Apache-2.0
// The API of a provider whose description says all of it.
#pragma once

#include "server/core/ports/provider_api.hpp"
#include "server/providers/api_description.hpp"

namespace tl::server {

class DescribedApi final : public ProviderApi {
 public:
  // `provider` reads the events that are made of what the API answers; it outlives this.
  DescribedApi(const Provider& provider, ApiDescription description)
      : provider_(provider), description_(std::move(description)) {}

  [[nodiscard]] std::string_view name() const override { return provider_.name(); }
  [[nodiscard]] std::vector<std::string> lists() const override;
  Outcome<OutgoingRequest> list_request(const ListPlace& place,
                                        const PaymentConfig& config) const override;
  Outcome<ListPage> read_page(const ListPlace& place, const OutgoingAnswer& answer,
                              std::int64_t now_ms, const PaymentConfig& config,
                              const SiteConfig& site) const override;

  [[nodiscard]] bool has_lookups() const override { return !description_.lookups.empty(); }
  [[nodiscard]] bool needs_lookups() const override {
    return has_lookups() && description_.needs_lookups;
  }
  [[nodiscard]] bool counts_unanswered() const override { return description_.counts_unanswered; }
  Outcome<std::optional<OutgoingRequest>> lookup_request(
      LookupProgress& progress, const PaymentConfig& config) const override;
  [[nodiscard]] bool may_be_missing(const LookupProgress& progress) const override;
  Outcome<void> take_answer(LookupProgress& progress, const OutgoingAnswer& answer) const override;
  Outcome<std::vector<FetchedEvent>> read_lookup(const LookupProgress& progress,
                                                 std::int64_t now_ms, const PaymentConfig& config,
                                                 const SiteConfig& site) const override;

 private:
  [[nodiscard]] const OrderListing& listing(std::string_view name) const;
  [[nodiscard]] const OrderLookup* lookup_of(std::string_view subject) const;
  // GET, with the key. Errors: invalid (missing_setting).
  [[nodiscard]] Outcome<OutgoingRequest> request_of(const std::string& path,
                                                    const PaymentConfig& config) const;

  const Provider& provider_;
  ApiDescription description_;
};

}  // namespace tl::server
