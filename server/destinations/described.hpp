// SPDX-License-Identifier: Apache-2.0
// A destination whose constants are a table: names of events, settings, limits. What is left to
// each is the shape of its events and the meaning of its answers.
#pragma once

#include "server/core/ports/destination.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace tl::server::destinations {

struct EventName {
  std::string_view ours, theirs;
  bool is_default = true;  // sent when the configuration names no events
};

struct Description {
  std::string_view kind, vendor, host;  // host: the default base_url; empty: none is taken
  Purpose purpose = Purpose::marketing;
  DestinationLimits limits;
  std::vector<EventName> names;
  std::string_view other_name;    // of events not in `names`; empty: their own name
  std::vector<Setting> settings;  // base_url is added
  std::string_view map;           // setting that names the vendor's id of each event: only those go
  bool uses_address = false;      // of the visitor
};

class DescribedDestination : public Destination {
 public:
  explicit DescribedDestination(Description description) : described_(std::move(description)) {}
  [[nodiscard]] std::string_view kind() const override { return described_.kind; }
  [[nodiscard]] std::string_view title() const override { return described_.vendor; }
  [[nodiscard]] Purpose purpose(const DestinationConfig&) const override {
    return described_.purpose;
  }
  [[nodiscard]] bool uses_address(const DestinationConfig&) const override {
    return described_.uses_address;
  }
  [[nodiscard]] DestinationLimits limits(const DestinationConfig&,
                                         std::string_view) const override {
    return described_.limits;
  }
  [[nodiscard]] std::vector<Setting> settings() const override;
  // What no ad platform takes (session_end, "*") and events without an id in `map` are refused.
  Outcome<void> check(const DestinationConfig& config) const override;
  [[nodiscard]] std::vector<std::string> default_events(
      const DestinationConfig& config) const override;
  // By the status alone: http_verdict.hpp.
  [[nodiscard]] DeliveryVerdict judge(const OutgoingAnswer& answer,
                                      std::size_t batch_size) const override;

 protected:
  [[nodiscard]] const Description& described() const { return described_; }
  [[nodiscard]] std::string their_name(const std::string& event_name) const;
  [[nodiscard]] bool has_name_for(std::string_view event_name) const;
  // JSON to base_url + path.
  [[nodiscard]] OutgoingRequest post(const DestinationConfig& config, const std::string& path,
                                     std::string body) const;

 private:
  Description described_;
};

}  // namespace tl::server::destinations
