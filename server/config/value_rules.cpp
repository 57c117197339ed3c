// SPDX-License-Identifier: Apache-2.0
// What a name, a currency, an origin, a time zone and a URL of the configuration look like.

#include "server/config/keys.hpp"
#include "server/core/orders/currency.hpp"
#include "throughline/url.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <string>

namespace tl::server {

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  });
}

std::string name_complaint(const Value& value) {
  return is_name(std::get<std::string>(value)) ? "" : "must be 1 to 64 of A-Z a-z 0-9 _ -";
}

std::string optional_name_complaint(const Value& value) {
  return std::get<std::string>(value).empty() ? "" : name_complaint(value);
}

std::string currency_complaint(const Value& value) {
  const auto& text = std::get<std::string>(value);
  const auto code = parse_currency(text);
  return code.ok() && code.value() == text ? "" : "must be an upper-case ISO 4217 code like EUR";
}

std::string web_url_complaint(std::string_view url) {
  const auto parsed = parse_url(url);
  if (!parsed.ok() || parsed.value().host.empty() ||
      (parsed.value().scheme != "https" && parsed.value().scheme != "http"))
    return "must be a URL that starts with https:// or http://";
  return "";
}

std::string api_url_complaint(std::string_view url) {
  if (auto wrong = web_url_complaint(url); !wrong.empty()) return wrong;
  const auto authority = url.substr(url.find("//") + 2);
  const bool has_user = authority.substr(0, authority.find('/')).find('@') != authority.npos;
  const bool is_plain =
      std::all_of(url.begin(), url.end(), [](char c) { return c > ' ' && c <= '~'; });
  if (!is_plain || has_user || url.find_first_of("?#") != url.npos)
    return "must be a plain URL, without user, query, fragment or blanks: paths are added to it";
  return "";
}

// Exactly what a browser sends as Origin: scheme, host, port unless it is the default; "*" for all.
std::string origin_complaint(std::string_view origin) {
  if (origin == "*") return "";
  if (origin == "http://*" || origin == "https://*")
    return "must be an exact origin; write \"*\" to allow every one, for tests only";
  const auto parsed = parse_url(origin);
  std::string expected = "must be an exact origin like https://shop.example (no path)";
  if (!parsed.ok()) return expected;
  const auto& url = parsed.value();
  std::string exact = std::string(url.scheme) + "://" + std::string(url.host);
  if (!url.port.empty()) exact += ":" + std::string(url.port);
  if ((url.scheme != "http" && url.scheme != "https") || url.host.empty()) return expected;
  if (url.host.find('*') != url.host.npos)
    return "must be an exact origin; no part of a host can be *: list each origin, like "
           "https://shop.example and https://www.shop.example";
  if (origin != exact) return expected + "; did you mean " + exact + "?";
  if (std::any_of(origin.begin(), origin.end(), [](char c) { return c >= 'A' && c <= 'Z'; }))
    return "must be lower case, as browsers send it";
  if ((url.scheme == "https" && url.port == "443") || (url.scheme == "http" && url.port == "80"))
    return "must leave the default port out, as browsers do";
  return "";
}

// The system's time zone database (package tzdata) decides.
std::string time_zone_complaint(std::string_view name) {
  const bool is_name =
      !name.empty() && name.front() != '/' && name.find("..") == std::string_view::npos &&
      std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '/' || c == '_' || c == '-' || c == '+';
      });
  if (name == "UTC") return "";
  if (is_name) {
    std::ifstream zone("/usr/share/zoneinfo/" + std::string(name), std::ios::binary);
    std::array<char, 4> magic{};
    if (zone.read(magic.data(), magic.size()) && std::string_view(magic.data(), 4) == "TZif")
      return "";
  }
  return "must be a time zone of this system's database, like Europe/Prague";
}

}  // namespace tl::server
