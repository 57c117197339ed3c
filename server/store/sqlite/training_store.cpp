// SPDX-License-Identifier: Apache-2.0
// Effects are JSON with as many digits as bring the same double back.

#include "server/store/sqlite/training_store.hpp"

#include "server/core/attribution/late_evidence.hpp"
#include "server/core/records.hpp"

#include <nlohmann/json.hpp>

namespace tl::server::sqlite {
namespace {

#define TL_TRAINING_COLUMNS                                                                  \
  "kind, chain_order, version, from_day, to_day, trained_ms, rules, currency, conversions, " \
  "value_minor, failed, states, refused, effects"

std::string write_effects(const std::vector<LearnedChannel>& channels) {
  nlohmann::json list = nlohmann::json::array();
  for (const auto& learned : channels)
    list.push_back(
        {std::string(channel_name(learned.channel)), learned.effect, learned.effect_of_value});
  return list.dump();
}

std::vector<LearnedChannel> read_effects(const std::string& text) {
  std::vector<LearnedChannel> channels;
  for (const auto& written : nlohmann::json::parse(text)) {
    LearnedChannel learned;
    static_cast<void>(parse_channel(written.at(0).get<std::string>(), learned.channel));
    learned.effect = written.at(1).get<double>();
    learned.effect_of_value = written.at(2).get<double>();
    channels.push_back(learned);
  }
  return channels;
}

TrainedModel read_training(Query& query) {
  TrainedModel model;
  std::string effects;
  query.read(model.kind, model.order, model.version, model.from_day, model.to_day, model.trained_ms,
             model.rules, model.currency, model.conversions, model.value_minor, model.failed,
             model.states, model.refused, effects);
  model.channels = read_effects(effects);
  return model;
}

}  // namespace

Outcome<std::vector<ChannelTouch>> SqliteTrainingStore::touches_after(std::string_view site_id,
                                                                      const ChannelTouch& after,
                                                                      std::int64_t from_ms,
                                                                      std::int64_t to_ms,
                                                                      std::uint32_t limit) {
  return attempt([&] {
    auto query = connection_.query(
        "SELECT anonymous_id, session_id, id, t_ms, seq, channel, is_view FROM touch WHERE"
        " site_id = ?1 AND"
        " (anonymous_id, session_id, id) > (?2, ?3, ?4) AND t_ms >= ?5 AND t_ms < ?6 AND"
        " is_bot = 0 AND verdict <> ?7 ORDER BY anonymous_id, session_id, id LIMIT ?8");
    query.bind(site_id, after.anonymous_id, after.session_id, after.id, from_ms, to_ms,
               Verdict::forged, limit);
    return all_rows<ChannelTouch>(query, [](Query& row) {
      ChannelTouch touch;
      row.read(touch.anonymous_id, touch.session_id, touch.id, touch.t_ms, touch.seq, touch.channel,
               touch.is_view);
      return touch;
    });
  });
}

Outcome<std::vector<VisitorConversion>> SqliteTrainingStore::conversions_of_visitors(
    std::string_view site_id, const Id128& first, const Id128& last) {
  return attempt([&] {
    const std::string from = visitor_key(first), to = visitor_key(last);
    auto query = connection_.query(
        "SELECT substr(k.key, 2), c.kind, c.occurred_ms FROM conversion_key k JOIN conversion c ON"
        " c.site_id = k.site_id AND c.id = k.conversion_id WHERE k.site_id = ? AND"
        " k.key BETWEEN ? AND ? AND c.live = 1 ORDER BY k.key, k.occurred_ms, k.conversion_id");
    query.bind(site_id, Blob{from}, Blob{to});
    return all_rows<VisitorConversion>(query, [](Query& row) {
      VisitorConversion conversion;
      row.read(conversion.anonymous_id, conversion.kind, conversion.t_ms);
      return conversion;
    });
  });
}

Outcome<std::int64_t> SqliteTrainingStore::put(std::string_view site_id,
                                               const TrainedModel& model) {
  return attempt([&] {
    std::int64_t version = 0;
    {
      auto query = connection_.query(
          "SELECT 1 + coalesce(max(version), 0) FROM model_training WHERE site_id = ? AND kind = ?"
          " AND chain_order = ?");
      query.bind(site_id, model.kind, model.order).step();
      query.read(version);
    }
    connection_
        .query("INSERT INTO model_training (site_id, " TL_TRAINING_COLUMNS
               ") VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)")
        .bind(site_id, model.kind, model.order, version, model.from_day, model.to_day,
              model.trained_ms, model.rules, model.currency, model.conversions, model.value_minor,
              model.failed, model.states, model.refused, write_effects(model.channels))
        .run();
    return version;
  });
}

Outcome<std::optional<TrainedModel>> SqliteTrainingStore::find(std::string_view site_id,
                                                               std::string_view kind,
                                                               std::uint32_t order,
                                                               std::int64_t version) {
  return attempt([&] {
    auto query = connection_.query("SELECT " TL_TRAINING_COLUMNS
                                   " FROM model_training WHERE site_id = ? AND kind = ? AND"
                                   " chain_order = ? AND version = ?");
    query.bind(site_id, kind, order, version);
    return first_row<TrainedModel>(query, read_training);
  });
}

Outcome<std::vector<TrainedModel>> SqliteTrainingStore::newest(std::string_view site_id) {
  return attempt([&] {
    auto query = connection_.query(
        "SELECT " TL_TRAINING_COLUMNS
        " FROM model_training AS t WHERE site_id = ?1 AND version = (SELECT max(version) FROM"
        " model_training WHERE site_id = ?1 AND kind = t.kind AND chain_order = t.chain_order)"
        " ORDER BY kind, chain_order");
    query.bind(site_id);
    return all_rows<TrainedModel>(query, read_training);
  });
}

Outcome<std::vector<TrainedModel>> SqliteTrainingStore::newest_models(std::string_view site_id,
                                                                      std::string_view kind) {
  return attempt([&] {
    auto query = connection_.query(
        "SELECT " TL_TRAINING_COLUMNS
        " FROM model_training AS t WHERE site_id = ?1 AND kind = ?2 AND version = (SELECT"
        " max(version) FROM model_training WHERE site_id = ?1 AND kind = ?2 AND"
        " chain_order = t.chain_order AND refused = '') ORDER BY chain_order");
    query.bind(site_id, kind);
    return all_rows<TrainedModel>(query, read_training);
  });
}

Outcome<std::vector<Id128>> SqliteTrainingStore::conversions_to_split(const SplitsDue& due,
                                                                      const Id128& after,
                                                                      std::uint32_t limit) {
  return attempt([&] {
    auto query = connection_.query(
        "SELECT id FROM conversion AS c WHERE site_id = ?1 AND kind = ?2 AND id > ?3 AND"
        " NOT EXISTS (SELECT 1 FROM credit WHERE site_id = ?1 AND conversion_id = c.id AND"
        " model = ?4 AND (training = ?5 OR c.occurred_ms < ?6)) ORDER BY id LIMIT ?7");
    query.bind(due.site_id, due.kind, after, due.model, due.version, due.open_ms, limit);
    return all_rows<Id128>(query, read_only_id);
  });
}

}  // namespace tl::server::sqlite
