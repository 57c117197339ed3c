// SPDX-License-Identifier: Apache-2.0
#include "server/store/sqlite/rollup_revisions.hpp"

#include <nlohmann/json.hpp>

#include <array>

namespace tl::server::sqlite {
namespace {

const char* reason_name(RollupReason reason) {
  static constexpr std::array kNames = {"touch",  "conversion", "refund",  "path",
                                        "amount", "customer",   "rebuild", "training"};
  return kNames[static_cast<std::size_t>(reason)];
}

}  // namespace

bool Revisions::is_published(std::string_view site_id, int day) {
  if (!is_noting_) return false;
  auto sealed = sealed_.find(site_id);
  if (sealed == sealed_.end()) {
    int last = 0;
    auto query = connection_.query("SELECT day FROM day_seal WHERE site_id = ?");
    if (query.bind(site_id).step()) query.read(last);
    sealed = sealed_.emplace(site_id, last).first;
  }
  return day <= sealed->second;
}

Revisions::Change* Revisions::published(std::string_view site_id, int day) {
  return is_published(site_id, day) ? &changes_[{std::string(site_id), day}] : nullptr;
}

void Revisions::write() {
  for (const auto& [key, change] : changes_) {
    std::string reasons;
    for (const RollupReason reason : change.reasons)
      reasons += (reasons.empty() ? "" : ",") + std::string(reason_name(reason));
    connection_
        .query(
            "INSERT INTO day_revision (site_id, day, revision, t_ms, reasons, before) VALUES"
            " (?1, ?2, 1 + coalesce((SELECT max(revision) FROM day_revision WHERE site_id = ?1 AND"
            " day = ?2), 0), CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER), ?3, ?4)")
        .bind(key.first, key.second, reasons, "[" + change.before + "]")
        .run();
  }
}

void append_row(std::string& rows, const nlohmann::json& row) {
  if (!rows.empty()) rows += ',';
  rows += row.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

void note_traffic_before(Revisions::Change& change, RollupReason reason, Channel channel,
                         std::int64_t touches, std::int64_t visits) {
  change.reasons.insert(reason);
  append_row(change.before,
             {{"channel", rollup_channel_name(channel)}, {"touches", touches}, {"visits", visits}});
}

}  // namespace tl::server::sqlite
