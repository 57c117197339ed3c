// SPDX-License-Identifier: Apache-2.0
// What a refused statement of a site's own server (a conversion, a lead) leaves in the reject log.
// It says what was paid or who asked, so it is kept whatever its consent, like a webhook.
#pragma once

#include "server/core/ingest/kept_sender.hpp"
#include "server/http/exchange.hpp"
#include "server/http/order_routes.hpp"

#include <functional>
#include <string>

namespace tl::server::http {

// Answers an error and keeps what came; `headers` beside it. A replay is only answered.
Reply refuse_statement(Store& store, const Request& request, const std::string& site_id,
                       const ServerError& error, HeaderList headers = {});

// A route's keep_unread: that something too large came with a key in its head, its site can read.
std::function<void(const Request&, const ServerError&)> keep_unread_statement(
    const OrderRouteParts& parts);

}  // namespace tl::server::http
