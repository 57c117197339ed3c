// SPDX-License-Identifier: Apache-2.0
// {"headers":{…},"token","anonymous_id","secret_key","proven","secret_mac","page_nonce","index"};
// what is not there is left out. The headers are the sender's own words and so have a member to
// themselves.

#include "server/core/ingest/kept_sender.hpp"

#include "server/core/text/foreign_json.hpp"
#include "server/core/text/uuid_text.hpp"

#include <nlohmann/json.hpp>

namespace tl::server {
namespace {

using Json = nlohmann::json;

std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json headers_object(const HeaderList& headers) {
  Json object = Json::object();
  for (const auto& [name, value] : headers) {
    std::string lower_name;
    for (const char c : name) lower_name += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    // A repeated header keeps its first value, which is the one that counted.
    if (lower_name != "authorization" && lower_name != "cookie") object.emplace(lower_name, value);
  }
  return object;
}

std::string text_of(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

}  // namespace

std::string write_headers(const HeaderList& headers) {
  return dump(headers_object(headers));
}

std::string write_kept_sender(const KeptSender& sender) {
  Json json = {{"headers", headers_object(sender.headers)}};
  if (!sender.token.empty()) json["token"] = sender.token;
  if (sender.anonymous_id) json["anonymous_id"] = uuid_text(*sender.anonymous_id);
  if (sender.has_secret_key) json["secret_key"] = true;
  if (sender.is_proven) json["proven"] = true;
  if (!sender.secret_mac.empty()) json["secret_mac"] = sender.secret_mac;
  if (!sender.page_nonce.is_nil()) json["page_nonce"] = uuid_text(sender.page_nonce);
  if (sender.index > 0) json["index"] = sender.index;
  return dump(json);
}

KeptSender read_kept_sender(std::string_view text, std::string_view site_id) {
  KeptSender sender;
  sender.site_id = site_id;
  const Json json = parse_foreign_json(text);
  if (!json.is_object()) return sender;
  if (const auto headers = json.find("headers"); headers != json.end() && headers->is_object())
    for (const auto& [name, value] : headers->items())
      if (value.is_string()) sender.headers.emplace_back(name, value.get<std::string>());
  sender.token = text_of(json, "token");
  if (const auto id = parse_uuid(text_of(json, "anonymous_id")); id.ok())
    sender.anonymous_id = id.value();
  sender.has_secret_key = json.value("secret_key", false);
  sender.is_proven = json.value("proven", false);
  sender.secret_mac = text_of(json, "secret_mac");
  if (const auto nonce = parse_uuid(text_of(json, "page_nonce")); nonce.ok())
    sender.page_nonce = nonce.value();
  sender.index = json.value("index", 0U);
  return sender;
}

}  // namespace tl::server
