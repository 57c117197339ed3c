// SPDX-License-Identifier: Apache-2.0
// X-Forwarded-For: repeated headers are joined in wire order, the walk goes from the right over
// trusted addresses and stops at the first untrusted or unreadable entry. An unreadable one leaves
// the last address that was understood.

#include "server/http/client_address.hpp"

#include "throughline/text.hpp"

#include <algorithm>

namespace tl::server::http {
namespace {

std::string joined(const std::vector<std::pair<std::string, std::string>>& headers,
                   std::string_view name) {
  std::string all;
  for (const auto& [key, value] : headers) {
    if (!equals_ignoring_case(key, name)) continue;
    if (!all.empty()) all += ',';
    all += value;
  }
  return all;
}

}  // namespace

Outcome<TrustedProxies> TrustedProxies::parse(const std::vector<std::string>& ranges) {
  std::vector<AddressRange> parsed;
  for (const auto& text : ranges) {
    TL_TRY(range, AddressRange::parse(text));
    parsed.push_back(range);
  }
  return TrustedProxies(std::move(parsed));
}

bool TrustedProxies::trusts(const IpAddress& address) const {
  return std::any_of(ranges_.begin(), ranges_.end(),
                     [&](const AddressRange& range) { return range.contains(address); });
}

TrustedProxies::Client TrustedProxies::client(
    std::string_view peer, const std::vector<std::pair<std::string, std::string>>& headers) const {
  const auto direct = IpAddress::parse(peer);
  if (!direct) return {std::string(peer)};
  Client client{direct->text()};
  if (!trusts(*direct)) return client;
  client.is_proxied = true;

  // The nearest proxy speaks last.
  const auto protocols = joined(headers, "X-Forwarded-Proto");
  const auto last_comma = protocols.rfind(',');
  const auto protocol = trim(
      std::string_view(protocols).substr(last_comma == std::string::npos ? 0 : last_comma + 1));
  client.is_secure = equals_ignoring_case(protocol, "https");

  const auto forwarded = joined(headers, "X-Forwarded-For");
  std::string_view rest = forwarded;
  while (!rest.empty()) {
    const auto comma = rest.rfind(',');
    const auto entry = trim(comma == std::string_view::npos ? rest : rest.substr(comma + 1));
    rest = comma == std::string_view::npos ? std::string_view{} : rest.substr(0, comma);
    const auto address = IpAddress::parse_with_port(entry);
    if (!address) break;
    client.ip = address->text();
    if (!trusts(*address)) break;
  }
  return client;
}

}  // namespace tl::server::http
