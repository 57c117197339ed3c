// SPDX-License-Identifier: Apache-2.0
// The rules on user agents that the server is built with (tools/gen_agents tells the format and the
// sources): browsers, systems, bots. A rule is tried only when the text holds one of the literals
// that its pattern needs, and compiled when it is first tried, so the 2,253 rules cost no start-up
// time and a server that sees ordinary traffic holds a few dozen of them. Thread-safe.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tl::server {

enum class AgentSection : std::uint8_t { browser, os, crawler, bot };
inline constexpr std::size_t kAgentSections = 4;

// Of the first rule that matches. Views into the text (bots: its lower-case copy) and into static
// storage.
struct AgentMatch {
  std::string_view whole;                  // what the pattern matched
  std::array<std::string_view, 5> groups;  // $1 to $5; empty where there is none
  std::array<std::string_view, 4> fields;  // the rule's own, after the pattern
};

// User agents are cut here: the longest real ones are half as long.
inline constexpr std::size_t kMaxAgentBytes = 512;

// Prepares a text once for all sections.
class AgentText {
 public:
  explicit AgentText(std::string_view text);
  [[nodiscard]] std::string_view text() const { return text_; }
  [[nodiscard]] std::string_view lower() const { return lower_; }
  // Whether it holds `literal` (lower case) in any case.
  [[nodiscard]] bool holds(std::string_view literal) const;

 private:
  std::string_view text_;
  std::string lower_;
  // Which pairs of neighbouring bytes occur: most literals are refused by their first ones.
  std::array<std::uint64_t, 1024> pairs_{};
};

std::optional<AgentMatch> first_match(AgentSection section, const AgentText& text);

// How many rules have been compiled since the start.
std::size_t compiled_agent_patterns();

}  // namespace tl::server
