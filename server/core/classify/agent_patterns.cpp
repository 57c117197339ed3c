// SPDX-License-Identifier: Apache-2.0
// RE2 over bytes (Latin-1), anchored at the start behind a lazy prefix: so it takes the bit-state
// matcher, which keeps nothing between two calls, instead of an automaton that grows with the
// traffic. Why no RE2::Set: docs/adr/0010-user-agent-patterns-one-by-one.md.

#include "server/core/classify/agent_patterns.hpp"

#include <algorithm>
#include <atomic>
#include <deque>
#include <memory>
#include <re2/re2.h>
#include <vector>

extern "C" const char tl_agents[];
extern "C" const std::size_t tl_agents_size;

namespace tl::server {
namespace {

constexpr char kListSeparator = '\x1e';

std::string_view take(std::string_view& text, char end) {
  const auto at = std::min(text.find(end), text.size());
  const auto part = text.substr(0, at);
  text.remove_prefix(std::min(at + 1, text.size()));
  return part;
}

template <class Predicate>
bool any_in_list(std::string_view list, Predicate predicate) {
  while (!list.empty())
    if (predicate(take(list, kListSeparator))) return true;
  return false;
}

std::atomic<std::size_t> compiled_count{0};

struct Rule {
  std::string_view literals, pattern;
  std::array<std::string_view, 4> fields;
  std::atomic<const RE2*> compiled{nullptr};

  Rule() = default;
  Rule(const Rule&) = delete;
  Rule& operator=(const Rule&) = delete;
  ~Rule() { delete compiled.load(); }

  // Two threads may compile at once: one of the two stays.
  const RE2& expression() {
    if (const RE2* found = compiled.load(std::memory_order_acquire)) return *found;
    RE2::Options options(RE2::Latin1);
    options.set_log_errors(false);
    std::string text = "(?s:.*?)(";
    text.append(pattern).append(")");
    auto made = std::make_unique<const RE2>(text, options);
    const RE2* expected = nullptr;
    if (!compiled.compare_exchange_strong(expected, made.get(), std::memory_order_acq_rel))
      return *expected;
    compiled_count.fetch_add(1, std::memory_order_relaxed);
    return *made.release();  // for the life of the rule
  }
};

using Rules = std::array<std::deque<Rule>, kAgentSections>;

Rules read_agent_rules() {
  static constexpr std::string_view kNames[] = {"browser", "os", "crawler", "bot"};
  Rules rules;
  std::string_view text(tl_agents, tl_agents_size);
  while (!text.empty()) {
    auto line = take(text, '\n');
    const auto section = take(line, '\t');
    const auto at = std::find(std::begin(kNames), std::end(kNames), section) - std::begin(kNames);
    Rule& rule = rules.at(static_cast<std::size_t>(at)).emplace_back();
    rule.literals = take(line, '\t');
    rule.pattern = take(line, '\t');
    for (auto& field : rule.fields) field = take(line, '\t');
  }
  return rules;
}

Rules& all_rules() {
  static Rules rules = read_agent_rules();
  return rules;
}

bool is_excluded(const Rule& rule, std::string_view text, std::string_view whole) {
  const auto before = text.substr(0, static_cast<std::size_t>(whole.data() - text.data()));
  const auto after = text.substr(before.size() + whole.size());
  return any_in_list(rule.fields[0], [&](auto entry) { return before.ends_with(entry); }) ||
         any_in_list(rule.fields[1], [&](auto entry) { return after.starts_with(entry); });
}

bool matches(Rule& rule, AgentSection section, std::string_view text, AgentMatch& match) {
  constexpr int kMostGroups = 1 + 1 + 5;  // all, the pattern, its own groups
  const RE2& expression = rule.expression();
  const int count = std::min(expression.NumberOfCapturingGroups() + 1, kMostGroups);
  re2::StringPiece found[kMostGroups];
  for (std::size_t start = 0; start <= text.size();) {
    if (!expression.Match({text.data(), text.size()}, start, text.size(), RE2::ANCHOR_START, found,
                          count))
      return false;
    match.whole = {found[1].data(), found[1].size()};
    if (section == AgentSection::bot && is_excluded(rule, text, match.whole)) {
      start = static_cast<std::size_t>(match.whole.data() - text.data()) + 1;
      continue;
    }
    for (int i = 2; i < count; ++i)
      match.groups[static_cast<std::size_t>(i - 2)] = {found[i].data(), found[i].size()};
    match.fields = rule.fields;
    return true;
  }
  return false;
}

std::size_t pair_index(char a, char b) {
  return static_cast<std::size_t>(static_cast<unsigned char>(a)) << 8U |
         static_cast<unsigned char>(b);
}

}  // namespace

AgentText::AgentText(std::string_view text) : text_(text.substr(0, kMaxAgentBytes)), lower_(text_) {
  for (char& c : lower_)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
  for (std::size_t i = 1; i < lower_.size(); ++i) {
    const auto pair = pair_index(lower_[i - 1], lower_[i]);
    pairs_[pair / 64] |= std::uint64_t{1} << (pair % 64);
  }
}

bool AgentText::holds(std::string_view literal) const {
  for (std::size_t i = 1; i < literal.size(); ++i) {
    const auto pair = pair_index(literal[i - 1], literal[i]);
    if ((pairs_[pair / 64] >> (pair % 64) & 1U) == 0) return false;
  }
  return lower_.find(literal) != std::string::npos;
}

std::optional<AgentMatch> first_match(AgentSection section, const AgentText& text) {
  // isbot ignores case: its patterns are lower case and see the lower-case text.
  const auto seen = section == AgentSection::bot ? text.lower() : text.text();
  AgentMatch match;
  for (Rule& rule : all_rules()[static_cast<std::size_t>(section)]) {
    const bool is_candidate =
        rule.literals.empty() ||
        any_in_list(rule.literals, [&](auto literal) { return text.holds(literal); });
    if (is_candidate && matches(rule, section, seen, match)) return match;
  }
  return std::nullopt;
}

std::size_t compiled_agent_patterns() {
  return compiled_count.load(std::memory_order_relaxed);
}

}  // namespace tl::server
