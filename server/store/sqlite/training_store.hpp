// SPDX-License-Identifier: Apache-2.0
// TrainingStore on SQLite.
#pragma once

#include "server/core/ports/training_store.hpp"
#include "server/store/sqlite/connection.hpp"

namespace tl::server::sqlite {

class SqliteTrainingStore : public TrainingStore {
 public:
  explicit SqliteTrainingStore(Connection& connection) : connection_(connection) {}

  Outcome<std::vector<ChannelTouch>> touches_after(std::string_view site_id,
                                                   const ChannelTouch& after, std::int64_t from_ms,
                                                   std::int64_t to_ms,
                                                   std::uint32_t limit) override;
  Outcome<std::vector<VisitorConversion>> conversions_of_visitors(std::string_view site_id,
                                                                  const Id128& first,
                                                                  const Id128& last) override;
  Outcome<std::int64_t> put(std::string_view site_id, const TrainedModel& model) override;
  Outcome<std::optional<TrainedModel>> find(std::string_view site_id, std::string_view kind,
                                            std::uint32_t order, std::int64_t version) override;
  Outcome<std::vector<TrainedModel>> newest(std::string_view site_id) override;
  Outcome<std::vector<TrainedModel>> newest_models(std::string_view site_id,
                                                   std::string_view kind) override;
  Outcome<std::vector<Id128>> conversions_to_split(const SplitsDue& due, const Id128& after,
                                                   std::uint32_t limit) override;

 private:
  Connection& connection_;
};

}  // namespace tl::server::sqlite
