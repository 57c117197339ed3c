// SPDX-License-Identifier: Apache-2.0
#include "server/destinations/settings.hpp"

#include "server/core/text/ascii.hpp"
#include "server/core/text/nearest_name.hpp"
#include "throughline/url.hpp"

#include <algorithm>

namespace tl::server::destinations {
namespace {

constexpr std::size_t kMostSettingBytes = 8192;

bool is_word(char c) {  // letters, digits, _ and -
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-';
}
bool is_visible(char c) {  // printable ASCII without blanks
  return c > ' ' && c <= '~';
}
bool is_text(char c) {
  return static_cast<unsigned char>(c) >= ' ' || c == '\n';
}

// http or https, a host, no query or fragment.
bool is_base_url(const std::string& value) {
  const auto url = parse_url(value);
  const bool is_web = value.starts_with("https://") || value.starts_with("http://");
  return is_web && url.ok() && !url.value().host.empty() && url.value().query.empty() &&
         url.value().fragment.empty();
}

Outcome<void> check_form(const DestinationConfig& config, const std::string& name,
                         const std::string& value, Setting::Form form) {
  if (value.size() > kMostSettingBytes) return bad_setting(config, name, "is too long");
  const auto consists_of = [&](bool (*allows)(char)) -> Outcome<void> {
    if (std::all_of(value.begin(), value.end(), allows)) return {};
    return bad_setting(config, name, "holds a character that cannot be part of it");
  };
  switch (form) {
    case Setting::Form::digits:
      if (std::all_of(value.begin(), value.end(), is_digit)) return {};
      return bad_setting(config, name, "must be digits alone");
    case Setting::Form::word:
      return consists_of(is_word);
    case Setting::Form::visible:
      return consists_of(is_visible);
    case Setting::Form::text:
      return consists_of(is_text);
    case Setting::Form::flag:
      if (value == "true" || value == "false") return {};
      return bad_setting(config, name, "must be true or false");
    case Setting::Form::url:
      if (is_base_url(value)) return {};
      return bad_setting(config, name, "must be an http or https URL without query");
  }
  return {};
}

}  // namespace

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

Outcome<void> check_settings(const DestinationConfig& config, const std::vector<Setting>& known) {
  for (const auto& [given_name, value] : config.settings) {
    const std::string& name = given_name;  // a lambda may not name a binding (clang 14)
    const std::string_view stem = std::string_view(name).substr(0, name.find('.'));
    const auto found = std::find_if(known.begin(), known.end(), [&](const Setting& each) {
      return each.name == stem && each.is_map == (stem.size() < name.size());
    });
    if (found == known.end()) {
      std::vector<std::string> names = {"events", "name"};
      for (const Setting& each : known) names.emplace_back(each.name);
      const std::string near = nearest_name(stem, names);
      return invalid("unknown_setting",
                     name + " is no setting of destination " + config.name +
                         (near.empty() || near == stem ? "" : "; did you mean " + near + "?"));
    }
    if (!value.empty()) TL_CHECK(check_form(config, name, value, found->form));
  }
  for (const Setting& each : known) {
    if (!each.is_required) continue;
    const bool is_given = each.is_map ? !mapped_events(config, each.name).empty()
                                      : !setting(config, std::string(each.name)).empty();
    if (!is_given)
      return invalid("missing_setting",
                     "destination " + config.name + " needs " + std::string(each.name));
  }
  return {};
}

Outcome<void> check_endpoint(const DestinationConfig& config, const std::string& name) {
  const std::string value = setting(config, name);
  const auto url = parse_url(value);
  const bool is_plain = value.starts_with("http://");
  if ((!is_plain && !value.starts_with("https://")) || !url.ok() || url.value().host.empty() ||
      !url.value().fragment.empty() || value.find('@') < value.find('/', value.find("//") + 2))
    return bad_setting(config, name, "must be an https URL without user and fragment");
  if (is_plain && setting(config, "allow_http") != "true")
    return bad_setting(config, name, "must be https; allow_http = true permits http");
  return {};
}

std::vector<std::string> mapped_events(const DestinationConfig& config, std::string_view map) {
  std::vector<std::string> events;
  const std::string prefix = std::string(map) + ".";
  for (const auto& [name, value] : config.settings)
    if (name.starts_with(prefix) && !value.empty()) events.push_back(name.substr(prefix.size()));
  return events;
}

}  // namespace tl::server::destinations
