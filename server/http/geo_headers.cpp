// SPDX-License-Identifier: Apache-2.0
// Names: vendors' documentation. Vercel and CloudFront percent-encode cities, Cloudflare may send
// raw bytes: all are decoded and repaired to UTF-8. Netlify's x-nf-geo is JSON in base64.

#include "server/http/geo_headers.hpp"

#include "server/http/json_reader.hpp"
#include "throughline/out.hpp"
#include "throughline/text.hpp"
#include "throughline/url.hpp"

#include <openssl/evp.h>

#include <array>
#include <vector>

namespace tl::server::http {
namespace {

constexpr std::size_t kMaxPlaceBytes = 100;
constexpr std::size_t kMaxGeoBytes = 2048;
constexpr std::string_view kCustom = "custom:";

struct Family {
  std::string_view name, country, region, city;
};
constexpr Family kFamilies[] = {
    {"vercel", "x-vercel-ip-country", "x-vercel-ip-country-region", "x-vercel-ip-city"},
    {"cloudflare", "cf-ipcountry", "cf-region-code", "cf-ipcity"},
    {"cloudfront", "cloudfront-viewer-country", "cloudfront-viewer-country-region",
     "cloudfront-viewer-city"},
    {"netlify", "x-country", "", ""},
};

std::string readable(std::string_view raw) {
  std::array<char, 4 * kMaxPlaceBytes> buffer;
  Out out(buffer.data(), buffer.size());
  return std::string(trim(decode_percent(raw, kMaxPlaceBytes, out)));
}

// XX is unknown, T1 is Tor.
std::string country_of(std::string_view text) {
  const auto is_upper = [](char c) { return c >= 'A' && c <= 'Z'; };
  text = trim(text);
  if (text.size() != 2 || !is_upper(text[0]) || !is_upper(text[1]) || text == "XX") return {};
  return std::string(text);
}

Place read_names(const Family& names, const Request& request) {
  const auto value = [&](std::string_view name) {
    return name.empty() ? std::string_view{} : request.header(name);
  };
  return {country_of(value(names.country)), readable(value(names.region)),
          readable(value(names.city))};
}

std::string decode_base64(std::string_view text) {
  text = text.substr(0, kMaxGeoBytes);
  std::vector<unsigned char> bytes(text.size() / 4 * 3 + 3);
  const int size =
      EVP_DecodeBlock(bytes.data(), reinterpret_cast<const unsigned char*>(text.data()),
                      static_cast<int>(text.size()));
  if (size <= 0) return {};
  std::string decoded(bytes.begin(), bytes.begin() + size);
  while (!decoded.empty() && decoded.back() == '\0') decoded.pop_back();  // padding
  return decoded;
}

Place read_netlify(const Request& request, const Family& older) {
  const auto read = read_json_object(decode_base64(request.header("x-nf-geo")));
  if (!read.ok()) return read_names(older, request);
  const auto& json = read.value();
  return {country_of(text_at(object_at(json, "country"), "code")),
          readable(text_at(object_at(json, "subdivision"), "code")),
          readable(text_at(json, "city"))};
}

Family custom_family(std::string_view names) {
  Family family{kCustom, {}, {}, {}};
  family.country = trim(take_field(names, ','));
  family.region = trim(take_field(names, ','));
  family.city = trim(names);
  return family;
}

}  // namespace

bool is_geo_family(std::string_view family) {
  if (family.starts_with(kCustom))
    return !custom_family(family.substr(kCustom.size())).country.empty();
  for (const Family& known : kFamilies)
    if (known.name == family) return true;
  return false;
}

Place place_in_headers(std::string_view family, const Request& request) {
  if (family.starts_with(kCustom))
    return read_names(custom_family(family.substr(kCustom.size())), request);
  for (const Family& known : kFamilies)
    if (known.name == family)
      return family == "netlify" ? read_netlify(request, known) : read_names(known, request);
  return {};
}

}  // namespace tl::server::http
