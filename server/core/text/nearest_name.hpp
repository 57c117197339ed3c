// SPDX-License-Identifier: Apache-2.0
// "Did you mean …": the valid name closest to a mistyped one.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tl::server {

// Edit distance with transpositions (optimal string alignment) of at most a third of the longer
// name, at least 1; "" when none is that near. The first of equally near ones.
std::string nearest_name(std::string_view typed, const std::vector<std::string>& valid);

}  // namespace tl::server
