// SPDX-License-Identifier: Apache-2.0
#include "server/providers/exact_json.hpp"

#include "server/core/text/foreign_json.hpp"
#include "throughline/text.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace tl::server {
namespace {

using nlohmann::json;

// Builds the document from the parser's events.
class ExactBuilder {
 public:
  explicit ExactBuilder(json& root) : root_(root) {}

  bool null() { return add(nullptr); }
  bool boolean(bool value) { return add(value); }
  bool number_integer(json::number_integer_t value) { return add(value); }
  bool number_unsigned(json::number_unsigned_t value) { return add(value); }
  bool number_float(json::number_float_t, const std::string& written) { return add(written); }
  bool string(std::string& value) { return add(std::move(value)); }
  bool binary(json::binary_t&) { return false; }
  bool key(std::string& name) {
    key_ = std::move(name);
    return true;
  }
  bool start_object(std::size_t) { return open(json::object()); }
  bool end_object() { return close(); }
  bool start_array(std::size_t) { return open(json::array()); }
  bool end_array() { return close(); }
  bool parse_error(std::size_t, const std::string&, const json::exception& error) {
    constexpr int kNumberOverflow = 406;
    is_overflow_ = error.id == kNumberOverflow;
    return false;
  }
  [[nodiscard]] bool is_overflow() const { return is_overflow_; }

 private:
  json* place(json value) {
    if (open_.empty()) {
      root_ = std::move(value);
      return &root_;
    }
    json& parent = *open_.back();
    if (parent.is_array()) {
      parent.push_back(std::move(value));
      return &parent.back();
    }
    return &(parent[key_] = std::move(value));
  }
  bool add(json value) {
    place(std::move(value));
    return true;
  }
  bool open(json container) {
    constexpr std::size_t kMaxDepth = 64;
    if (open_.size() == kMaxDepth) return false;
    open_.push_back(place(std::move(container)));
    return true;
  }
  bool close() {
    open_.pop_back();
    return true;
  }

  json& root_;
  std::vector<json*> open_;  // a parent is never moved while a child is open
  std::string key_;
  bool is_overflow_ = false;
};

// Numbers that could leave a double's range (1e400) as the texts that they become in any case.
std::string with_quoted_numbers(std::string_view text) {
  constexpr std::size_t kMostDigits = 300;
  constexpr std::string_view kOfNumbers = "+-.0123456789eE";
  std::string quoted;
  bool is_string = false;
  for (std::size_t i = 0; i < text.size();) {
    const char c = text[i];
    if (is_string || (c != '-' && (c < '0' || c > '9'))) {
      if (c == '"') is_string = !is_string;
      const std::size_t length = is_string && c == '\\' ? 2 : 1;
      quoted += text.substr(i, length);
      i += length;
      continue;
    }
    const auto number = text.substr(i, text.find_first_not_of(kOfNumbers, i) - i);
    const bool is_text =
        number.size() > kMostDigits || number.find_first_of("eE") != std::string_view::npos;
    quoted.append(is_text ? "\"" : "").append(number).append(is_text ? "\"" : "");
    i += number.size();
  }
  return quoted;
}

std::string form_text(std::string_view written) {
  std::string text;
  for (std::size_t i = 0; i < written.size(); ++i) {
    const bool is_escape = written[i] == '%' && i + 2 < written.size() &&
                           hex_value(written[i + 1]) >= 0 && hex_value(written[i + 2]) >= 0;
    if (is_escape) {
      text += static_cast<char>(hex_value(written[i + 1]) * 16 + hex_value(written[i + 2]));
      i += 2;
    } else {
      text += written[i] == '+' ? ' ' : written[i];
    }
  }
  return text;
}

}  // namespace

json parse_exact_json(std::string_view written) {
  std::string repaired;
  const std::string_view text = with_whole_surrogates(written, repaired);
  json root;
  ExactBuilder builder(root);
  if (json::sax_parse(text, &builder)) return root;
  if (builder.is_overflow()) return parse_exact_json(with_quoted_numbers(text));
  return json(json::value_t::discarded);
}

json parse_form(std::string_view text) {
  json form = json::object();
  while (!text.empty()) {
    const auto end = text.find('&');
    const std::string_view pair = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    if (pair.empty()) continue;
    const auto equals = pair.find('=');
    const std::string name = form_text(pair.substr(0, equals));
    const std::string value =
        equals == std::string_view::npos ? std::string{} : form_text(pair.substr(equals + 1));
    const auto bracket = name.find('[');
    if (bracket == std::string::npos || bracket == 0 || !name.ends_with(']')) {
      form.emplace(name, value);
      continue;
    }
    json& group = form[name.substr(0, bracket)];
    if (group.is_null()) group = json::object();
    if (group.is_object())
      group.emplace(name.substr(bracket + 1, name.size() - bracket - 2), value);
  }
  return form;
}

}  // namespace tl::server
