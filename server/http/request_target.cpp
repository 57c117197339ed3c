// SPDX-License-Identifier: Apache-2.0
// Splits before decoding, so that an encoded slash or ampersand never changes the structure.

#include "server/http/request_target.hpp"

#include "throughline/text.hpp"

namespace tl::server::http {
namespace {

void split_query(std::string_view text, std::vector<std::pair<std::string, std::string>>& query) {
  while (!text.empty()) {
    const auto end = text.find('&');
    const auto pair = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    if (pair.empty()) continue;
    const auto equals = pair.find('=');
    const auto value =
        equals == std::string_view::npos ? std::string_view{} : pair.substr(equals + 1);
    query.emplace_back(percent_decode(pair.substr(0, equals), true), percent_decode(value, true));
  }
}

}  // namespace

std::string percent_decode(std::string_view text, bool plus_is_blank) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      const int high = hex_value(text[i + 1]), low = hex_value(text[i + 2]);
      if (high >= 0 && low >= 0) {
        decoded.push_back(static_cast<char>(high * 16 + low));
        i += 2;
        continue;
      }
    }
    decoded.push_back(plus_is_blank && text[i] == '+' ? ' ' : text[i]);
  }
  return decoded;
}

bool parse_target(std::string_view target, RequestTarget& parsed) {
  if (target.starts_with("http://") || target.starts_with("https://")) {
    const auto path = target.find('/', target.find("://") + 3);
    target = path == std::string_view::npos ? std::string_view("/") : target.substr(path);
  }
  if (!target.starts_with('/')) return false;
  if (const auto fragment = target.find('#'); fragment != std::string_view::npos)
    target = target.substr(0, fragment);
  const auto question = target.find('?');
  auto path = target.substr(0, question);
  if (question != std::string_view::npos) split_query(target.substr(question + 1), parsed.query);

  parsed.path = percent_decode(path, false);
  if (parsed.path.find('\0') != std::string::npos) return false;
  path.remove_prefix(1);
  for (;;) {
    const auto slash = path.find('/');
    parsed.segments.push_back(percent_decode(path.substr(0, slash), false));
    if (slash == std::string_view::npos) return true;
    path = path.substr(slash + 1);
  }
}

}  // namespace tl::server::http
