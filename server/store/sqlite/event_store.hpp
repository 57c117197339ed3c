// SPDX-License-Identifier: Apache-2.0
// EventStore on SQLite: touch, event, session and what hangs on a session.
#pragma once

#include "server/core/access/secret_box.hpp"
#include "server/core/ports/event_store.hpp"
#include "server/store/sqlite/connection.hpp"

namespace tl::server::sqlite {

class SqliteEventStore : public EventStore {
 public:
  SqliteEventStore(Connection& connection, const SecretBox& box)
      : connection_(connection), box_(box) {}

  Outcome<bool> insert_event(const EventRow& event) override;
  Outcome<bool> insert_touch(const TouchRow& touch) override;
  Outcome<void> insert_anon_event(std::string_view site_id, const AnonEvent& event) override;

  Outcome<std::optional<SessionRow>> find_session(std::string_view site_id,
                                                  const Id128& id) override;
  Outcome<std::optional<Id128>> visitor_of_session(std::string_view site_id,
                                                   const Id128& id) override;
  Outcome<void> put_session(const SessionRow& session) override;
  Outcome<bool> merge_session(const SessionRow& part) override;
  Outcome<void> alias_session(std::string_view site_id, const Id128& alias,
                              const Id128& session_id) override;
  Outcome<bool> link_anonymous_ids(std::string_view site_id, const Id128& id, const Id128& older,
                                   std::int64_t t_ms) override;
  Outcome<std::vector<Id128>> linked_ids(std::string_view site_id,
                                         const Id128& anonymous_id) override;

  Outcome<std::vector<TouchRow>> touches_of_visitor(std::string_view site_id,
                                                    const Id128& anonymous_id, std::int64_t from_ms,
                                                    std::int64_t to_ms,
                                                    std::uint32_t limit) override;
  Outcome<std::optional<TouchRow>> find_touch(std::string_view site_id, const Id128& session_id,
                                              const Id128& id) override;
  Outcome<std::optional<TouchRow>> find_view(std::string_view site_id, const Id128& id) override;
  Outcome<std::vector<TouchRow>> touches_of_session(std::string_view site_id,
                                                    const Id128& session_id) override;
  Outcome<std::optional<std::int64_t>> newest_event(std::string_view site_id,
                                                    const Id128& anonymous_id,
                                                    std::string_view name,
                                                    std::int64_t until_ms) override;
  Outcome<std::optional<EventRow>> find_event(std::string_view site_id, const Id128& session_id,
                                              const Id128& id) override;
  Outcome<std::vector<EventRow>> events_of_session(std::string_view site_id,
                                                   const Id128& session_id,
                                                   std::uint32_t limit) override;
  Outcome<bool> has_sessions(std::string_view site_id, const Id128& anonymous_id) override;
  Outcome<std::vector<SessionRow>> sessions_of_visitor(std::string_view site_id,
                                                       const Id128& anonymous_id,
                                                       std::uint32_t limit) override;
  Outcome<Page<SessionRow>> list_sessions(const ListQuery& query) override;

  Outcome<void> put_context(std::string_view site_id, const Id128& session_id,
                            const Id128& anonymous_id, const SessionContext& context,
                            std::int64_t t_ms, std::int64_t expires_ms) override;
  Outcome<std::optional<SessionContext>> find_context(std::string_view site_id,
                                                      const Id128& session_id) override;
  Outcome<std::optional<SessionContext>> newest_context(std::string_view site_id,
                                                        const Id128& anonymous_id) override;
  Outcome<void> delete_contexts(std::string_view site_id, const Id128& anonymous_id) override;
  Outcome<std::optional<std::int64_t>> delete_views(std::string_view site_id,
                                                    const Id128& anonymous_id) override;
  Outcome<void> delete_expired_contexts(std::int64_t now_ms) override;

 private:
  Connection& connection_;
  const SecretBox& box_;
};

}  // namespace tl::server::sqlite
