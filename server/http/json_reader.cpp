// SPDX-License-Identifier: Apache-2.0
// The parser itself needs no stack, but what walks its result does: hence the bound.

#include "server/http/json_reader.hpp"

#include "server/core/text/foreign_json.hpp"
#include "throughline/text.hpp"

#include <algorithm>

namespace tl::server::http {
namespace {

// Keeps only where and why parsing failed.
struct ErrorFinder : nlohmann::json_sax<nlohmann::json> {
  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool start_object(std::size_t) override { return true; }
  bool key(string_t&) override { return true; }
  bool end_object() override { return true; }
  bool start_array(std::size_t) override { return true; }
  bool end_array() override { return true; }
  bool parse_error(std::size_t at, const std::string&,
                   const nlohmann::detail::exception&) override {
    position = at;
    return false;
  }
  std::size_t position = 0;
};

std::size_t nesting(std::string_view text) {
  std::size_t depth = 0, deepest = 0;
  bool is_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (is_string) {
      if (c == '\\')
        ++i;
      else if (c == '"')
        is_string = false;
    } else if (c == '"') {
      is_string = true;
    } else if (c == '{' || c == '[') {
      deepest = std::max(deepest, ++depth);
    } else if ((c == '}' || c == ']') && depth > 0) {
      --depth;
    }
  }
  return deepest;
}

ServerError malformed(std::string_view what) {
  return invalid("malformed_json", "the body is not valid JSON: " + std::string(what) +
                                       "; send UTF-8 JSON as JSON.stringify() writes it");
}

}  // namespace

Outcome<nlohmann::json> read_json(std::string_view written) {
  std::string repaired;
  const std::string_view text = with_whole_surrogates(written, repaired);
  if (nesting(text) > kMaxJsonDepth)
    return malformed("it nests deeper than " + std::to_string(kMaxJsonDepth) + " levels");
  auto value = nlohmann::json::parse(text, nullptr, false);
  if (!value.is_discarded()) return value;
  if (trim(text).empty()) return malformed("it is empty");
  ErrorFinder finder;
  nlohmann::json::sax_parse(text, &finder);
  if (finder.position > text.size()) return malformed("it ends too early");
  return malformed("error at byte " + std::to_string(finder.position) + " of " +
                   std::to_string(text.size()));
}

Outcome<nlohmann::json> read_json_object(std::string_view text) {
  TL_TRY(value, read_json(text));
  if (!value.is_object()) return malformed("the outermost value must be an object");
  return value;
}

const nlohmann::json* member(const nlohmann::json& object, std::string_view name) {
  const auto found = object.find(name);
  return found == object.end() || found->is_null() ? nullptr : &*found;
}

std::string text_at(const nlohmann::json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

const nlohmann::json& object_at(const nlohmann::json& object, const char* name) {
  static const nlohmann::json empty = nlohmann::json::object();
  const auto found = object.find(name);
  return found != object.end() && found->is_object() ? *found : empty;
}

std::size_t depth_of(const nlohmann::json& value) {
  if (!value.is_structured()) return 0;
  std::size_t deepest = 0;
  for (const auto& inner : value) deepest = std::max(deepest, depth_of(inner));
  return deepest + 1;
}

std::string json_text(const nlohmann::json& value) {
  return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace tl::server::http
