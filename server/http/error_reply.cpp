// SPDX-License-Identifier: Apache-2.0
// The one place where an ErrorKind becomes an HTTP status. `limited` and `unavailable` carry
// Retry-After in whole seconds, rounded up, at least 1.

#include "server/http/error_reply.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace tl::server::http {

int status_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::invalid:
      return 400;
    case ErrorKind::unauthenticated:
      return 401;
    case ErrorKind::forbidden:
      return 403;
    case ErrorKind::not_found:
      return 404;
    case ErrorKind::conflict:
      return 409;
    case ErrorKind::too_large:
      return 413;
    case ErrorKind::limited:
      return 429;
    case ErrorKind::unavailable:
      return 503;
    case ErrorKind::bug:
      return 500;
  }
  return 500;
}

Reply refusal(int status, std::string_view code, std::string_view message) {
  const nlohmann::json body = {{"error", {{"code", code}, {"message", message}}}};
  // A message may quote the input: bytes that are no UTF-8 become U+FFFD instead of throwing.
  return Reply::json(status, body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

Reply Reply::error(const ServerError& error) {
  auto reply = refusal(status_of(error.kind), error.code, error.detail);
  if (error.kind == ErrorKind::unauthenticated) reply.header("WWW-Authenticate", "Bearer");
  if (error.kind == ErrorKind::limited || error.kind == ErrorKind::unavailable) {
    const auto seconds = std::max<std::int64_t>((error.retry_after_ms + 999) / 1000, 1);
    reply.header("Retry-After", std::to_string(seconds));
  }
  return reply;
}

ServerError body_too_large(std::size_t most, std::int64_t length) {
  const auto size =
      length < 0 ? std::string("is longer") : "has " + std::to_string(length) + " bytes";
  return fail(ErrorKind::too_large, "body_too_large",
              "The body " + size + "; at most " + std::to_string(most) + " bytes are taken here.");
}

Reply refused(const ServerError& error) {
  return Reply::error(error).header("X-Throughline", error.code);
}

ServerError error_of(const Reply& reply) {
  const auto body = nlohmann::json::parse(reply.body, nullptr, /*allow_exceptions=*/false);
  const auto* error = body.is_object() && body.contains("error") ? &body["error"] : nullptr;
  if (error == nullptr || !error->is_object()) return invalid("", "");
  return invalid(error->value("code", ""), error->value("message", ""));
}

}  // namespace tl::server::http
