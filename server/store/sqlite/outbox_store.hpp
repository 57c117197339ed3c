// SPDX-License-Identifier: Apache-2.0
// delivery, delivery_attempt, lane and transaction_id in SQLite. Bodies are sealed to site,
// destination and event.
#pragma once

#include "server/core/access/secret_box.hpp"
#include "server/core/ports/outbox_store.hpp"
#include "server/store/sqlite/connection.hpp"

namespace tl::server::sqlite {

class SqliteOutboxStore final : public OutboxStore {
 public:
  SqliteOutboxStore(Connection& connection, const SecretBox& box)
      : connection_(connection), box_(box) {}

  Outcome<bool> enqueue(const DeliveryRow& delivery) override;
  Outcome<std::vector<DeliveryRow>> lease(std::string_view site_id, std::string_view destination,
                                          std::int64_t now_ms, std::int64_t lease_until_ms,
                                          std::uint32_t limit) override;
  Outcome<std::int64_t> count_in_state(std::string_view site_id, std::string_view destination,
                                       DeliveryState state, std::int64_t most) override;
  Outcome<std::optional<std::int64_t>> next_due(std::string_view site_id,
                                                std::string_view destination) override;
  Outcome<std::optional<std::int64_t>> next_result_due(std::string_view site_id,
                                                       std::string_view destination) override;
  Outcome<std::vector<DeliveryRow>> due_result(std::string_view site_id,
                                               std::string_view destination,
                                               std::int64_t now_ms) override;
  Outcome<void> put_delivery(const DeliveryRow& delivery) override;
  Outcome<void> append_attempt(const DeliveryAttempt& attempt) override;
  Outcome<std::vector<DeliveryAttempt>> attempts_of(std::int64_t delivery_id) override;
  Outcome<std::optional<DeliveryRow>> find_delivery(std::int64_t id) override;
  Outcome<std::vector<DeliveryRow>> deliveries_of_event(std::string_view site_id,
                                                        const Id128& event_id) override;
  Outcome<std::vector<DeliveryRow>> deliveries_of_session(std::string_view site_id,
                                                          const Id128& session_id) override;
  Outcome<std::vector<DeliveryRow>> deliveries_of_visitor(std::string_view site_id,
                                                          const Id128& anonymous_id) override;
  Outcome<Page<DeliveryRow>> list_deliveries(const ListQuery& query,
                                             std::optional<DeliveryState> state,
                                             std::string_view destination) override;
  Outcome<std::uint32_t> withhold_queued(std::string_view site_id, const Id128& anonymous_id,
                                         std::string_view reason, std::string_view destination,
                                         std::int64_t before_ms) override;
  Outcome<void> scrub_old_bodies(std::int64_t before_ms) override;

  Outcome<std::optional<std::string>> transaction_id(std::string_view scope,
                                                     std::string_view site_id,
                                                     const Id128& conversion_id) override;
  Outcome<bool> claim_transaction_id(std::string_view scope, std::string_view id,
                                     std::string_view site_id, const Id128& conversion_id) override;

  Outcome<LaneState> lane(std::string_view site_id, std::string_view destination) override;
  Outcome<void> set_lane(std::string_view site_id, std::string_view destination,
                         const LaneState& lane) override;

 private:
  DeliveryRow read_row(Query& query) const;
  Outcome<std::vector<DeliveryRow>> deliveries_by(Sql sql, std::string_view site_id,
                                                  const Id128& id);

  Connection& connection_;
  const SecretBox& box_;
};

}  // namespace tl::server::sqlite
