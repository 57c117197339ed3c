// SPDX-License-Identifier: Apache-2.0
// A configuration key as data: its name, meaning, limits, and how it is read from and written to
// the struct it fills. The lists of keys (server_keys.cpp, site_keys.cpp) drive checking, defaults,
// redacted printing and docs/configuration.md, so these can never disagree. A default is the value
// in a freshly made struct.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace tl::server {

using Value = std::variant<std::string, std::int64_t, bool, std::vector<std::string>,
                           std::vector<std::int64_t>>;
std::string value_kind(const Value& value);  // "list of texts", for sentences and the reference
std::string write_toml(const Value& value);

template <class Target>
struct Key {
  std::string table;  // sub-table inside the section, "" for the section itself
  std::string name;
  std::string help;
  std::function<Value(const Target&)> get;
  std::function<void(Target&, const Value&)> set;
  std::function<std::string(const Value&)> complaint{};  // "" or "must be …"
  bool is_secret = false;

  [[nodiscard]] std::string path() const { return table.empty() ? name : table + "." + name; }
  Key& secret() {
    is_secret = true;
    return *this;
  }
  Key& check(std::function<std::string(const Value&)> rule) {
    complaint = std::move(rule);
    return *this;
  }
};

// The common case: one member of one of the variant's types.
template <class Target, class Member>
Key<Target> key(std::string name, Member Target::*member, std::string help) {
  return {
      "", std::move(name), std::move(help),
      [member](const Target& target) { return Value(target.*member); },
      [member](Target& target, const Value& value) { target.*member = std::get<Member>(value); }};
}
// A whole number kept in another unit or width: stored = written * factor.
template <class Target, class Member>
Key<Target> scaled_key(std::string name, Member Target::*member, std::int64_t factor,
                       std::string help) {
  return {"", std::move(name), std::move(help),
          [member, factor](const Target& target) {
            return Value(static_cast<std::int64_t>(target.*member) / factor);
          },
          [member, factor](Target& target, const Value& value) {
            target.*member = static_cast<Member>(std::get<std::int64_t>(value) * factor);
          }};
}

// Rules for complaint.
std::function<std::string(const Value&)> between(std::int64_t least, std::int64_t most);
std::function<std::string(const Value&)> one_of(std::vector<std::string> choices);

}  // namespace tl::server
