// SPDX-License-Identifier: Apache-2.0
#include "server/http/statement_rejects.hpp"

#include "server/http/authorisation.hpp"
#include "server/http/error_reply.hpp"
#include "server/http/reject_row.hpp"
#include "server/http/unread_tally.hpp"
#include "throughline/text.hpp"

#include <utility>

namespace tl::server::http {

Reply refuse_statement(Store& store, const Request& request, const std::string& site_id,
                       const ServerError& error, HeaderList headers) {
  if (request.replayed || error.kind == ErrorKind::unavailable) return refused(error);
  RejectRow reject = reject_of(site_id, request, error);
  KeptSender sender;
  sender.has_secret_key = true;
  sender.headers = std::move(headers);
  reject.sender_json = write_kept_sender(sender);
  reject.body = request.body;
  const auto kept = keep_and_count(store, site_id, &reject, "conversion_rejected");
  return refused(kept.ok() ? error : kept.error());
}

std::function<void(const Request&, const ServerError&)> keep_unread_statement(
    const OrderRouteParts& parts) {
  return [parts](const Request& request, const ServerError& error) {
    const bool is_keyed = error.code == "body_too_large" && !secret_key_in(request).empty();
    const auto site_id = is_keyed ? parts.authorise(request, "write") : Outcome<std::string>("");
    if (!site_id.ok() || parts.find_site(site_id.value()) == nullptr)
      return parts.unread.add("", "rejected");
    RejectRow reject = reject_of(site_id.value(), request, error);
    parse_decimal(request.header("content-length"), reject.bytes);
    static_cast<void>(keep_and_count(parts.store, site_id.value(), &reject, "conversion_rejected"));
  };
}

}  // namespace tl::server::http
