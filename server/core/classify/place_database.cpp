// SPDX-License-Identifier: Apache-2.0

#include "server/core/classify/place_database.hpp"

#include "throughline/text.hpp"

#include <initializer_list>
#include <maxminddb.h>
#include <utility>
#include <vector>

namespace tl::server {
namespace {

constexpr std::size_t kMaxNameBytes = 100;

// The text at a path within the record; "" where there is none.
std::string text_at(MMDB_entry_s& entry, std::initializer_list<const char*> path) {
  std::vector<const char*> steps(path);
  steps.push_back(nullptr);
  MMDB_entry_data_s data;
  if (MMDB_aget_value(&entry, &data, steps.data()) != MMDB_SUCCESS || !data.has_data ||
      data.type != MMDB_DATA_TYPE_UTF8_STRING)
    return {};
  return std::string(cut_utf8({data.utf8_string, data.data_size}, kMaxNameBytes));
}

std::string first_of(std::string a, std::string b) {
  return std::move(a.empty() ? b : a);
}

}  // namespace

// What could not be opened was given back by the library: closing it again would crash.
struct PlaceDatabase::File {
  MMDB_s mmdb{};
  bool is_open = false;
  ~File() {
    if (is_open) MMDB_close(&mmdb);
  }
};

PlaceDatabase::PlaceDatabase(std::unique_ptr<File> file) : file_(std::move(file)) {}
PlaceDatabase::~PlaceDatabase() = default;

Outcome<std::unique_ptr<PlaceDatabase>> PlaceDatabase::open(const std::string& path) {
  auto file = std::make_unique<File>();
  const int status = MMDB_open(path.c_str(), MMDB_MODE_MMAP, &file->mmdb);
  file->is_open = status == MMDB_SUCCESS;
  if (!file->is_open)
    return invalid("bad_geo_file", "[geo] mmdb: " + path +
                                       " cannot be used: " + MMDB_strerror(status) +
                                       "; name a MaxMind-format file, or leave mmdb empty");
  return std::unique_ptr<PlaceDatabase>(new PlaceDatabase(std::move(file)));
}

Place PlaceDatabase::find(const std::string& ip) const {
  int address_error = 0, lookup_error = MMDB_SUCCESS;
  auto found = MMDB_lookup_string(&file_->mmdb, ip.c_str(), &address_error, &lookup_error);
  Place place;
  if (address_error != 0 || lookup_error != MMDB_SUCCESS || !found.found_entry) return place;
  auto& entry = found.entry;
  place.country =
      first_of(text_at(entry, {"country", "iso_code"}), text_at(entry, {"country_code"}));
  if (place.country.size() != 2) place.country.clear();
  place.region =
      first_of(text_at(entry, {"subdivisions", "0", "iso_code"}), text_at(entry, {"state1"}));
  place.city = first_of(text_at(entry, {"city", "names", "en"}), text_at(entry, {"city"}));
  return place;
}

}  // namespace tl::server
