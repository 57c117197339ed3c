// SPDX-License-Identifier: Apache-2.0
// Reads one table of the file into one struct by its list of keys, and collects what is wrong.
#pragma once

#include "server/config/key.hpp"
#include "server/config/toml_tree.hpp"
#include "server/config/value_source.hpp"
#include "server/core/text/nearest_name.hpp"
#include "throughline/text.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace tl::server {

struct ConfigProblems {
  std::string name;  // of the file
  std::vector<std::string> errors, warnings;
  // Where each value was written: "site.demo.write_key" → "throughline.toml:57", or the variable
  // that overrides it.
  std::map<std::string, std::string> places;

  void error(const std::string& place, const std::string& sentence) {
    errors.push_back(told(place, sentence));
  }
  void error(int line, const std::string& sentence) { error(at(line), sentence); }
  void warn(const std::string& place, const std::string& sentence) {
    warnings.push_back(told(place, sentence));
  }
  void warn(int line, const std::string& sentence) { warn(at(line), sentence); }
  [[nodiscard]] std::string at(int line) const {
    return name + (line > 0 ? ":" + std::to_string(line) : "");
  }

 private:
  static std::string told(const std::string& place, const std::string& sentence) {
    return place + ": " + sentence + (sentence.ends_with('?') ? "" : ".");
  }
};

// White space around a secret is a copying slip: it never belongs to it.
bool trim_secret(Value& value);
void report_unknown(ConfigProblems& problems, int line, const std::string& name,
                    const std::string& section, const std::vector<std::string>& valid);

template <class Target>
class SectionReader {
 public:
  // `label`: as messages name the section, "[server]" or "[[site]] demo". `path`: for overrides.
  SectionReader(const std::vector<Key<Target>>& keys, const ValueSource& source,
                ConfigProblems& problems, std::string label, std::string path)
      : keys_(keys),
        source_(source),
        problems_(problems),
        label_(std::move(label)),
        path_(std::move(path)) {}

  // `others`: names inside the table that somebody else reads. `table` may be null.
  void read(const TomlNode* table, const std::vector<std::string>& others, Target& target) {
    if (table != nullptr) {
      std::set<std::string> tables;
      for (const auto& key : keys_)
        if (!key.table.empty()) tables.insert(key.table);
      for (const auto& [name, node] : table->children) {
        if (std::find(others.begin(), others.end(), name) != others.end()) continue;
        if (tables.count(name) > 0)
          read_sub_table(name, node, target);
        else
          read_value("", name, node, names("", others, tables), target);
      }
    }
    for (const auto& key : keys_) read_override(key, target);
  }
  // Whether the file or the environment gave it.
  [[nodiscard]] bool has(const std::string& key_path) const { return given_.count(key_path) > 0; }

 private:
  [[nodiscard]] std::vector<std::string> names(const std::string& table,
                                               const std::vector<std::string>& others,
                                               const std::set<std::string>& tables) const {
    std::vector<std::string> all(others);
    all.insert(all.end(), tables.begin(), tables.end());
    for (const auto& key : keys_)
      if (key.table == table) all.push_back(key.name);
    return all;
  }

  void read_sub_table(const std::string& name, const TomlNode& node, Target& target) {
    if (node.kind != TomlNode::Kind::table)
      return problems_.error(node.line, name + " in " + label_ + " must be a table, not " +
                                            std::string(kind_name(node.kind)));
    for (const auto& [inner, value] : node.children)
      read_value(name, inner, value, names(name, {}, {}), target);
  }

  void read_value(const std::string& table, const std::string& name, const TomlNode& node,
                  const std::vector<std::string>& valid, Target& target) {
    const auto found = std::find_if(keys_.begin(), keys_.end(), [&](const Key<Target>& key) {
      return key.table == table && key.name == name;
    });
    if (found == keys_.end()) return report_unknown(problems_, node.line, name, label_, valid);
    given_.insert(found->path());
    store(*found, problems_.at(node.line), source_.read(node, found->get(Target{})), target);
  }

  void read_override(const Key<Target>& key, Target& target) {
    const auto path = path_ + "." + key.path();
    const auto text = source_.override_of(path);
    if (!text) return;
    given_.insert(key.path());
    const auto resolved = source_.resolve(*text);
    store(key, ValueSource::override_place(path),
          resolved.ok() ? source_.from_text(resolved.value(), key.get(Target{}))
                        : Outcome<Value>(resolved.error()),
          target);
  }

  void store(const Key<Target>& key, const std::string& place, Outcome<Value> read,
             Target& target) {
    problems_.places[path_ + "." + key.path()] = place;
    const std::string named = key.path() + " in " + label_;
    if (!read.ok()) return problems_.error(place, named + " " + read.error().detail);
    Value value = std::move(read).value();
    if (key.is_secret && trim_secret(value))
      problems_.warn(place, "white space around " + named + " was removed");
    const auto complaint = key.complaint ? key.complaint(value) : std::string();
    if (!complaint.empty()) return problems_.error(place, named + " " + complaint);
    key.set(target, value);
  }

  const std::vector<Key<Target>>& keys_;
  const ValueSource& source_;
  ConfigProblems& problems_;
  std::string label_, path_;
  std::set<std::string> given_;
};

}  // namespace tl::server
