// SPDX-License-Identifier: Apache-2.0
// The store as the core sees it. All writing goes through write(): the work runs inside a
// transaction, alone (SQLite: on the one writer thread, many works a commit), and write() returns
// only when the commit is on disk. A work that returns an error leaves nothing behind. Reading
// takes a snapshot and runs beside the writer. Works must be quick and must not call the store from
// inside. A work may run more than once, each time as if it had not run before: it sets what it
// gives back instead of adding to it.
#pragma once

#include "server/core/outcome.hpp"
#include "server/core/ports/cost_store.hpp"
#include "server/core/ports/event_store.hpp"
#include "server/core/ports/evidence_store.hpp"
#include "server/core/ports/fetch_store.hpp"
#include "server/core/ports/operations_store.hpp"
#include "server/core/ports/order_store.hpp"
#include "server/core/ports/outbox_store.hpp"
#include "server/core/ports/people_store.hpp"
#include "server/core/ports/privacy_store.hpp"
#include "server/core/ports/report_store.hpp"
#include "server/core/ports/rollup_store.hpp"
#include "server/core/ports/training_store.hpp"
#include "server/core/ports/user_store.hpp"

#include <cstddef>
#include <functional>
#include <string>

namespace tl::server {

class Restatement;

// The tables inside one transaction (or snapshot). References live as long as the work runs.
class Tables {
 public:
  virtual ~Tables() = default;
  virtual EventStore& events() = 0;           // touch, event, session, anon_event
  virtual PeopleStore& people() = 0;          // claims, contacts, consent
  virtual OrderStore& orders() = 0;           // inbox, orders, conversion, credit
  virtual OutboxStore& outbox() = 0;          // delivery
  virtual FetchStore& fetches() = 0;          // order_import, order_lookup
  virtual RollupStore& rollups() = 0;         // day_*, written
  virtual ReportStore& reports() = 0;         // day_*, read
  virtual CostStore& costs() = 0;             // cost
  virtual TrainingStore& trainings() = 0;     // model_training, and what it learns from
  virtual EvidenceStore& evidence() = 0;      // everything, for rebuild and audit
  virtual OperationsStore& operations() = 0;  // reject, counter, api_key
  virtual UserStore& users() = 0;             // user_account, login_session, audit_log
  virtual PrivacyStore& privacy() = 0;        // everything of a person, erasure

  Restatement* restatement = nullptr;  // what the core restates at this moment, in this work
};

class Store {
 public:
  using Work = std::function<Outcome<void>(Tables&)>;
  virtual ~Store() = default;
  // Errors: the work's own, or unavailable (store_unavailable) when the disk or database failed.
  virtual Outcome<void> write(const Work& work) = 0;
  virtual Outcome<void> read(const Work& work) = 0;
  // A consistent copy of everything as a store of its own; `path` does not exist yet.
  virtual Outcome<void> copy_to(const std::string& path) = 0;
  // What was overwritten or removed is in none of the store's files afterwards.
  virtual Outcome<void> forget_overwritten() = 0;
  // The same if a work has asked for it (PrivacyStore::forget_soon) since the last time, or before
  // the store was opened.
  virtual Outcome<void> forget_if_asked() = 0;
  // For /readyz: a write reaches the disk.
  virtual Outcome<void> probe() = 0;
  // Works that wait for the writer at this moment, for /metrics.
  [[nodiscard]] virtual std::size_t queued_writes() const = 0;
};

}  // namespace tl::server
