// SPDX-License-Identifier: Apache-2.0
// A webhook's headers: names compare in any case; of a repeated header the first counts, because
// joining signature headers with ", " would let a second one change how the first is read.
#include "server/core/access/secret_box.hpp"
#include "server/core/ports/provider.hpp"
#include "throughline/text.hpp"

namespace tl::server {

const std::string* WebhookRequest::header(std::string_view name) const {
  for (const auto& [key, value] : headers)
    if (equals_ignoring_case(key, name)) return &value;
  return nullptr;
}

std::string body_key(std::string_view body) {
  const Digest digest = sha256(body);
  return "sha256:" + to_hex(digest);
}

std::string Provider::event_key(const WebhookRequest& request,
                                const PaymentConfig& /*config*/) const {
  return body_key(request.body);
}

}  // namespace tl::server
