// SPDX-License-Identifier: Apache-2.0
// The parts of reading a section that do not depend on its struct.

#include "server/config/section_reader.hpp"

namespace tl::server {

bool trim_secret(Value& value) {
  bool was_trimmed = false;
  const auto trim_one = [&](std::string& text) {
    const std::string inner(trim(text));
    was_trimmed = was_trimmed || inner.size() != text.size();
    text = inner;
  };
  if (auto* text = std::get_if<std::string>(&value)) trim_one(*text);
  if (auto* texts = std::get_if<std::vector<std::string>>(&value))
    for (auto& text : *texts) trim_one(text);
  return was_trimmed;
}

void report_unknown(ConfigProblems& problems, int line, const std::string& name,
                    const std::string& section, const std::vector<std::string>& valid) {
  const auto near = nearest_name(name, valid);
  problems.error(line, "unknown key '" + name + "' in " + section +
                           (near.empty() ? "; docs/configuration.md lists the valid ones"
                                         : "; did you mean '" + near + "'?"));
}

}  // namespace tl::server
