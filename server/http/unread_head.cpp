// SPDX-License-Identifier: Apache-2.0
#include "server/http/unread_head.hpp"

#include "server/http/error_reply.hpp"

#include <algorithm>
#include <string_view>

namespace tl::server::http {
namespace {

bool has_too_many_headers(std::string_view head) {
  std::size_t lines = 0;
  for (auto end = head.find("\r\n"); end != head.npos; end = head.find("\r\n")) {
    head.remove_prefix(end + 2);
    const auto length = std::min(head.find("\r\n"), head.size()) + 2;
    if (length > kMaxHeaderLine || (length > 2 && ++lines > kMaxHeaders)) return true;
  }
  return false;
}

}  // namespace

RawHead unread_head(const Connection& connection) {
  const std::string_view text = connection.head();
  const auto line = text.substr(0, text.find("\r\n"));
  const auto method = line.substr(0, line.find(' '));
  auto target = line.substr(std::min(method.size() + 1, line.size()));
  target = target.substr(0, target.find(' '));
  RawHead head;
  head.method = method;
  head.target = target;
  head.headers = parse_header_lines(text, head.is_well_formed);
  head.peer = connection.peer();
  return head;
}

Reply library_refusal(const Connection& connection, int status) {
  if (connection.timed_out())
    return refusal(408, "request_timeout", "The request did not arrive in time; send it again.");
  if (status == 414) return refusal(414, "uri_too_long", "The request target is over 8,192 bytes.");
  if (connection.overspent() || status == 431 || has_too_many_headers(connection.head()))
    return refusal(431, "head_too_large",
                   "The request's headers are too large: a line is over 8,192 bytes, there are "
                   "over 100 of them, or all together are over 64 KiB.");
  if (status == 413)
    return refusal(413, "body_too_large", "The body is over the limit of this route.");
  return refusal(400, "malformed_request",
                 "The request could not be read: a malformed line, two lengths of the body, or an "
                 "unknown method or version.");
}

}  // namespace tl::server::http
