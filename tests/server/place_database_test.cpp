// SPDX-License-Identifier: Apache-2.0
// Places by address, from both shapes of records.
#include "server/core/classify/place_database.hpp"

#include "tests/server/mmdb_writer.hpp"
#include "tests/server/support.hpp"

#include <fstream>

using namespace tl::server;
using namespace tl::server::test;

namespace {

class MmdbFile {
 public:
  MmdbFile() {
    MmdbWriter writer;
    const auto json = [](const char* text) { return nlohmann::json::parse(text); };
    writer.add_v4(0x51024500, 24,  // 81.2.69.0
                  json(R"({"country":{"iso_code":"GB"},"subdivisions":[{"iso_code":"ENG"}],
                           "city":{"names":{"de":"London","en":"London"}}})"));
    writer.add_v4(0x5CF70000, 16,  // 92.247.0.0
                  json(R"({"country_code":"BG","state1":"Sofia","city":"Sofia"})"));
    writer.add("0010000000000001", json(R"({"country_code":"CZ"})"));  // 2001::/16
    writer.add_v4(0x08080000, 16, json(R"({"country_code":"nonsense","city":5})"));
    writer.save(path());
  }
  [[nodiscard]] std::string path() const { return folder_.file("places.mmdb"); }

 private:
  TempFolder folder_;
};

}  // namespace

TEST_CASE("both shapes of records tell a place", "[geo]") {
  const MmdbFile file;
  const auto places = PlaceDatabase::open(file.path());
  REQUIRE(places.ok());

  const auto london = places.value()->find("81.2.69.142");
  CHECK(london.country == "GB");
  CHECK(london.region == "ENG");
  CHECK(london.city == "London");
  const auto sofia = places.value()->find("92.247.3.4");
  CHECK(sofia.country == "BG");
  CHECK(sofia.region == "Sofia");
  CHECK(places.value()->find("2001:db8::1").country == "CZ");
}

TEST_CASE("a file whose tree is missing is refused", "[geo]") {
  using namespace std::string_literals;
  const std::string end =
      "\xAB\xCD\xEFMaxMind.com\xE9"
      "Jnode_count\xC4\0\0\0xKrecord_size\xA2\0\x18Jip_version\xA2\0\x06"
      "[binary_format_major_version\xA2\0\x02[binary_format_minor_version\xA2\0\0"
      "Kbuild_epoch\x08\x02\0\0\0\0\0\0\0\x01Mdatabase_typeDCityIlanguages\x01\x04"
      "BenKdescription\xE1"
      "BenAx"s;
  const TempFolder folder;
  const auto path = folder.file("places.mmdb");
  std::ofstream(path, std::ios::binary) << std::string(200, '\0') + end;
  const auto places = PlaceDatabase::open(path);
  REQUIRE_FALSE(places.ok());
  CHECK(places.error().code == "bad_geo_file");
}

TEST_CASE("an address that is not listed has no place", "[geo]") {
  const MmdbFile file;
  const auto places = PlaceDatabase::open(file.path());
  REQUIRE(places.ok());
  const std::string ip =
      GENERATE(as<std::string>{}, "127.0.0.1", "10.0.0.1", "3000::1", "", "no address", "8.8.8.8");
  CHECK(places.value()->find(ip).country.empty());
  CHECK(places.value()->find(ip).city.empty());
}

TEST_CASE("what is no MMDB is refused with its name", "[geo]") {
  const TempFolder folder;
  const auto path = folder.file("text.mmdb");
  std::ofstream(path) << "no database";
  const auto refused = PlaceDatabase::open(path);
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().code == "bad_geo_file");
  CHECK(refused.error().detail.find(path) != std::string::npos);
  CHECK_FALSE(PlaceDatabase::open(folder.file("missing.mmdb")).ok());
}
