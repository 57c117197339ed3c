// SPDX-License-Identifier: Apache-2.0

#include "server/core/classify/bot.hpp"

#include <algorithm>

namespace tl::server {
namespace {

bool is_name_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_' || c == '.' || c == '!';
}

std::string_view first_word(std::string_view text) {
  const auto start = std::find_if(text.begin(), text.end(), is_name_byte);
  const auto end = std::find_if_not(start, text.end(), is_name_byte);
  return {start, end};
}

// The word of the text in which the match stands: "FooBot" where the pattern found "bot". A match
// in an address or of no letters names nothing: then it is the text's first word, unless all begin
// so.
std::string name_at(std::string_view text, std::size_t at, std::size_t size) {
  std::size_t end = at + size;
  while (at > 0 && is_name_byte(text[at - 1])) --at;
  while (end < text.size() && is_name_byte(text[end])) ++end;
  auto name = first_word(text.substr(at, end - at));
  if (name.empty() || name.find("http") == 0 || name.find("www.") == 0) name = first_word(text);
  if (name.empty() || name == "Mozilla") return "unknown";
  return std::string(name.substr(0, 64));
}

}  // namespace

std::optional<Bot> find_bot(const AgentText& text) {
  const auto seen = text.text();
  if (first_word(seen).empty()) return Bot{"unknown", "empty_user_agent"};
  constexpr std::string_view kHeadless = "HeadlessChrome";
  if (seen.find(kHeadless) != std::string_view::npos)
    return Bot{std::string(kHeadless), "headless"};
  const auto named = [&](const AgentMatch& match, std::string_view from, std::string_view reason) {
    const auto at = static_cast<std::size_t>(match.whole.data() - from.data());
    return Bot{name_at(seen, at, match.whole.size()), std::string(reason)};
  };
  if (const auto match = first_match(AgentSection::crawler, text))
    return named(*match, seen, match->fields[0]);
  if (const auto match = first_match(AgentSection::bot, text))
    return named(*match, text.lower(), "bot_pattern");
  return std::nullopt;
}

}  // namespace tl::server
