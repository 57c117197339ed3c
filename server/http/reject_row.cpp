// SPDX-License-Identifier: Apache-2.0
#include "server/http/reject_row.hpp"

namespace tl::server::http {

RejectRow reject_of(const std::string& site_id, const Request& request, const ServerError& error) {
  RejectRow reject;
  reject.site_id = site_id;
  reject.t_ms = request.received_ms;
  reject.route = request.path;
  reject.code = error.code;
  reject.message = error.detail;
  reject.bytes = static_cast<std::int64_t>(request.body.size());
  return reject;
}

Outcome<void> keep_and_count(Store& store, const std::string& site_id, const RejectRow* reject,
                             std::string_view counter) {
  return store.write([&](Tables& tables) -> Outcome<void> {
    if (reject != nullptr) TL_CHECK(tables.operations().insert_reject(*reject));
    return tables.operations().count(site_id, counter, 1);
  });
}

}  // namespace tl::server::http
