// SPDX-License-Identifier: Apache-2.0
// One line a port.

#include "server/store/sqlite/tables.hpp"

#include "server/store/sqlite/cost_store.hpp"
#include "server/store/sqlite/event_store.hpp"
#include "server/store/sqlite/evidence_store.hpp"
#include "server/store/sqlite/fetch_store.hpp"
#include "server/store/sqlite/operations_store.hpp"
#include "server/store/sqlite/order_store.hpp"
#include "server/store/sqlite/outbox_store.hpp"
#include "server/store/sqlite/people_store.hpp"
#include "server/store/sqlite/privacy_store.hpp"
#include "server/store/sqlite/report_store.hpp"
#include "server/store/sqlite/rollup_store.hpp"
#include "server/store/sqlite/training_store.hpp"
#include "server/store/sqlite/user_store.hpp"

namespace tl::server::sqlite {

SqliteTables::SqliteTables(Connection& connection, const SecretBox& box)
    : events_(std::make_unique<SqliteEventStore>(connection, box)),
      people_(std::make_unique<SqlitePeopleStore>(connection)),
      orders_(std::make_unique<SqliteOrderStore>(connection, box)),
      outbox_(std::make_unique<SqliteOutboxStore>(connection, box)),
      fetches_(std::make_unique<SqliteFetchStore>(connection)),
      rollups_(std::make_unique<SqliteRollupStore>(connection, sums_.rollups())),
      reports_(std::make_unique<SqliteReportStore>(connection)),
      costs_(std::make_unique<SqliteCostStore>(connection)),
      trainings_(std::make_unique<SqliteTrainingStore>(connection)),
      evidence_(std::make_unique<SqliteEvidenceStore>(connection, sums_.rollups())),
      operations_(std::make_unique<SqliteOperationsStore>(connection, box, sums_)),
      users_(std::make_unique<SqliteUserStore>(connection)),
      privacy_(std::make_unique<SqlitePrivacyStore>(connection, box)) {}

}  // namespace tl::server::sqlite
