// SPDX-License-Identifier: Apache-2.0
// Touches, events and sessions. Errors everywhere: unavailable (store_unavailable).
#pragma once

#include "server/core/outcome.hpp"
#include "server/core/records.hpp"

#include <optional>
#include <string_view>
#include <vector>

namespace tl::server {

class EventStore {
 public:
  virtual ~EventStore() = default;

  // true when new, false when it was there already (then nothing changes). anonymous_id is the
  // session's visitor, also where the browser used another id of its own.
  virtual Outcome<bool> insert_event(const EventRow& event) = 0;
  virtual Outcome<bool> insert_touch(const TouchRow& touch) = 0;
  virtual Outcome<void> insert_anon_event(std::string_view site_id, const AnonEvent& event) = 0;

  virtual Outcome<std::optional<SessionRow>> find_session(std::string_view site_id,
                                                          const Id128& id) = 0;  // by id or alias
  // Whose session it is; by its own id only.
  virtual Outcome<std::optional<Id128>> visitor_of_session(std::string_view site_id,
                                                           const Id128& id) = 0;
  virtual Outcome<void> put_session(const SessionRow& session) = 0;  // insert or replace
  // Adds a batch's share to the session: counts are added, times widened, texts of later activity
  // kept, first_touch kept once set. An end by purchase stays, others follow the newest activity.
  // `part.events` is at least 1. true when the session is new.
  virtual Outcome<bool> merge_session(const SessionRow& part) = 0;
  virtual Outcome<void> alias_session(std::string_view site_id, const Id128& alias,
                                      const Id128& session_id) = 0;
  // true when the link is new.
  virtual Outcome<bool> link_anonymous_ids(std::string_view site_id, const Id128& id,
                                           const Id128& older, std::int64_t t_ms) = 0;
  // This id and all that are linked to it, in either direction and over several steps.
  virtual Outcome<std::vector<Id128>> linked_ids(std::string_view site_id,
                                                 const Id128& anonymous_id) = 0;

  // In (t, seq, id) order, newest `limit` kept; also of anonymous ids linked to this one.
  virtual Outcome<std::vector<TouchRow>> touches_of_visitor(std::string_view site_id,
                                                            const Id128& anonymous_id,
                                                            std::int64_t from_ms,
                                                            std::int64_t to_ms,
                                                            std::uint32_t limit) = 0;
  virtual Outcome<std::optional<TouchRow>> find_touch(std::string_view site_id,
                                                      const Id128& session_id, const Id128& id) = 0;
  // A view belongs to no session.
  virtual Outcome<std::optional<TouchRow>> find_view(std::string_view site_id, const Id128& id) = 0;
  virtual Outcome<std::vector<TouchRow>> touches_of_session(std::string_view site_id,
                                                            const Id128& session_id) = 0;
  virtual Outcome<std::optional<EventRow>> find_event(std::string_view site_id,
                                                      const Id128& session_id, const Id128& id) = 0;
  virtual Outcome<std::vector<EventRow>> events_of_session(std::string_view site_id,
                                                           const Id128& session_id,
                                                           std::uint32_t limit) = 0;
  // When a visitor last sent an event of that name, up to a time; bots' and forged ones left out.
  virtual Outcome<std::optional<std::int64_t>> newest_event(std::string_view site_id,
                                                            const Id128& anonymous_id,
                                                            std::string_view name,
                                                            std::int64_t until_ms) = 0;
  virtual Outcome<bool> has_sessions(std::string_view site_id, const Id128& anonymous_id) = 0;
  // Newest first.
  virtual Outcome<std::vector<SessionRow>> sessions_of_visitor(std::string_view site_id,
                                                               const Id128& anonymous_id,
                                                               std::uint32_t limit) = 0;
  virtual Outcome<Page<SessionRow>> list_sessions(const ListQuery& query) = 0;  // newest first

  // session_context: anonymous_id is the session's visitor; sealed by the implementation's
  // SecretBox. Only with marketing consent.
  virtual Outcome<void> put_context(std::string_view site_id, const Id128& session_id,
                                    const Id128& anonymous_id, const SessionContext& context,
                                    std::int64_t t_ms, std::int64_t expires_ms) = 0;
  virtual Outcome<std::optional<SessionContext>> find_context(std::string_view site_id,
                                                              const Id128& session_id) = 0;
  virtual Outcome<std::optional<SessionContext>> newest_context(std::string_view site_id,
                                                                const Id128& anonymous_id) = 0;
  virtual Outcome<void> delete_contexts(std::string_view site_id, const Id128& anonymous_id) = 0;
  // The time of the first of them, if there was one.
  virtual Outcome<std::optional<std::int64_t>> delete_views(std::string_view site_id,
                                                            const Id128& anonymous_id) = 0;
  virtual Outcome<void> delete_expired_contexts(std::int64_t now_ms) = 0;
};

}  // namespace tl::server
