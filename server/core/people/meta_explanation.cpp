// SPDX-License-Identifier: Apache-2.0
// The answer line of `throughline normalise meta`: what Meta's own SDK would send, what we send,
// and the other vendors' hash variants.
#include "server/core/people/contact_variants.hpp"
#include "server/core/people/meta_cleaning.hpp"
#include "server/core/text/foreign_json.hpp"

#include <nlohmann/json.hpp>

namespace tl::server {
namespace {

using OrderedJson = nlohmann::ordered_json;

std::string text_of(const OrderedJson& answer) {
  return answer.dump(-1, ' ', false, OrderedJson::error_handler_t::replace);
}

std::string error_line(std::string_view code, std::string_view message) {
  return text_of(OrderedJson{{"error", {{"code", code}, {"message", message}}}});
}

OrderedJson described(const MetaValue& value) {
  if (!value.text) return OrderedJson{{"text", nullptr}, {"sha256", nullptr}};
  return OrderedJson{{"text", *value.text}, {"sha256", value.sent}};
}

}  // namespace

std::string explain_meta_normalisation(std::string_view line, std::string_view default_country) {
  const OrderedJson input = parse_foreign_json<OrderedJson>(line);
  if (!input.is_object())
    return error_line("malformed_line", R"(each line is a JSON object {"key","value"})");
  const auto name = input.find("key");
  const auto value = input.find("value");
  if (name == input.end() || !name->is_string())
    return error_line("missing_key", "\"key\" names the user_data key: em, ph, fn …");
  const auto key = parse_meta_key(name->get<std::string>());
  if (!key) return error_line("unknown_key", "no user_data key is called " + text_of(*name));
  const bool is_missing = value == input.end() || value->is_null();
  if (!is_missing && !value->is_string())
    return error_line("bad_value", "\"value\" must be a string or null");

  const std::string text = is_missing ? std::string() : value->get<std::string>();
  const auto country = input.find("country");
  const std::string region = country != input.end() && country->is_string()
                                 ? country->get<std::string>()
                                 : std::string(default_country);
  OrderedJson answer{{"key", *name}};
  const auto reference = meta_reference(*key, text);
  if (!reference.ok()) {
    answer["error"] = {{"code", reference.error().code}, {"message", reference.error().detail}};
  } else if (*key == MetaKey::external_id && reference.value().text) {
    answer["reference"] = {{"text", text}, {"sha256", nullptr}};  // the SDK sends it as it is
  } else {
    answer["reference"] = described(reference.value());
  }
  answer["sent"] = described(meta_cleaned(*key, text, region).value_or(MetaValue{}));
  if (*key == MetaKey::em || *key == MetaKey::ph) {
    const auto kind = *key == MetaKey::em ? ContactKind::email : ContactKind::phone;
    answer["variants"] = OrderedJson::parse(contact_variants(kind, text, region), nullptr, false);
  } else {
    answer["variants"] = OrderedJson::object();
  }
  return text_of(answer);
}

}  // namespace tl::server
