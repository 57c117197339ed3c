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

Outcome<bool> keep_and_count(Store& store, const std::string& site_id, const RejectRow* reject,
                             std::string_view counter) {
  bool is_kept = false;
  const auto written = store.write([&](Tables& tables) -> Outcome<void> {
    if (reject != nullptr) {
      TL_TRY(id, tables.operations().insert_reject(*reject));
      is_kept = id != 0;
    }
    return tables.operations().count(site_id, counter, 1);
  });
  if (!written.ok()) return written.error();
  return is_kept;
}

}  // namespace tl::server::http
