// SPDX-License-Identifier: Apache-2.0
// The answer of `attribute paths` as text. Numbers have 17 significant digits.
//   {"models":{"markov_1":{"describes":…,"channels":{"email":{"conversions":…,"value":…,
//    "removal_effect":…,"removal_effect_value":…},…},"p_conversion":…,"states":…},…}}
//   model,channel,place,conversions,value,removal_effect,removal_effect_value,describes
// `describes` (report_models.hpp) stands by the models that learn from the paths alone.
#pragma once

#include "server/attribute/path_models.hpp"

#include <string>

namespace tl::server::cli {

std::string answer_as_json(const attribute::PathAnswer& answer);
// One row a model and channel; shapley_ordered has one more for each place that has any credit.
std::string answer_as_csv(const attribute::PathAnswer& answer);

}  // namespace tl::server::cli
