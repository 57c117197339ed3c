// SPDX-License-Identifier: Apache-2.0
#include "server/http/webhook_rejects.hpp"

#include "server/core/durations.hpp"
#include "throughline/text.hpp"

#include <algorithm>

namespace tl::server::http {
namespace {

// Whose password or token it was, without keeping it.
std::string secret_mac(const SecretBox& box, std::string_view site_id, std::string_view secret) {
  const Digest key = box.derive("webhook secret", site_id);
  const Digest mac =
      hmac_sha256({reinterpret_cast<const char*>(key.data()), key.size()}, trim(secret));
  return to_hex(mac);
}

}  // namespace

bool is_secret_of(const SecretBox& box, std::string_view site_id, std::string_view secret,
                  std::string_view kept) {
  for (const auto* of = &box; of != nullptr; of = of->previous())
    if (equal_in_constant_time(secret_mac(*of, site_id, secret), kept)) return true;
  return false;
}

HeaderList headers_without(const HeaderList& headers, std::string_view given) {
  HeaderList kept = headers;
  if (!given.empty())
    std::erase_if(kept, [&](const auto& header) { return trim(header.second) == trim(given); });
  return kept;
}

RejectRow signed_reject(const std::string& site_id, const Request& request,
                        const ServerError& error, const SecretBox& box, std::string_view given) {
  KeptSender sender;
  sender.headers = headers_without(request.headers, given);
  if (!given.empty()) sender.secret_mac = secret_mac(box, site_id, given);
  RejectRow reject = reject_of(site_id, request, error);
  reject.is_proven = false;
  reject.sender_json = write_kept_sender(sender);
  reject.body = request.body;
  return reject;
}

RejectRow unsigned_reject(const std::string& site_id, const Request& request,
                          const ServerError& error, std::string_view endpoint) {
  RejectRow reject = reject_of(site_id, request, error);
  reject.is_proven = false;
  reject.key = FieldHash("tl-unsigned")
                   .add(endpoint)
                   .add(error.code)
                   .add(std::to_string(request.received_ms / kDayMs))
                   .finish();
  return reject;
}

RejectRow proven_reject(const std::string& site_id, const Request& request,
                        const ServerError& error, std::string_view given,
                        std::string_view event_key, std::uint32_t place) {
  KeptSender sender;
  sender.headers = headers_without(request.headers, given);
  sender.is_proven = true;
  sender.index = place;
  RejectRow reject = reject_of(site_id, request, error);
  reject.sender_json = write_kept_sender(sender);
  reject.body = request.body;
  reject.key = FieldHash("tl-reject").add(request.path).add(event_key).add_u32(place).finish();
  return reject;
}

}  // namespace tl::server::http
