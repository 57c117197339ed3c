// SPDX-License-Identifier: Apache-2.0
#include "server/attribute/path_models.hpp"

#include "models/model.hpp"
#include "server/attribute/path_chain.hpp"

#include <algorithm>
#include <numeric>
#include <thread>

namespace tl::server::attribute {
namespace {

struct NamedModel {
  PathModel model;
  std::string_view name;
};
constexpr NamedModel kModels[] = {
    {PathModel::first_touch, "first_touch"},
    {PathModel::last_touch, "last_touch"},
    {PathModel::linear, "linear"},
    {PathModel::position_u, "position_u"},
    {PathModel::position_j, "position_j"},
    {PathModel::position_inv_j, "position_inv_j"},
    {PathModel::markov, "markov"},
    {PathModel::markov_per_conversion, "markov_per_conversion"},
    {PathModel::shapley, "shapley"},
    {PathModel::shapley_ordered, "shapley_ordered"},
};

bool is_markov(PathModel model) {
  return model == PathModel::markov || model == PathModel::markov_per_conversion;
}

// `amount` by weights that are not all zero.
void share(std::span<const double> weights, double amount, double Credit::*member,
           std::vector<Credit>& credits) {
  const double total = std::accumulate(weights.begin(), weights.end(), 0.0);
  if (total == 0) return;
  for (std::size_t i = 0; i < weights.size(); ++i) credits[i].*member = amount * weights[i] / total;
}

// Each path's conversions and value by the effects of its steps; evenly where none has any.
std::vector<Credit> per_conversion(const PathFile& file, const ChannelOrder& channels,
                                   const PathChain& chain) {
  std::vector<models::ExactSum> conversions(channels.names.size()), value(channels.names.size());
  std::vector<double> weights;
  const auto divide = [&](std::span<const std::uint32_t> path, const std::vector<double>& effects,
                          double amount, std::vector<models::ExactSum>& sums) {
    weights.assign(path.size(), 0);
    double total = 0;
    for (std::size_t i = 0; i < path.size(); ++i) total += weights[i] = effects[path[i]];
    if (total == 0) {
      std::fill(weights.begin(), weights.end(), 1);
      total = static_cast<double>(path.size());
    }
    for (std::size_t i = 0; i < path.size(); ++i) sums[path[i]].add(amount * weights[i] / total);
  };
  for (std::size_t part = 0; part < file.parts.size(); ++part)
    file.parts[part].paths.for_each(channels.numbers[part], [&](std::span<const std::uint32_t> path,
                                                                const PathTable::Counts& counts) {
      if (path.empty()) return;
      divide(path, chain.of_conversions(), static_cast<double>(counts.conversions), conversions);
      divide(path, chain.of_conversions(), counts.value, value);
      if (counts.value_rest != 0) divide(path, chain.of_conversions(), counts.value_rest, value);
    });
  std::vector<Credit> credits(channels.names.size());
  for (std::size_t i = 0; i < credits.size(); ++i)
    credits[i] = {conversions[i].value(), value[i].value()};
  return credits;
}

class Attribution {
 public:
  explicit Attribution(const PathFile& file)
      : file_(file), channels_(order_channels(file)), tally_(tally_paths(file, channels_)) {}

  PathAnswer run(const std::vector<PathModel>& models, const std::vector<std::uint32_t>& orders) {
    for (const PathModel model : models)
      if (!is_markov(model)) answer_.models.push_back(by_rule(model));
    if (std::any_of(models.begin(), models.end(), is_markov))
      for (const std::uint32_t order : orders) add_markov(models, order);
    answer_.channels = channels_.names;
    if (tally_.has_empty_path()) list_unattributed();
    return std::move(answer_);
  }

 private:
  ModelAnswer by_rule(PathModel model) const {
    ModelAnswer answer;
    answer.name = path_model_name(model);
    switch (model) {
      case PathModel::first_touch:
        answer.credits = tally_.positions({1, 0, 0});
        break;
      case PathModel::last_touch:
        answer.credits = tally_.positions({0, 0, 1});
        break;
      case PathModel::linear:
        answer.credits = tally_.linear();
        break;
      case PathModel::position_u:
        answer.credits = tally_.positions({2, 1, 2});
        break;
      case PathModel::position_j:
        answer.credits = tally_.positions({1, 1, 3});
        break;
      case PathModel::position_inv_j:
        answer.credits = tally_.positions({3, 1, 1});
        break;
      case PathModel::shapley_ordered:
        answer.by_place = tally_.shapley_by_place();
        [[fallthrough]];
      case PathModel::shapley:
        answer.credits = tally_.shapley();
        break;
      case PathModel::markov:
      case PathModel::markov_per_conversion:
        break;
    }
    return answer;
  }

