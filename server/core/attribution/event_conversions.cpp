// SPDX-License-Identifier: Apache-2.0
#include "server/core/attribution/event_conversions.hpp"

#include "server/core/attribution/conversions.hpp"
#include "server/core/text/uuid_text.hpp"

namespace tl::server {

Outcome<void> EventConversions::on_conversion_event(Tables& tables, const SiteConfig& site,
                                                    const EventRow& event) {
  // Orders come from providers and servers; a page's event of that name is no order.
  if (event.name == "purchase" || event.name == "refund") return {};
  ConversionDraft draft;
  draft.kind = event.name;
  draft.provider = "event";
  draft.order_id = uuid_text(event.id);
  draft.occurred_ms = event.t_ms;
  draft.first_told_ms = event.t_ms;
  draft.anonymous_id = event.anonymous_id;
  draft.session_id = event.session_id;
  // The ids are those of the event itself, verified by replay.
  draft.is_browser_hint = false;
  // The event goes to destinations as itself; as a conversion it is for our reports only.
  const DestinationTakes none = [](const DestinationConfig&, std::string_view) { return false; };
  TL_TRY(recorded, record_conversion(tables, site, draft, none, clock_.now_ms()));
  static_cast<void>(recorded);
  return {};
}

}  // namespace tl::server
