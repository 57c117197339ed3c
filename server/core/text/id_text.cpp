// SPDX-License-Identifier: Apache-2.0
#include "server/core/text/id_text.hpp"

#include "throughline/text.hpp"

#include <algorithm>

namespace tl::server {
namespace {

bool is_control(char c) {
  return static_cast<unsigned char>(c) < ' ' || c == '\x7f';
}

bool is_utf8(std::string_view text) {
  bool is_valid = true;
  while (is_valid && !text.empty()) text.remove_prefix(utf8_step(text, is_valid));
  return is_valid;
}

}  // namespace

std::string id_complaint(std::string_view text, std::size_t longest) {
  if (text.size() > longest) return "is longer than " + std::to_string(longest) + " bytes";
  if (std::any_of(text.begin(), text.end(), is_control)) return "holds a control character";
  return is_utf8(text) ? "" : "is not UTF-8";
}

std::string one_line(std::string_view text, std::size_t longest) {
  std::string line(cut_utf8(text, longest));
  std::replace_if(line.begin(), line.end(), is_control, ' ');
  return line;
}

}  // namespace tl::server
