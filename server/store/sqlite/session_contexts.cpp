// SPDX-License-Identifier: Apache-2.0
// Session contexts: what a later forwarding needs and nothing else may read. The row is JSON sealed
// to its site and session: {"ip","user_agent","landing_url","fbclid","fbclid_t_ms"} and the vendor
// cookies by their names, empty ones left out.

#include "server/store/sqlite/event_store.hpp"
#include "server/store/sqlite/sealed_places.hpp"
#include "throughline/json_writer.hpp"

#include <nlohmann/json.hpp>

#include <utility>

namespace tl::server::sqlite {
namespace {

constexpr std::pair<const char*, std::string SessionContext::*> kTexts[] = {
    {"ip", &SessionContext::ip},
    {"user_agent", &SessionContext::user_agent},
    {"landing_url", &SessionContext::landing_url},
    {"fbclid", &SessionContext::fbclid}};

// Calls for the name and value of each text.
template <class Context, class Visit>
void for_each_text(Context& context, const Visit& visit) {
  for (const auto& [name, member] : kTexts) visit(name, context.*member);
  for (const auto& cookie : kVendorCookies) visit(cookie.name, context.*cookie.value);
}

std::string write_context(const SessionContext& context) {
  std::size_t most = 512;
  for_each_text(context, [&](const char*, const std::string& text) {
    most += 6 * text.size();  // every byte escaped
  });
  std::string buffer(most, '\0');
  Out out(buffer.data(), buffer.size());
  JsonWriter json(out);
  json.open_object();
  for_each_text(context, [&](const char* name, const std::string& text) {
    if (text.empty()) return;
    json.key(name);
    json.string(text);
  });
  json.key("fbclid_t_ms");
  json.number(context.fbclid_t_ms);
  json.close_object();
  buffer.resize(out.size());
  return buffer;
}

// None when the row was sealed with another server secret: then it is of no use to anybody.
std::optional<SessionContext> read_context(const std::optional<std::string>& text) {
  if (!text) return std::nullopt;
  const auto json = nlohmann::json::parse(*text, nullptr, false);
  if (!json.is_object()) return std::nullopt;
  SessionContext context;
  for_each_text(context, [&](const char* name, std::string& text) { text = json.value(name, ""); });
  context.fbclid_t_ms = json.value("fbclid_t_ms", std::int64_t{0});
  return context;
}

std::optional<SessionContext> open_row(Query& query, const SecretBox& box,
                                       std::string_view site_id) {
  if (!query.step()) return std::nullopt;
  Id128 session_id;
  std::string sealed;
  query.read(session_id, sealed);
  return read_context(box.open(sealed, context_place(site_id, session_id)));
}

}  // namespace

Outcome<void> SqliteEventStore::put_context(std::string_view site_id, const Id128& session_id,
                                            const Id128& anonymous_id,
                                            const SessionContext& context, std::int64_t t_ms,
                                            std::int64_t expires_ms) {
  const std::string sealed = box_.seal(write_context(context), context_place(site_id, session_id));
  return attempt([&] {
    connection_
        .query(
            "INSERT INTO session_context "
            "(site_id, session_id, anonymous_id, sealed, t_ms, expires_ms) VALUES (?,?,?,?,?,?) "
            "ON CONFLICT DO UPDATE SET sealed = excluded.sealed, t_ms = excluded.t_ms, "
            "expires_ms = excluded.expires_ms")
        .bind(site_id, session_id, anonymous_id, Blob{sealed}, t_ms, expires_ms)
        .run();
  });
}

Outcome<std::optional<SessionContext>> SqliteEventStore::find_context(std::string_view site_id,
                                                                      const Id128& session_id) {
  return attempt([&] {
    auto query = connection_.query(
        "SELECT session_id, sealed FROM session_context WHERE site_id = ?1 AND anonymous_id = "
        "(SELECT anonymous_id FROM session WHERE site_id = ?1 AND id = ?2) AND session_id = ?2");
    query.bind(site_id, session_id);
    return open_row(query, box_, site_id);
  });
}

Outcome<std::optional<SessionContext>> SqliteEventStore::newest_context(std::string_view site_id,
                                                                        const Id128& anonymous_id) {
  return attempt([&] {
    auto query = connection_.query(
        "SELECT session_id, sealed FROM session_context WHERE site_id = ? AND anonymous_id = ? "
        "ORDER BY t_ms DESC LIMIT 1");
    query.bind(site_id, anonymous_id);
    return open_row(query, box_, site_id);
  });
}

Outcome<void> SqliteEventStore::delete_contexts(std::string_view site_id,
                                                const Id128& anonymous_id) {
  return attempt([&] {
    connection_.query("DELETE FROM session_context WHERE site_id = ? AND anonymous_id = ?")
        .bind(site_id, anonymous_id)
        .run();
  });
}

Outcome<void> SqliteEventStore::delete_expired_contexts(std::int64_t now_ms) {
  return attempt([&] {
    connection_.query("DELETE FROM session_context WHERE expires_ms <= ?").bind(now_ms).run();
  });
}

}  // namespace tl::server::sqlite
