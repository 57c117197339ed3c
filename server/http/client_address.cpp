// SPDX-License-Identifier: Apache-2.0
// X-Forwarded-For: repeated headers are joined in wire order, the walk goes from the right over
// trusted addresses and stops at the first untrusted or unreadable entry. An unreadable one leaves
// the last address that was understood.

#include "server/http/client_address.hpp"

#include "throughline/text.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <cstring>

namespace tl::server::http {
namespace {

constexpr std::array<std::uint8_t, 12> kMappedPrefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

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

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  if (text.empty() || text.size() >= INET6_ADDRSTRLEN) return std::nullopt;
  const std::string terminated(text);
  IpAddress address;
  in_addr v4{};
  if (inet_pton(AF_INET, terminated.c_str(), &v4) == 1) {
    std::copy(kMappedPrefix.begin(), kMappedPrefix.end(), address.bytes_.begin());
    std::memcpy(address.bytes_.data() + 12, &v4, 4);
    return address;
  }
  if (inet_pton(AF_INET6, terminated.c_str(), address.bytes_.data()) == 1) return address;
  return std::nullopt;
}

std::optional<IpAddress> IpAddress::parse_with_port(std::string_view text) {
  std::string_view port;
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    const auto rest = text.substr(end + 1);
    if (!rest.empty() && !rest.starts_with(':')) return std::nullopt;
    port = rest.empty() ? std::string_view("0") : rest.substr(1);
    text = text.substr(1, end - 1);
    if (text.find(':') == std::string_view::npos) return std::nullopt;
  } else if (std::count(text.begin(), text.end(), ':') == 1) {
    const auto colon = text.find(':');
    port = text.substr(colon + 1);
    text = text.substr(0, colon);
  } else {
    return parse(text);
  }
  std::int64_t number = 0;
  if (!parse_decimal(port, number) || number > 65535) return std::nullopt;
  return parse(text);
}

bool IpAddress::is_v4() const {
  return std::equal(kMappedPrefix.begin(), kMappedPrefix.end(), bytes_.begin());
}

std::string IpAddress::text() const {
  std::array<char, INET6_ADDRSTRLEN> out{};
  if (is_v4())
    inet_ntop(AF_INET, bytes_.data() + 12, out.data(), out.size());
  else
    inet_ntop(AF_INET6, bytes_.data(), out.data(), out.size());
  return out.data();
}

Outcome<AddressRange> AddressRange::parse(std::string_view text) {
  const auto slash = text.find('/');
  const auto address = IpAddress::parse(text.substr(0, slash));
  const auto refused = [&] {
    return invalid("bad_address_range", "'" + std::string(text) +
                                            "' is no IP address range; write for example "
                                            "10.0.0.0/8, 192.0.2.7 or fd00::/8.");
  };
  if (!address) return refused();
  AddressRange range;
  range.base_ = *address;
  if (slash == std::string_view::npos) return range;
  const int family_bits = address->is_v4() ? 32 : 128;
  std::int64_t bits = 0;
  if (!parse_decimal(text.substr(slash + 1), bits) || bits > family_bits) return refused();
  range.prefix_bits_ = static_cast<int>(bits) + 128 - family_bits;
  return range;
}

bool AddressRange::contains(const IpAddress& address) const {
  const auto& a = base_.bytes();
  const auto& b = address.bytes();
  const auto whole = static_cast<std::size_t>(prefix_bits_ / 8);
  if (!std::equal(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(whole), b.begin()))
    return false;
  const int rest = prefix_bits_ % 8;
  if (rest == 0) return true;
  return ((a[whole] ^ b[whole]) >> (8 - rest)) == 0;
}

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
