// SPDX-License-Identifier: Apache-2.0
// Sends a destination's request with what one attempt needs on top: an access token, fetched once
// and kept until a minute before it ends, and the destination's own signature. A token that the
// vendor no longer takes is fetched anew, once. One caller at a time.
#pragma once

#include "server/core/clock.hpp"
#include "server/core/config.hpp"
#include "server/core/ports/destination.hpp"
#include "server/core/ports/http_client.hpp"

#include <optional>
#include <string>

namespace tl::server {

class SignedSending {
 public:
  // Keeps references.
  SignedSending(HttpClient& client, const Clock& clock, Entropy& entropy)
      : client_(client), clock_(clock), entropy_(entropy) {}

  struct Result {
    OutgoingAnswer answer;
    // Set when no token was to be had: the request itself was not sent.
    std::optional<DeliveryVerdict> refusal;
  };
  Result send(const Destination& destination, const DestinationConfig& config,
              const OutgoingRequest& request);

 private:
  std::optional<Result> renew_token(const Destination& destination,
                                    const DestinationConfig& config);

  HttpClient& client_;
  const Clock& clock_;
  Entropy& entropy_;
  std::optional<AccessToken> token_;
  std::string token_settings_;  // what the token was fetched with
};

}  // namespace tl::server
