// SPDX-License-Identifier: Apache-2.0
#include "server/core/attribution/conversion_session.hpp"

namespace tl::server {
namespace {

Outcome<void> refresh_session(Tables& tables, const SiteConfig& site, const Id128& session_id) {
  TL_TRY(session, tables.events().find_session(site.id, session_id));
  if (!session) return {};
  TL_TRY(conversions, tables.orders().conversions_of_session(site.id, session->id));
  const ConversionRow* first = nullptr;
  std::int64_t value_minor = 0;
  for (const auto& conversion : conversions) {
    if (!conversion.live || conversion.kind != "purchase") continue;
    if (first == nullptr) first = &conversion;
    // Currencies are never added: the session's value is in that of its first purchase.
    if (conversion.currency == first->currency) value_minor += conversion.amount_minor;
  }
  const SessionRow before = *session;
  session->converted = first != nullptr;
  session->conversion_value_minor = value_minor;
  session->currency = first != nullptr ? first->currency : std::string{};
  if (first != nullptr) {
    const bool is_within_visit = first->occurred_ms - session->last_ms <= site.session.timeout_ms;
    session->ended_ms = is_within_visit ? first->occurred_ms : session->last_ms;
    session->end_reason = "purchase";
  } else if (session->end_reason == "purchase") {
    session->ended_ms.reset();
    session->end_reason.clear();
  }
  const bool is_same = before.converted == session->converted &&
                       before.conversion_value_minor == session->conversion_value_minor &&
                       before.currency == session->currency &&
                       before.ended_ms == session->ended_ms &&
                       before.end_reason == session->end_reason;
  if (is_same) return {};
  return tables.events().put_session(*session);
}

}  // namespace

Outcome<void> refresh_sessions(Tables& tables, const SiteConfig& site,
                               const std::set<Id128>& session_ids) {
  for (const auto& id : session_ids) TL_CHECK(refresh_session(tables, site, id));
  return {};
}

}  // namespace tl::server