  void add_markov(const std::vector<PathModel>& models, std::uint32_t order) {
    PathChain chain(channels_.names.size(), order);
    const auto added = chain.add(file_, channels_);
    const auto totals = added.ok() ? chain.solve() : Result<models::ChainTotals>(added.error());
    if (!totals.ok()) {
      answer_.error = totals.error().code;
      return;
    }
    for (const PathModel model : models) {
      if (!is_markov(model)) continue;
      ModelAnswer answer;
      answer.name = "markov_" + std::to_string(order);
      answer.removal_effects = chain.of_conversions();
      answer.removal_effects_of_value = chain.of_value();
      answer.p_conversion = totals.value().p_conversion;
      answer.states = totals.value().states;
      if (model == PathModel::markov) {
        answer.credits.resize(channels_.names.size());
        share(chain.of_conversions(), static_cast<double>(tally_.conversions()),
              &Credit::conversions, answer.credits);
        share(chain.of_value(), tally_.value(), &Credit::value, answer.credits);
      } else {
        answer.name += "_per_conversion";
        answer.credits = per_conversion(file_, channels_, chain);
      }
      answer_.models.push_back(std::move(answer));
    }
  }

  // Paths without a step stand beside the channels, in their place by name.
  void list_unattributed() {
    const std::string name(models::kUnattributedChannel);
    const auto place = std::lower_bound(answer_.channels.begin(), answer_.channels.end(), name) -
                       answer_.channels.begin();
    const auto at = static_cast<std::size_t>(place);
    const bool is_new = at == answer_.channels.size() || answer_.channels[at] != name;
    if (is_new) answer_.channels.insert(answer_.channels.begin() + place, name);
    for (ModelAnswer& model : answer_.models) {
      if (is_new) {
        model.credits.insert(model.credits.begin() + place, Credit{});
        for (auto* effects : {&model.removal_effects, &model.removal_effects_of_value})
          if (!effects->empty()) effects->insert(effects->begin() + place, 0);
        if (!model.by_place.empty())
          model.by_place.insert(model.by_place.begin() + place, std::vector<Credit>{});
      }
      model.credits[at].conversions += tally_.unattributed().conversions;
      model.credits[at].value += tally_.unattributed().value;
    }
  }

  const PathFile& file_;
  ChannelOrder channels_;
  PathTally tally_;
  PathAnswer answer_;
};

}  // namespace

std::vector<PathModel> all_path_models() {
  std::vector<PathModel> models;
  for (const NamedModel& named : kModels) models.push_back(named.model);
  return models;
}

std::string_view path_model_name(PathModel model) {
  for (const NamedModel& named : kModels)
    if (named.model == model) return named.name;
  return {};
}

bool parse_path_model(std::string_view name, PathModel& model) {
  std::string canonical(name);
  std::replace(canonical.begin(), canonical.end(), '-', '_');
  for (const NamedModel& named : kModels) {
    if (named.name != canonical) continue;
    model = named.model;
    return true;
  }
  return false;
}

ChannelOrder order_channels(const PathFile& file) {
  ChannelOrder order;
  for (const auto& part : file.parts)
    order.names.insert(order.names.end(), part.channels.names().begin(),
                       part.channels.names().end());
  std::sort(order.names.begin(), order.names.end());
  order.names.erase(std::unique(order.names.begin(), order.names.end()), order.names.end());
  for (const auto& part : file.parts) {
    auto& numbers = order.numbers.emplace_back();
    for (const auto& name : part.channels.names())
      numbers.push_back(static_cast<std::uint32_t>(
          std::lower_bound(order.names.begin(), order.names.end(), name) - order.names.begin()));
  }
  return order;
}

PathTally tally_paths(const PathFile& file, const ChannelOrder& order) {
  std::vector<PathTally> tallies(file.parts.size(), PathTally(order.names.size()));
  const auto run = [&](std::size_t part) {
    file.parts[part].paths.for_each(order.numbers[part], [&](std::span<const std::uint32_t> path,
                                                             const PathTable::Counts& counts) {
      tallies[part].add(path, counts);
    });
  };
  std::vector<std::thread> workers;
  for (std::size_t part = 1; part < tallies.size(); ++part) workers.emplace_back(run, part);
  run(0);
  for (auto& worker : workers) worker.join();
  for (std::size_t part = 1; part < tallies.size(); ++part) tallies[0].add(tallies[part]);
  return std::move(tallies[0]);
}

PathAnswer attribute_paths(const PathFile& file, const std::vector<PathModel>& models,
                           const std::vector<std::uint32_t>& orders) {
  return Attribution(file).run(models, orders);
}

}  // namespace tl::server::attribute
