// SPDX-License-Identifier: Apache-2.0
// The models over files of paths: which there are, and their credits per channel. No direct,
// lookback or collapse rule applies; only counts matter.
#pragma once

#include "server/attribute/path_csv.hpp"
#include "server/attribute/path_tally.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tl::server::attribute {

enum class PathModel : std::uint8_t {
  first_touch,
  last_touch,
  linear,
  position_u,
  position_j,
  position_inv_j,
  markov,                 // channel level: conversions * RE / sum of RE
  markov_per_conversion,  // each path split by the RE of its steps
  shapley,
  shapley_ordered,  // the same by place of first occurrence
};

std::vector<PathModel> all_path_models();
std::string_view path_model_name(PathModel model);
bool parse_path_model(std::string_view name, PathModel& model);  // "-" counts as "_"

// One credit a channel of the file, and for some models more.
struct ModelAnswer {
  std::string name;  // "linear", "markov_1", "markov_1_per_conversion"
  std::vector<Credit> credits;
  std::vector<double> removal_effects, removal_effects_of_value;  // markov
  double p_conversion = 0;                                        // markov
  std::size_t states = 0;                                         // markov
  std::vector<std::vector<Credit>> by_place;                      // shapley_ordered
};

struct PathAnswer {
  std::vector<std::string> channels;  // in byte order
  std::vector<ModelAnswer> models;
  const char* error = nullptr;  // a code: no_conversions, too_many_states
};

// The numbers of each part's channels in the byte order of all names.
struct ChannelOrder {
  std::vector<std::string> names;
  std::vector<std::vector<std::uint32_t>> numbers;  // [part][its number]
};
ChannelOrder order_channels(const PathFile& file);

// Every part by its own thread.
PathTally tally_paths(const PathFile& file, const ChannelOrder& order);

// `orders` are those of the Markov models, each 1 to models::kMaxChainOrder.
PathAnswer attribute_paths(const PathFile& file, const std::vector<PathModel>& models,
                           const std::vector<std::uint32_t>& orders);

}  // namespace tl::server::attribute
