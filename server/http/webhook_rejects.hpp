// SPDX-License-Identifier: Apache-2.0
// What a refused webhook leaves in the reject log: enough to be replayed where its sender may still
// turn out to be right, one line a day where it is not even signed.
#pragma once

#include "server/core/access/secret_box.hpp"
#include "server/core/ingest/kept_sender.hpp"
#include "server/http/reject_row.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace tl::server::http {

// Whether `kept`, the KeptSender::secret_mac of a reject, was made of `secret`, by this server's
// secret or one before.
bool is_secret_of(const SecretBox& box, std::string_view site_id, std::string_view secret,
                  std::string_view kept);

// What may be kept of a request's headers: not the password or token `given` in one of them.
HeaderList headers_without(const HeaderList& headers, std::string_view given);

// Signed, by a secret that is none of ours. `given`: the password or token in place of a signature.
RejectRow signed_reject(const std::string& site_id, const Request& request,
                        const ServerError& error, const SecretBox& box, std::string_view given);
// Not signed: without the body, one a day of each code at `endpoint`.
RejectRow unsigned_reject(const std::string& site_id, const Request& request,
                          const ServerError& error, std::string_view endpoint);
// Proven to be the provider's. One for each `event_key`, however often it is sent. `place`: which
// of several events of the delivery, from 1 on; 0: all of it.
RejectRow proven_reject(const std::string& site_id, const Request& request,
                        const ServerError& error, std::string_view given,
                        std::string_view event_key, std::uint32_t place);

}  // namespace tl::server::http
