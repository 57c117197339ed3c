// SPDX-License-Identifier: Apache-2.0
// Which headers of a CDN are read, and that nobody else's are.
#include "server/http/geo_headers.hpp"

#include "tests/catch.hpp"

using namespace tl::server;
using namespace tl::server::http;

namespace {

Place place_of(const std::string& family,
               std::vector<std::pair<std::string, std::string>> headers) {
  Request request;
  request.headers = std::move(headers);
  return place_in_headers(family, request);
}

}  // namespace

TEST_CASE("each family reads its own headers", "[geo]") {
  const auto vercel = place_of("vercel", {{"X-Vercel-IP-Country", "BR"},
                                          {"X-Vercel-IP-Country-Region", "SP"},
                                          {"X-Vercel-IP-City", "S%C3%A3o%20Paulo"}});
  CHECK(vercel.country == "BR");
  CHECK(vercel.region == "SP");
  CHECK(vercel.city == "São Paulo");

  const auto cloudflare = place_of("cloudflare", {{"CF-IPCountry", "CZ"}, {"cf-ipcity", "Brno"}});
  CHECK(cloudflare.country == "CZ");
  CHECK(cloudflare.city == "Brno");

  const auto cloudfront = place_of("cloudfront", {{"CloudFront-Viewer-Country", "DE"},
                                                  {"CloudFront-Viewer-Country-Region", "BE"}});
  CHECK(cloudfront.country == "DE");
  CHECK(cloudfront.region == "BE");

  const auto netlify = place_of(
      "netlify", {{"x-nf-geo",
                   "eyJjaXR5IjoiV2llbiIsImNvdW50cnkiOnsiY29kZSI6IkFUIiwibmFtZSI6IkF1c3RyaWEifSwic3V"
                   "iZGl2aXNpb24iOnsiY29kZSI6IjkiLCJuYW1lIjoiV2llbiJ9fQ=="}});
  CHECK(netlify.country == "AT");
  CHECK(netlify.region == "9");
  CHECK(netlify.city == "Wien");
  CHECK(place_of("netlify", {{"x-country", "PL"}}).country == "PL");

  const auto own = place_of("custom:X-Geo-Country, X-Geo-Region",
                            {{"X-Geo-Country", "FR"}, {"X-Geo-Region", "IDF"}});
  CHECK(own.country == "FR");
  CHECK(own.region == "IDF");
  CHECK(own.city.empty());
}

TEST_CASE("unknown places and nonsense are no place", "[geo]") {
  const std::string value =
      GENERATE(as<std::string>{}, "", "XX", "T1", "cz", "CZE", "C", "\xff\xff", "<script>");
  CHECK(place_of("cloudflare", {{"CF-IPCountry", value}}).country.empty());
}

TEST_CASE("a city in broken bytes is repaired and short", "[geo]") {
  const auto place = place_of("cloudflare", {{"cf-ipcity", "Br\xfc" + std::string(500, 'n')}});
  CHECK(place.city.substr(0, 5) == "Br\xef\xbf\xbd");
  CHECK(place.city.size() <= 100);
}

TEST_CASE("other families' headers are not read", "[geo]") {
  CHECK(place_of("vercel", {{"CF-IPCountry", "CZ"}}).country.empty());
  CHECK(place_of("", {{"CF-IPCountry", "CZ"}}).country.empty());
  CHECK(place_of("netlify", {{"x-nf-geo", "%%%"}}).country.empty());
}

TEST_CASE("families are checked by name", "[geo]") {
  CHECK(is_geo_family("vercel"));
  CHECK(is_geo_family("custom:X-Country"));
  CHECK_FALSE(is_geo_family("custom:"));
  CHECK_FALSE(is_geo_family("akamai"));
}
