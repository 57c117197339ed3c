// SPDX-License-Identifier: Apache-2.0
#include "server/http/form_fields.hpp"

#include "server/http/json_reader.hpp"
#include "server/http/request_target.hpp"
#include "throughline/text.hpp"

#include <optional>
#include <string>

namespace tl::server::http {
namespace {

using Fields = nlohmann::json;

constexpr std::string_view kUrlEncoded = "application/x-www-form-urlencoded";
constexpr std::string_view kMultipart = "multipart/form-data";
constexpr std::size_t kLongestBoundary = 70;  // RFC 2046 section 5.1.1

ServerError malformed_form(const std::string& what) {
  return invalid("malformed_form", "the form could not be read: " + what);
}

std::string_view media_type_of(const Request& request) {
  const auto type = request.header("content-type");
  return trim(type.substr(0, type.find(';')));
}

bool has_type(const Request& request, std::string_view type) {
  return equals_ignoring_case(media_type_of(request), type);
}

std::string repaired(std::string_view text) {
  // A byte may become the three of U+FFFD.
  std::string room(text.size() * 3, '\0');
  Out out(room.data(), room.size());
  return std::string(repair_utf8(text, out));
}

Outcome<void> add_field(Fields& fields, std::string_view name, std::string_view value) {
  const std::string key = repaired(name);
  if (key.empty()) return {};
  const auto known = fields.find(key);
  if (known == fields.end() && fields.size() >= kMostFormFields)
    return malformed_form("it has more than " + std::to_string(kMostFormFields) + " fields");
  if (known == fields.end() || known->get_ref<const std::string&>().empty())
    fields[key] = repaired(value);
  return {};
}

Outcome<Fields> read_url_encoded(std::string_view body) {
  Fields fields = Fields::object();
  while (!body.empty()) {
    const auto end = body.find('&');
    const auto pair = body.substr(0, end);
    body = end == std::string_view::npos ? std::string_view{} : body.substr(end + 1);
    const auto equals = pair.find('=');
    const auto value =
        equals == std::string_view::npos ? std::string_view{} : pair.substr(equals + 1);
    TL_CHECK(add_field(fields, percent_decode(pair.substr(0, equals), true),
                       percent_decode(value, true)));
  }
  return fields;
}

// The value of name=value or name="value" among the parameters of a header.
std::optional<std::string> parameter_of(std::string_view header, std::string_view name) {
  for (auto at = header.find(';'); at != std::string_view::npos;) {
    auto rest = trim(header.substr(at + 1));
    const auto equals = rest.find('=');
    if (equals == std::string_view::npos) return std::nullopt;
    const bool is_wanted = equals_ignoring_case(trim(rest.substr(0, equals)), name);
    rest = rest.substr(equals + 1);
    std::string value;
    std::size_t used = 0;
    if (rest.starts_with('"')) {
      for (used = 1; used < rest.size() && rest[used] != '"'; ++used) {
        if (rest[used] == '\\' && used + 1 < rest.size()) ++used;
        value += rest[used];
      }
      if (used == rest.size()) return std::nullopt;
    } else {
      used = std::min(rest.find(';'), rest.size());
      value = trim(rest.substr(0, used));
    }
    if (is_wanted) return value;
    header = rest.substr(used);
    at = header.find(';');
  }
  return std::nullopt;
}

// One part: its headers, an empty line, its value.
Outcome<void> read_part(std::string_view part, Fields& fields) {
  const auto blank = part.find("\r\n\r\n");
  if (blank == std::string_view::npos) return malformed_form("a part has no end of its headers");
  auto head = part.substr(0, blank);
  std::optional<std::string> name;
  bool is_file = false;
  while (!head.empty()) {
    const auto end = head.find("\r\n");
    const auto line = head.substr(0, end);
    head = end == std::string_view::npos ? std::string_view{} : head.substr(end + 2);
    const auto colon = line.find(':');
    if (!equals_ignoring_case(trim(line.substr(0, colon)), "content-disposition")) continue;
    name = parameter_of(line, "name");
    is_file = parameter_of(line, "filename").has_value();
  }
  if (!name) return malformed_form("a part has no name");
  if (is_file) return {};
  // Browsers write a quotation mark or line break in a name as %22, %0D and %0A.
  return add_field(fields, percent_decode(*name, false), part.substr(blank + 4));
}

Outcome<Fields> read_multipart(std::string_view body, std::string_view content_type) {
  const auto boundary = parameter_of(content_type, "boundary");
  if (!boundary || boundary->empty() || boundary->size() > kLongestBoundary)
    return malformed_form("its Content-Type names no boundary");
  const std::string line = "\r\n--" + *boundary;
  Fields fields = Fields::object();
  // The first boundary may stand at the very beginning, without a line break before it.
  const std::string_view first = std::string_view(line).substr(2);
  if (body.starts_with(first)) {
    body.remove_prefix(first.size());
  } else {
    const auto at = body.find(line);
    if (at == std::string_view::npos) return malformed_form("its boundary is nowhere in it");
    body.remove_prefix(at + line.size());
  }
  while (!body.starts_with("--")) {
    const auto begin = body.find("\r\n");
    const auto end = body.find(line, begin == std::string_view::npos ? 0 : begin);
    if (begin == std::string_view::npos || end == std::string_view::npos)
      return malformed_form("a part has no end");
    // An empty value ends where its own line break begins the next boundary.
    const auto part = body.substr(begin + 2, end > begin + 2 ? end - begin - 2 : 0);
    TL_CHECK(read_part(part, fields));
    body.remove_prefix(end + line.size());
  }
  return fields;
}

}  // namespace

bool is_form_post(const Request& request) {
  return has_type(request, kUrlEncoded) || has_type(request, kMultipart);
}

Outcome<nlohmann::json> read_fields(const Request& request) {
  if (has_type(request, kUrlEncoded)) return read_url_encoded(request.body);
  if (has_type(request, kMultipart))
    return read_multipart(request.body, request.header("content-type"));
  return read_json_object(request.body);
}

}  // namespace tl::server::http
