// SPDX-License-Identifier: Apache-2.0
#include "server/destinations/settings.hpp"

#include "server/core/ascii.hpp"
#include "throughline/url.hpp"

#include <algorithm>

namespace tl::server::destinations {

std::string setting(const DestinationConfig& config, const std::string& name,
                    std::string_view default_value) {
  const auto found = config.settings.find(name);
  if (found == config.settings.end() || found->second.empty()) return std::string(default_value);
  return found->second;
}

std::string base_url(const DestinationConfig& config, std::string_view default_value) {
  std::string url = setting(config, "base_url", default_value);
  while (url.ends_with('/')) url.pop_back();
  return url;
}

ServerError bad_setting(const DestinationConfig& config, std::string_view name,
                        std::string_view why) {
  return invalid("bad_setting",
                 std::string(name) + " of destination " + config.name + " " + std::string(why));
}

bool is_word(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-';
}
bool is_visible(char c) {
  return c > ' ' && c <= '~';
}

Outcome<void> check_pattern(const DestinationConfig& config, const std::string& name,
                            bool (*allows)(char), std::size_t least, std::size_t most) {
  const std::string value = setting(config, name);
  if (value.empty() && least > 0)
    return invalid("missing_setting", "destination " + config.name + " needs " + name);
  if (value.size() > most) return bad_setting(config, name, "is too long");
  if (!std::all_of(value.begin(), value.end(), allows))
    return bad_setting(config, name, "holds a character that cannot be part of it");
  return {};
}

Outcome<void> check_base_url(const DestinationConfig& config) {
  const std::string value = setting(config, "base_url");
  if (value.empty()) return {};
  const auto url = parse_url(value);
  const bool is_web = value.starts_with("https://") || value.starts_with("http://");
  if (!is_web || !url.ok() || url.value().host.empty() || !url.value().query.empty() ||
      !url.value().fragment.empty())
    return bad_setting(config, "base_url", "must be an http or https URL without query");
  return {};
}

Outcome<void> check_flag(const DestinationConfig& config, const std::string& name) {
  const std::string value = setting(config, name, "false");
  if (value != "true" && value != "false")
    return bad_setting(config, name, "must be true or false");
  return {};
}

}  // namespace tl::server::destinations
