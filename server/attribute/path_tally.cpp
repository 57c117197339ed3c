// SPDX-License-Identifier: Apache-2.0
#include "server/attribute/path_tally.hpp"

namespace tl::server::attribute {
namespace {

enum Place : std::size_t { kFirst, kMiddle, kLast, kPlaces };

// Rows of a triangle: 0; 1, 2; 3, 4, 5 …: the first one for n distinct channels.
std::size_t triangle(std::size_t distinct) {
  return distinct * (distinct - 1) / 2;
}

}  // namespace

std::vector<PathTally::Sum>& PathTally::row(Table& table, std::size_t index, std::size_t columns) {
  if (table.size() <= index) table.resize(index + 1);
  if (table[index].empty()) table[index].resize(columns);
  return table[index];
}

void PathTally::add(std::span<const std::uint32_t> path, const PathTable::Counts& counts) {
  if (path.empty()) {
    has_empty_path_ = true;
    unattributed_.add(counts);
    return;
  }
  if (counts.conversions == 0 && counts.value == 0) return;
  conversions_ += counts.conversions;
  value_.add(counts.value);
  value_.add(counts.value_rest);

  Sum* const sums = row(by_length_, path.size(), channels_ * kPlaces).data();
  sums[path.front() * kPlaces + kFirst].add(counts);
  for (std::size_t i = 1; i + 1 < path.size(); ++i) sums[path[i] * kPlaces + kMiddle].add(counts);
  if (path.size() > 1) sums[path.back() * kPlaces + kLast].add(counts);

  ++path_number_;
  distinct_.clear();
  for (const std::uint32_t channel : path) {
    if (seen_[channel] == path_number_) continue;
    seen_[channel] = path_number_;
    distinct_.push_back(channel);
  }
  const std::size_t start = triangle(distinct_.size());
  for (std::size_t i = 0; i < distinct_.size(); ++i)
    row(by_distinct_, start + i, channels_)[distinct_[i]].add(counts);
}

void PathTally::merge(Table& into, const Table& from) {
  for (std::size_t i = 0; i < from.size(); ++i) {
    if (from[i].empty()) continue;
    auto& sums = row(into, i, from[i].size());
    for (std::size_t k = 0; k < sums.size(); ++k) sums[k].add(from[i][k]);
  }
}

void PathTally::add(const PathTally& other) {
  merge(by_length_, other.by_length_);
  merge(by_distinct_, other.by_distinct_);
  unattributed_.add(other.unattributed_);
  has_empty_path_ = has_empty_path_ || other.has_empty_path_;
  conversions_ += other.conversions_;
  value_.add(other.value_);
}

std::vector<Credit> PathTally::linear() const {
  std::vector<Credit> credits(channels_);
  for (std::size_t length = 1; length < by_length_.size(); ++length) {
    const auto steps = static_cast<double>(length);
    for (std::size_t channel = 0; channel < by_length_[length].size() / kPlaces; ++channel) {
      Sum all;
      for (std::size_t place = 0; place < kPlaces; ++place)
        all.add(by_length_[length][channel * kPlaces + place]);
      credits[channel].conversions += static_cast<double>(all.conversions) / steps;
      credits[channel].value += all.value.value() / steps;
    }
  }
  return credits;
}

std::vector<Credit> PathTally::positions(const Shares& shares) const {
  std::vector<Credit> credits(channels_);
  for (std::size_t length = 1; length < by_length_.size(); ++length) {
    double weights[kPlaces] = {shares.first, 0, shares.last};
    if (length == 1) weights[kFirst] = 1;
    if (length > 2) weights[kMiddle] = shares.middle / static_cast<double>(length - 2);
    const double whole = length == 1   ? 1
                         : length == 2 ? shares.first + shares.last
                                       : shares.first + shares.middle + shares.last;
    for (std::size_t channel = 0; channel < by_length_[length].size() / kPlaces; ++channel)
      for (std::size_t place = 0; place < kPlaces; ++place) {
        const Sum& sum = by_length_[length][channel * kPlaces + place];
        credits[channel].conversions +=
            static_cast<double>(sum.conversions) * weights[place] / whole;
        credits[channel].value += sum.value.value() * weights[place] / whole;
      }
  }
  return credits;
}

std::vector<std::vector<Credit>> PathTally::shapley_by_place() const {
  std::vector<std::vector<Credit>> credits(channels_);
  for (std::size_t distinct = 1; triangle(distinct) < by_distinct_.size(); ++distinct)
    for (std::size_t place = 0; place < distinct; ++place) {
      const std::size_t index = triangle(distinct) + place;
      if (index >= by_distinct_.size()) break;
      for (std::size_t channel = 0; channel < by_distinct_[index].size(); ++channel) {
        const Sum& sum = by_distinct_[index][channel];
        if (sum.conversions == 0 && sum.value.value() == 0) continue;
        auto& places = credits[channel];
        if (places.size() <= place) places.resize(place + 1);
        places[place].conversions +=
            static_cast<double>(sum.conversions) / static_cast<double>(distinct);
        places[place].value += sum.value.value() / static_cast<double>(distinct);
      }
    }
  return credits;
}

std::vector<Credit> PathTally::shapley() const {
  std::vector<Credit> credits(channels_);
  const auto by_place = shapley_by_place();
  for (std::size_t channel = 0; channel < channels_; ++channel)
    for (const Credit& credit : by_place[channel]) {
      credits[channel].conversions += credit.conversions;
      credits[channel].value += credit.value;
    }
  return credits;
}

Credit PathTally::unattributed() const {
  return {static_cast<double>(unattributed_.conversions), unattributed_.value.value()};
}

}  // namespace tl::server::attribute
