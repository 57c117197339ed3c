// SPDX-License-Identifier: Apache-2.0
#include "server/core/ingest/said_choices.hpp"

#include "server/core/durations.hpp"

#include <algorithm>

namespace tl::server {
namespace {

constexpr std::int64_t kMostUnderWayMs = 5 * kMinuteMs;

}  // namespace

std::int64_t said_after_ms(const SaidTime& said, const ConsentRecord& record) {
  const std::int64_t ahead_ms = std::max<std::int64_t>(said.sent_ms - said.received_ms, 0);
  const bool is_clock_mended = record.said_ms - record.t_ms > ahead_ms + kMostUnderWayMs;
  return is_clock_mended ? said.corrected_ms() - record.t_ms : said.said_ms - record.said_ms;
}

Outcome<std::vector<NumberedReceipt>> receipts_as_said(Tables& tables, std::string_view site_id,
                                                       const Id128& visitor) {
  TL_TRY(receipts, tables.privacy().receipts_of(site_id, visitor));
  std::stable_sort(receipts.begin(), receipts.end(),
                   [](const auto& a, const auto& b) { return a.receipt.t_ms < b.receipt.t_ms; });
  return receipts;
}

Outcome<bool> has_refused_marketing(Tables& tables, std::string_view site_id,
                                    const Id128& visitor) {
  TL_TRY(ids, tables.events().linked_ids(site_id, visitor));
  std::int64_t last_ms = 0;
  bool is_refused = false;
  for (const Id128& id : ids) {
    TL_TRY(receipts, receipts_as_said(tables, site_id, id));
    for (const auto& [number, receipt, subject, previous, hash] : receipts) {
      if (receipt.event == kStatedReceipt || receipt.t_ms < last_ms) continue;
      last_ms = receipt.t_ms;
      is_refused = receipt.consent.marketing == Choice::denied;
    }
  }
  return is_refused;
}

}  // namespace tl::server
