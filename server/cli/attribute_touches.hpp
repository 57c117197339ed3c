// SPDX-License-Identifier: Apache-2.0
// `attribute touches`: one conversion a line to its credits under some models, by the same code as
// the server's. A line:
//   {"id","conversion":{"t","value_minor","currency","previous_t"?},"lookback_ms":{"click","view"},
//    "lookback_mode"?,"direct_rule","collapse_rule"?,"repeat_rule"?,
//    "touches":[{"id","channel","t","seq","kind"?,"stages"?}]}
// Its answer: {"id","models":{"linear":[{"touch","channel","value_minor","conversions_micro"}],…}},
// with "truncated":true when a path was over the cap and "suppressed":true when the repeat rule
// leaves it without credit. A bad line: {"error":{"code","message"}}.
#pragma once

#include "models/model.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace tl::server::cli {

class TouchModels {
 public:
  // What is wrong with these names; empty: nothing.
  static std::string complaint(const std::vector<std::string>& names);

  // No names: every model whose credits sum to the conversion, by its full name.
  explicit TouchModels(const std::vector<std::string>& names);

  [[nodiscard]] std::string answer(std::string_view line) const;

 private:
  struct Named {
    std::string name;  // as asked for
    models::ModelConfig config;
  };
  std::vector<Named> models_;
};

}  // namespace tl::server::cli
