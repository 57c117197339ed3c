// SPDX-License-Identifier: Apache-2.0
#include "server/store/sqlite/evidence_store.hpp"

#include <array>

namespace tl::server::sqlite {
namespace {

// What is derived, and which of it: columns that tell history (when a conversion was first
// recorded, which content was on the screen when it came) are no function of the evidence.
struct Derived {
  const char* table;
  const char* columns;
};
constexpr std::array kDerived = {
    Derived{"session",
            "site_id, id, last_ms, events, page_views, first_touch, last_touch,"
            " converted, conversion_value_minor, currency"},
    Derived{"orders",
            "site_id, provider, order_id, state, amount_minor, currency, amount_rank,"
            " refunded_minor, refunded_total_minor, dispute, live, subscription,"
            " created_ms, paid_ms, anonymous_id, session_id, coarse, refunds, self_reported"},
    Derived{"conversion",
            "site_id, id, kind, provider, order_id, amount_minor, currency, live,"
            " subscription, occurred_ms, match_type, session_id, anonymous_id,"
            " first_touch, last_touch, touches, days_to_convert, snapshot,"
            " self_reported, said, refunds, customer, is_new_customer"},
    Derived{"contact_proof",
            "site_id, conversion_id, kind, hash, anonymous_id, source, t_ms, conversion_kind"},
    Derived{"conversion_key", "site_id, key, occurred_ms, conversion_id"},
    Derived{"credit",
            "site_id, conversion_id, model, position, config, touch_id, channel, source,"
            " campaign, content, landing_path, value_minor, conversions_micro, net_minor,"
            " refunds, training"},
    Derived{"day_traffic",
            "site_id, level, day, channel, source, campaign, content, landing_path,"
            " touches, visits"},
    Derived{"day_visitors",
            "site_id, level, day, channel, source, campaign, content,"
            " landing_path, sketch"},
    Derived{"day_credit",
            "site_id, level, config, day, currency, kind, channel, source, campaign,"
            " content, landing_path, conversions_micro, new_customers_micro,"
            " value_minor, refund_minor, net_minor, returned_micro"},
    Derived{"day_self_reported",
            "site_id, config, day, currency, kind, self_reported, channel,"
            " conversions_micro, value_minor, refund_minor, net_minor"},
    Derived{"conversion_split", "site_id, day, kind, currency, conversion_id, split"},
    Derived{"day_path",
            "site_id, day, kind, currency, channels, conversions, lag_days,"
            " value_minor, refund_minor, net_minor"},
    Derived{"day_conversions",
            "site_id, day, kind, currency, lag_days, conversions,"
            " new_customers, value_minor, refund_minor, net_minor, returned"}};

// "quote(a) || ' ' || quote(b)", to show a row; long ones are cut.
std::string shown(std::string_view columns) {
  std::string text = "substr(''";
  while (!columns.empty()) {
    const auto comma = columns.find(',');
    const auto name = columns.substr(0, comma);
    text += " || ' ' || quote(" + std::string(name) + ")";
    columns = comma == std::string_view::npos ? std::string_view() : columns.substr(comma + 1);
  }
  return text + ", 1, 400)";
}

}  // namespace

Outcome<std::vector<TouchRow>> SqliteEvidenceStore::touches_after(
    std::string_view site_id, const std::optional<TouchRow>& after, std::uint32_t limit) {
  return attempt([&] {
    const TouchRow place = after.value_or(TouchRow{});
    auto query = connection_.query(
        "SELECT site_id, id, session_id, anonymous_id, t_ms, seq, channel, source, medium,"
        " campaign, term, content, click_ids, landing_path, referrer_domain, evidence,"
        " rules_version, verdict, is_bot, is_view FROM touch WHERE site_id = ?1 AND"
        " (anonymous_id, session_id, id) > (?2, ?3, ?4)"
        " ORDER BY anonymous_id, session_id, id LIMIT ?5");
    query.bind(site_id, place.anonymous_id, place.session_id, place.id, limit);
    return all_rows<TouchRow>(query, [](Query& row) {
      TouchRow touch;
      row.read(touch.site_id, touch.id, touch.session_id, touch.anonymous_id, touch.t_ms, touch.seq,
               touch.channel, touch.source, touch.medium, touch.campaign, touch.term, touch.content,
               touch.click_ids, touch.landing_path, touch.referrer_domain, touch.evidence,
               touch.rules_version, touch.verdict, touch.is_bot, touch.is_view);
      return touch;
    });
  });
}

Outcome<void> SqliteEvidenceStore::set_class(const TouchRow& touch) {
  return attempt([&] {
    connection_
        .query(
            "UPDATE touch SET channel = ?, source = ?, medium = ?, campaign = ?, evidence = ?"
            " WHERE site_id = ? AND anonymous_id = ? AND session_id = ? AND id = ?")
        .bind(touch.channel, touch.source, touch.medium, touch.campaign, touch.evidence,
              touch.site_id, touch.anonymous_id, touch.session_id, touch.id)
        .run();
  });
}

Outcome<std::int64_t> SqliteEvidenceStore::count_touches(std::string_view site_id) {
  return attempt([&] {
    auto query = connection_.query("SELECT count(*) FROM touch WHERE site_id = ?");
    return number_of(query.bind(site_id));
  });
}

Outcome<std::vector<OrderKey>> SqliteEvidenceStore::orders_after(std::string_view site_id,
                                                                 const OrderKey& after,
                                                                 std::uint32_t limit) {
  return attempt([&] {
    auto query = connection_.query(
        "SELECT provider, order_id FROM orders WHERE site_id = ? AND (provider, order_id) > (?, ?)"
        " ORDER BY provider, order_id LIMIT ?");
    query.bind(site_id, after.provider, after.order_id, limit);
    return all_rows<OrderKey>(query, [](Query& row) {
      OrderKey key;
      row.read(key.provider, key.order_id);
      return key;
    });
  });
}

Outcome<std::int64_t> SqliteEvidenceStore::count_orders(std::string_view site_id) {
  return attempt([&] {
    auto query = connection_.query("SELECT count(*) FROM orders WHERE site_id = ?");
    return number_of(query.bind(site_id));
  });
}

Outcome<std::vector<Id128>> SqliteEvidenceStore::conversions_after(std::string_view site_id,
                                                                   const Id128& after,
                                                                   std::uint32_t limit) {
  return attempt([&] {
    auto query = connection_.query(
        "SELECT id FROM conversion WHERE site_id = ? AND id > ? ORDER BY id LIMIT ?");
    query.bind(site_id, after, limit);
    return all_rows<Id128>(query, read_only_id);
  });
}

Outcome<std::int64_t> SqliteEvidenceStore::count_conversions(std::string_view site_id) {
  return attempt([&] {
    auto query = connection_.query("SELECT count(*) FROM conversion WHERE site_id = ?");
    return number_of(query.bind(site_id));
  });
}

Outcome<void> SqliteEvidenceStore::recount_sessions(std::string_view site_id) {
  return attempt([&] {
    // Sessions that came without events (imports) keep what was said of them.
    connection_
        .query(
            "UPDATE session SET events = found.events, page_views = found.page_views,"
            " last_ms = found.last_ms FROM (SELECT anonymous_id AS a, session_id AS s,"
            " count(*) AS events, sum(name = 'page_view') AS page_views, max(t_ms) AS last_ms"
            " FROM event WHERE site_id = ?1 GROUP BY anonymous_id, session_id) AS found"
            " WHERE site_id = ?1 AND anonymous_id = found.a AND id = found.s")
        .bind(site_id)
        .run();
    connection_
        .query(
            "UPDATE session SET first_touch = (SELECT t.id FROM touch t WHERE"
            " t.site_id = session.site_id AND t.anonymous_id = session.anonymous_id AND"
            " t.session_id = session.id ORDER BY t.t_ms, t.seq, t.id LIMIT 1),"
            " last_touch = (SELECT t.id FROM touch t WHERE t.site_id = session.site_id AND"
            " t.anonymous_id = session.anonymous_id AND t.session_id = session.id"
            " ORDER BY t.t_ms DESC, t.seq DESC, t.id DESC LIMIT 1) WHERE site_id = ?")
        .bind(site_id)
        .run();
  });
}

Outcome<void> SqliteEvidenceStore::clear_traffic(std::string_view site_id) {
  return attempt([&] {
    connection_.query("DELETE FROM day_traffic WHERE site_id = ?").bind(site_id).run();
    connection_.query("DELETE FROM day_visitors WHERE site_id = ?").bind(site_id).run();
    connection_.query("DELETE FROM recent_traffic WHERE site_id = ?").bind(site_id).run();
  });
}

Outcome<void> SqliteEvidenceStore::clear_credits(std::string_view site_id) {
  return attempt([&] {
    connection_.query("DELETE FROM day_credit WHERE site_id = ?").bind(site_id).run();
    connection_.query("DELETE FROM day_self_reported WHERE site_id = ?").bind(site_id).run();
    connection_.query("DELETE FROM conversion_split WHERE site_id = ?").bind(site_id).run();
    connection_.query("DELETE FROM day_path WHERE site_id = ?").bind(site_id).run();
    connection_.query("DELETE FROM day_conversions WHERE site_id = ?").bind(site_id).run();
  });
}

Outcome<void> SqliteEvidenceStore::forget_configs(std::string_view site_id) {
  return attempt([&] {
    connection_
        .query(
            "DELETE FROM model_config WHERE site_id = ?1 AND config NOT IN"
            " (SELECT config FROM credit WHERE site_id = ?1)")
        .bind(site_id)
        .run();
  });
}

Outcome<void> SqliteEvidenceStore::write_rollups() {
  return attempt([&] { sums_.write_again(connection_); });
}

Outcome<void> SqliteEvidenceStore::remember_derived() {
  return attempt([&] {
    RollupSums::settle(connection_);
    for (const auto& derived : kDerived)
      connection_.execute("CREATE TABLE before_" + std::string(derived.table) + " AS SELECT " +
                          derived.columns + " FROM " + derived.table);
  });
}

Outcome<std::vector<std::string>> SqliteEvidenceStore::differences(std::uint32_t limit) {
  return attempt([&] {
    std::vector<std::string> lines;
    for (const auto& derived : kDerived) {
      const std::string table = derived.table, columns = derived.columns;
      const std::array sides = {
          std::pair{"- ", "SELECT " + columns + " FROM before_" + table + " EXCEPT SELECT " +
                              columns + " FROM " + table},
          std::pair{"+ ", "SELECT " + columns + " FROM " + table + " EXCEPT SELECT " + columns +
                              " FROM before_" + table}};
      for (const auto& [sign, rows] : sides) {
        SQLite::Statement statement(
            connection_.database(),
            "SELECT " + shown(columns) + " FROM (" + rows + ") LIMIT " + std::to_string(limit));
        while (statement.executeStep())
          lines.push_back(sign + table + statement.getColumn(0).getString());
      }
    }
    return lines;
  });
}

}  // namespace tl::server::sqlite
