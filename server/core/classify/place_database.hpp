// SPDX-License-Identifier: Apache-2.0
// Places by IP address from an MMDB file ([geo] mmdb), mapped into memory. Thread-safe. Two shapes
// of records are read, told apart by looking at the record: MaxMind's (country.iso_code,
// subdivisions[0].iso_code, city.names.en) and the flat one of the ip-location-db packages
// (country_code, state1, city). Facts: channels, section 7.1.
#pragma once

#include "server/core/classify/place.hpp"
#include "server/core/outcome.hpp"

#include <memory>
#include <string>

namespace tl::server {

class PlaceDatabase {
 public:
  // Errors: invalid (bad_geo_file): it cannot be read or is no MMDB.
  static Outcome<std::unique_ptr<PlaceDatabase>> open(const std::string& path);
  ~PlaceDatabase();
  PlaceDatabase(const PlaceDatabase&) = delete;
  PlaceDatabase& operator=(const PlaceDatabase&) = delete;

  // Empty for what is no IP address, and for private and unlisted ones.
  [[nodiscard]] Place find(const std::string& ip) const;

 private:
  struct File;
  explicit PlaceDatabase(std::unique_ptr<File> file);
  std::unique_ptr<File> file_;
};

}  // namespace tl::server
