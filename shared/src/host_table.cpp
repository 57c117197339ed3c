// SPDX-License-Identifier: Apache-2.0
// Looking up hosts and source names in a packed table. A linear search over a few hundred entries,
// skipped by their length byte: small in the browser, about a microsecond on the server. The
// generator puts short names first and wildcards last, so the first match is the most specific one.
#include "throughline/channel.hpp"
#include "throughline/text.hpp"
#include "throughline/url.hpp"

namespace tl {
namespace {

struct HostEntry {
  std::string_view pattern;  // "fb", "bing.com", "google.*"
  HostMatch match;
};

bool next_entry(std::string_view& packed, HostEntry& entry) {
  if (packed.empty()) return false;
  const auto size = static_cast<std::uint8_t>(packed[0]);
  auto text = packed.substr(2, size);
  entry.match.category = static_cast<HostCategory>(packed[1]);
  packed.remove_prefix(2U + size);
  entry.pattern = take_until(text, "=");
  entry.match.name = text;
  if (text.empty()) {
    text = entry.pattern;
    entry.match.name = take_until(text, ".");
  } else {
    entry.match.name.remove_prefix(1);
  }
  return true;
}

}  // namespace

HostMatch match_host(std::string_view host, const HostTable& table) {
  HostEntry entry;
  const std::size_t suffix = suffix_start(host);
  auto level = host;
  do {
    // "google." of google.co.uk, for wildcards.
    const std::size_t stem_size = suffix - (host.size() - level.size());
    for (auto packed = table.packed; next_entry(packed, entry);) {
      const auto pattern = entry.pattern;
      const bool is_wildcard = pattern.back() == '*';
      if (equals_ignoring_case(level.substr(0, is_wildcard ? stem_size : level.size()),
                               pattern.substr(0, pattern.size() - (is_wildcard ? 1 : 0)))) {
        return entry.match;
      }
    }
    take_field(level, '.');
  } while (host.size() - level.size() < suffix);

  auto rest = host;
  const auto label = take_until(rest, ".");
  const bool is_mail = !rest.empty() && (find_word("mail", label) == 0 ||
                                         equals_ignoring_case(label.substr(0, 7), "webmail"));
  return {is_mail ? HostCategory::email : HostCategory::none, {}};
}

HostMatch match_source(std::string_view source, const HostTable& table) {
  if (contains(source, ".")) return match_host(source, table);
  // First labels that are common words name no source.
  if (find_word("mail|email|search|shop|shopping|you|poe|chat|wish|ask|com", source) >= 0)
    return {};
  HostEntry entry;
  for (auto packed = table.packed; next_entry(packed, entry);) {
    auto rest = entry.pattern;
    const auto label = take_until(rest, ".");
    if (!equals_ignoring_case(label, source)) continue;
    // A short name, or the first label of a pattern of two, if it is longer than two letters.
    if (rest.empty() || (label.size() > 2 && !contains(rest.substr(1), "."))) return entry.match;
  }
  return {};
}

}  // namespace tl
