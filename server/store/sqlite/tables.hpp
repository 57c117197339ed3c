// SPDX-License-Identifier: Apache-2.0
// The ports of one connection: what a work sees inside its transaction or snapshot.
#pragma once

#include "server/core/access/secret_box.hpp"
#include "server/core/ports/store.hpp"
#include "server/store/sqlite/connection.hpp"
#include "server/store/sqlite/group_sums.hpp"

#include <memory>

namespace tl::server::sqlite {

class SqliteTables : public Tables {
 public:
  // Keeps references to both.
  SqliteTables(Connection& connection, const SecretBox& box);
  // What the works of a group added; the writer writes it before the commit.
  GroupSums& sums() { return sums_; }
  EventStore& events() override { return *events_; }
  PeopleStore& people() override { return *people_; }
  OrderStore& orders() override { return *orders_; }
  OutboxStore& outbox() override { return *outbox_; }
  FetchStore& fetches() override { return *fetches_; }
  RollupStore& rollups() override { return *rollups_; }
  ReportStore& reports() override { return *reports_; }
  CostStore& costs() override { return *costs_; }
  TrainingStore& trainings() override { return *trainings_; }
  EvidenceStore& evidence() override { return *evidence_; }
  OperationsStore& operations() override { return *operations_; }
  UserStore& users() override { return *users_; }
  PrivacyStore& privacy() override { return *privacy_; }

 private:
  GroupSums sums_;
  std::unique_ptr<EventStore> events_;
  std::unique_ptr<PeopleStore> people_;
  std::unique_ptr<OrderStore> orders_;
  std::unique_ptr<OutboxStore> outbox_;
  std::unique_ptr<FetchStore> fetches_;
  std::unique_ptr<RollupStore> rollups_;
  std::unique_ptr<ReportStore> reports_;
  std::unique_ptr<CostStore> costs_;
  std::unique_ptr<TrainingStore> trainings_;
  std::unique_ptr<EvidenceStore> evidence_;
  std::unique_ptr<OperationsStore> operations_;
  std::unique_ptr<UserStore> users_;
  std::unique_ptr<PrivacyStore> privacy_;
};

}  // namespace tl::server::sqlite
