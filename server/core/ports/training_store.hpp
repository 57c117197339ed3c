// SPDX-License-Identifier: Apache-2.0
// Trained models, and what they learn from. Errors everywhere: unavailable (store_unavailable).
#pragma once

#include "server/core/attribution/trained_models.hpp"
#include "server/core/outcome.hpp"
#include "throughline/hash.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tl::server {

// A touch that counts in reports, as far as a path of channels needs it.
struct ChannelTouch {
  Id128 anonymous_id, session_id, id;
  std::int64_t t_ms = 0, seq = 0;
  Channel channel = Channel::unknown;
  bool is_view = false;
};

// A live conversion at whose person the visitor was found.
struct VisitorConversion {
  Id128 anonymous_id;
  std::string kind;
  std::int64_t t_ms = 0;
};

// Which conversions a version of a model is still to split: those of the kind that occurred at
// `open_ms` or later and have no credit by that version, and older ones without any by that model.
struct SplitsDue {
  std::string_view site_id, kind, model;
  std::int64_t version = 0, open_ms = 0;
};

class TrainingStore {
 public:
  virtual ~TrainingStore() = default;

  // By visitor, session and id, after that touch; of [from_ms, to_ms).
  virtual Outcome<std::vector<ChannelTouch>> touches_after(std::string_view site_id,
                                                           const ChannelTouch& after,
                                                           std::int64_t from_ms, std::int64_t to_ms,
                                                           std::uint32_t limit) = 0;
  // Of the visitors from `first` to `last`, both inclusive; by visitor and time.
  virtual Outcome<std::vector<VisitorConversion>> conversions_of_visitors(std::string_view site_id,
                                                                          const Id128& first,
                                                                          const Id128& last) = 0;

  // As the next version of its kind and order, which is returned.
  virtual Outcome<std::int64_t> put(std::string_view site_id, const TrainedModel& model) = 0;
  virtual Outcome<std::optional<TrainedModel>> find(std::string_view site_id, std::string_view kind,
                                                    std::uint32_t order, std::int64_t version) = 0;
  // The newest training of every kind and order, also refused ones.
  virtual Outcome<std::vector<TrainedModel>> newest(std::string_view site_id) = 0;
  // The newest that is a model, of each order.
  virtual Outcome<std::vector<TrainedModel>> newest_models(std::string_view site_id,
                                                           std::string_view kind) = 0;

  // After that id; by id.
  virtual Outcome<std::vector<Id128>> conversions_to_split(const SplitsDue& due, const Id128& after,
                                                           std::uint32_t limit) = 0;
};

}  // namespace tl::server
