// SPDX-License-Identifier: Apache-2.0
// The conversion and credit tables of SqliteOrderStore.
#include "server/core/text/uuid_text.hpp"
#include "server/store/sqlite/order_store.hpp"
#include "server/store/sqlite/page.hpp"

#include <charconv>

namespace tl::server::sqlite {
namespace {

#define TL_CONVERSION_COLUMNS                                                                 \
  "site_id, id, kind, provider, order_id, amount_minor, currency, live, subscription, "       \
  "occurred_ms, recorded_ms, match_type, session_id, anonymous_id, first_touch, last_touch, " \
  "touches, days_to_convert, checkout_started_ms, content, snapshot, self_reported, "         \
  "request_digest, said, refunds, customer, is_new_customer"
// The last of the stages that a lead has come to: conversions under the same reference.
#define TL_STAGE_REACHED                                                                       \
  "(SELECT kind FROM conversion AS s WHERE s.site_id = c.site_id AND s.provider = c.provider " \
  "AND s.order_id = c.order_id AND s.kind IN ('lead', 'opportunity', 'customer') "             \
  "ORDER BY s.kind = 'customer' DESC, s.kind = 'opportunity' DESC LIMIT 1)"
#define TL_CONVERSION_PLACES "?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?"

ConversionRow read_conversion(Query& query) {
  ConversionRow row;
  query.read(row.site_id, row.id, row.kind, row.provider, row.order_id, row.amount_minor,
             row.currency, row.live, row.subscription, row.occurred_ms, row.recorded_ms,
             row.match_type, row.session_id, row.anonymous_id, row.first_touch, row.last_touch,
             row.touches, row.days_to_convert, row.checkout_started_ms, row.content, row.snapshot,
             row.self_reported, row.request_digest, row.said, row.refunds, row.customer,
             row.is_new_customer);
  return row;
}

void bind_conversion(Query& query, const ConversionRow& row) {
  query.bind(row.site_id, row.id, row.kind, row.provider, row.order_id, row.amount_minor,
             row.currency, row.live, row.subscription, row.occurred_ms, row.recorded_ms,
             row.match_type, row.session_id, row.anonymous_id, row.first_touch, row.last_touch,
             row.touches, row.days_to_convert, row.checkout_started_ms, row.content, row.snapshot,
             row.self_reported, row.request_digest, row.said, row.refunds, row.customer,
             row.is_new_customer);
}

std::optional<std::int64_t> first_time(Query& query) {
  return first_row<std::int64_t>(query, [](Query& row) {
    std::int64_t time = 0;
    row.read(time);
    return time;
  });
}

// [-334,-1], "[]" for most.
std::string write_shares(const std::vector<std::int64_t>& shares) {
  std::string text = "[";
  for (const std::int64_t share : shares)
    text += (text.size() > 1 ? "," : "") + std::to_string(share);
  return text + "]";
}
std::vector<std::int64_t> read_shares(std::string_view text) {
  std::vector<std::int64_t> shares;
  for (const char* at = text.data() + 1; text.size() > 2 && at < text.data() + text.size();) {
    std::int64_t share = 0;
    const auto [end, error] = std::from_chars(at, text.data() + text.size(), share);
    if (error != std::errc()) break;
    shares.push_back(share);
    at = end + 1;
  }
  return shares;
}

}  // namespace

Outcome<bool> SqliteOrderStore::insert_conversion(const ConversionRow& conversion) {
  return attempt([&] {
    auto query = connection_.query("INSERT INTO conversion (" TL_CONVERSION_COLUMNS
                                   ") VALUES (" TL_CONVERSION_PLACES ") ON CONFLICT DO NOTHING");
    bind_conversion(query, conversion);
    return query.run() > 0;
  });
}

Outcome<std::optional<ConversionRow>> SqliteOrderStore::find_conversion(std::string_view site_id,
                                                                        const Id128& id) {
  return attempt([&]() -> std::optional<ConversionRow> {
    {
      auto query = connection_.query("SELECT " TL_CONVERSION_COLUMNS
                                     " FROM conversion WHERE site_id = ? AND id = ?");
      query.bind(site_id, id);
      if (auto row = first_row<ConversionRow>(query, read_conversion)) return row;
    }
    const std::string alias = uuid_text(id);
    for (const auto& provider : alias_providers(site_id)) {
      auto query = connection_.query(
          "SELECT " TL_CONVERSION_COLUMNS
          " FROM conversion WHERE site_id = ?1 AND provider = ?2 AND kind = 'purchase'"
          " AND order_id = (SELECT order_id FROM order_alias"
          " WHERE site_id = ?1 AND provider = ?2 AND alias = ?3)");
      query.bind(site_id, provider, alias);
      if (auto row = first_row<ConversionRow>(query, read_conversion)) return row;
    }
    // A lead that turned out to be another one.
    auto query =
        connection_.query("SELECT " TL_CONVERSION_COLUMNS
                          " FROM conversion WHERE site_id = ?1 AND provider = ?2 AND kind = 'lead'"
                          " AND order_id = (SELECT order_id FROM order_alias"
                          " WHERE site_id = ?1 AND provider = ?2 AND alias = ?3)");
    query.bind(site_id, kLeadProvider, alias);
    return first_row<ConversionRow>(query, read_conversion);
  });
}

Outcome<std::optional<ConversionRow>> SqliteOrderStore::find_conversion_of_order(
    std::string_view site_id, std::string_view provider, std::string_view order_id,
    std::string_view kind) {
  return attempt([&] {
    auto query = connection_.query(
        "SELECT " TL_CONVERSION_COLUMNS
        " FROM conversion WHERE site_id = ? AND provider = ? AND order_id = ? AND kind = ?");
    query.bind(site_id, provider, order_id, kind);
    return first_row<ConversionRow>(query, read_conversion);
  });
}

Outcome<void> SqliteOrderStore::put_conversion(const ConversionRow& conversion) {
  const auto changed = attempt([&] {
    auto query = connection_.query("UPDATE conversion SET (" TL_CONVERSION_COLUMNS
                                   ") = (" TL_CONVERSION_PLACES ") WHERE site_id = ?1 AND id = ?2");
    bind_conversion(query, conversion);
    return query.run();
  });
  if (!changed.ok()) return changed.error();
  if (changed.value() > 0) return {};
  return fail(ErrorKind::bug, "conversion_lost",
              "no conversion " + uuid_text(conversion.id) + " is there to be restated");
}

Outcome<void> SqliteOrderStore::remove_conversion(std::string_view site_id, const Id128& id) {
  return attempt([&] {
    connection_.query("DELETE FROM credit WHERE site_id = ? AND conversion_id = ?")
        .bind(site_id, id)
        .run();
    connection_.query("DELETE FROM conversion_key WHERE site_id = ? AND conversion_id = ?")
        .bind(site_id, id)
        .run();
    connection_.query("DELETE FROM contact_proof WHERE site_id = ? AND conversion_id = ?")
        .bind(site_id, id)
        .run();
    connection_.query("DELETE FROM conversion WHERE site_id = ? AND id = ?")
        .bind(site_id, id)
        .run();
  });
}

Outcome<std::vector<ConversionRow>> SqliteOrderStore::conversions_of_session(
    std::string_view site_id, const Id128& session_id) {
  return attempt([&] {
    auto query = connection_.query("SELECT " TL_CONVERSION_COLUMNS
                                   " FROM conversion INDEXED BY conversion_by_session"
                                   " WHERE site_id = ? AND session_id = ?"
                                   " ORDER BY occurred_ms, id");
    query.bind(site_id, session_id);
    return all_rows<ConversionRow>(query, read_conversion);
  });
}

Outcome<std::vector<ConversionRow>> SqliteOrderStore::conversions_of_visitor(
    std::string_view site_id, const Id128& anonymous_id) {
  return attempt([&] {
    auto query = connection_.query("SELECT " TL_CONVERSION_COLUMNS
                                   " FROM conversion INDEXED BY conversion_by_visitor"
                                   " WHERE site_id = ? AND anonymous_id = ?"
                                   " ORDER BY occurred_ms, id");
    query.bind(site_id, anonymous_id);
    return all_rows<ConversionRow>(query, read_conversion);
  });
}

Outcome<std::vector<ConversionRow>> SqliteOrderStore::conversions_of_checkout(
    std::string_view site_id, const Id128& anonymous_id, std::int64_t started_ms) {
  return attempt([&] {
    auto query = connection_.query("SELECT " TL_CONVERSION_COLUMNS
                                   " FROM conversion INDEXED BY conversion_by_checkout"
                                   " WHERE site_id = ? AND anonymous_id = ?"
                                   " AND checkout_started_ms = ?");
    query.bind(site_id, anonymous_id, started_ms);
    return all_rows<ConversionRow>(query, read_conversion);
  });
}

Outcome<std::optional<std::int64_t>> SqliteOrderStore::newest_of_visitor(
    const ConversionRow& conversion, std::string_view kind, const Id128& anonymous_id) {
  return attempt([&] {
    // Told which index, for the newest time would be sought by time, through all that the site has
    // sold.
    auto query = connection_.query(
        "SELECT occurred_ms FROM conversion AS c INDEXED BY conversion_by_visitor WHERE"
        " site_id = ? AND anonymous_id = ? AND kind = ? AND live = 1 AND occurred_ms <= ? AND"
        " id <> ? AND (match_type NOT IN (?,?) OR"
        " EXISTS (SELECT 1 FROM contact_proof AS p WHERE p.site_id = c.site_id AND"
        " p.conversion_id = c.id)) ORDER BY occurred_ms DESC LIMIT 1");
    query.bind(conversion.site_id, anonymous_id, kind, conversion.occurred_ms, conversion.id,
               MatchType::email, MatchType::phone);
    return first_time(query);
  });
}

Outcome<std::optional<std::int64_t>> SqliteOrderStore::newest_of_contact(
    const ConversionRow& conversion, std::string_view kind, const ContactRef& contact) {
  return attempt([&] {
    auto query = connection_.query(
        "SELECT t_ms FROM contact_proof INDEXED BY contact_proof_by_contact WHERE site_id = ? AND"
        " kind = ? AND hash = ? AND conversion_kind = ? AND t_ms <= ? AND conversion_id <> ?"
        " ORDER BY t_ms DESC LIMIT 1");
    query.bind(conversion.site_id, contact.kind, contact.hash, kind, conversion.occurred_ms,
               conversion.id);
    return first_time(query);
  });
}

Outcome<void> SqliteOrderStore::put_keys(std::string_view site_id, const Id128& conversion_id,
                                         std::int64_t occurred_ms,
                                         const std::vector<std::string>& keys) {
  return attempt([&] {
    std::vector<std::string> missing = keys, stale;
    auto filed = connection_.query(
        "SELECT key, occurred_ms FROM conversion_key WHERE site_id = ? AND conversion_id = ?");
    filed.bind(site_id, conversion_id);
    while (filed.step()) {
      std::string key;
      std::int64_t filed_ms = 0;
      filed.read(key, filed_ms);
      if (filed_ms != occurred_ms || std::erase(missing, key) == 0) stale.push_back(std::move(key));
    }
    for (const auto& key : stale)
      connection_
          .query("DELETE FROM conversion_key WHERE site_id = ? AND key = ? AND conversion_id = ?")
          .bind(site_id, Blob{key}, conversion_id)
          .run();
    for (const auto& key : missing)
      connection_
          .query(
              "INSERT INTO conversion_key (site_id, key, occurred_ms, conversion_id)"
              " VALUES (?,?,?,?)")
          .bind(site_id, Blob{key}, occurred_ms, conversion_id)
          .run();
  });
}

Outcome<std::vector<Id128>> SqliteOrderStore::conversions_by_key(std::string_view site_id,
                                                                 const std::string& key,
                                                                 std::int64_t from_ms) {
  return attempt([&] {
    auto query = connection_.query(
        "SELECT k.conversion_id FROM conversion_key k JOIN conversion c ON c.site_id = k.site_id"
        " AND c.id = k.conversion_id WHERE k.site_id = ? AND k.key = ? AND (k.occurred_ms >= ? OR"
        " c.match_type = 0) ORDER BY k.occurred_ms, k.conversion_id");
    query.bind(site_id, Blob{key}, from_ms);
    return all_rows<Id128>(query, read_only_id);
  });
}

Outcome<std::vector<ConversionRow>> SqliteOrderStore::first_purchases_of_customer(
    std::string_view site_id, const Digest& customer) {
  return attempt([&] {
    auto query = connection_.query(
        "SELECT " TL_CONVERSION_COLUMNS
        " FROM (SELECT id AS first_id FROM conversion INDEXED BY conversion_of_new_customer WHERE"
        " site_id = ?1 AND customer = ?2 AND is_new_customer = 1 UNION SELECT * FROM (SELECT id "
        "FROM"
        " conversion WHERE site_id = ?1 AND customer = ?2 ORDER BY occurred_ms, id LIMIT 1))"
        " CROSS JOIN conversion WHERE site_id = ?1 AND id = first_id ORDER BY occurred_ms, id");
    query.bind(site_id, customer);
    return all_rows<ConversionRow>(query, read_conversion);
  });
}

Outcome<Page<ConversionRow>> SqliteOrderStore::list_conversions(const ListQuery& query,
                                                                const ConversionFilter& filter) {
  const auto range_of_query = page_range(query);
  if (!range_of_query.ok()) return range_of_query.error();
  const PageRange& range = range_of_query.value();
  // One bound and no second one beside it, by which the planner would leave the kind's index.
  PagePosition before = range.before;
  if (before.t_ms >= range.to_ms) before = {range.to_ms, ""};
  return attempt([&] {
  // Two texts: under "any kind or this one" no index leads to a kind.
#define TL_CONVERSIONS_OF(kind)                                                   \
  "SELECT " TL_CONVERSION_COLUMNS " FROM conversion AS c WHERE site_id = ?1" kind \
  " AND occurred_ms >= ?2 AND (occurred_ms, id) < (?3, ?4)"                       \
  " AND (?7 = '' OR (json_valid(said) AND json_extract(said, '$.form') = ?7))"    \
  " AND (?8 = '' OR ?8 = " TL_STAGE_REACHED ") ORDER BY occurred_ms DESC, id DESC LIMIT ?5"
    auto rows = filter.kind.empty() ? connection_.query(TL_CONVERSIONS_OF(""))
                                    : connection_.query(TL_CONVERSIONS_OF(" AND kind = ?6"));
#undef TL_CONVERSIONS_OF
    rows.bind(query.site_id, range.from_ms, before.t_ms, Blob{before.key}, range.limit + 1,
              filter.kind, filter.form, filter.stage);
    return cut_page(all_rows<ConversionRow>(rows, read_conversion), range.limit,
                    [](const ConversionRow& row) { return position(row.occurred_ms, row.id); });
  });
}

Outcome<void> SqliteOrderStore::put_credits(std::string_view site_id, const Id128& conversion_id,
                                            const std::vector<CreditRow>& credits) {
  return attempt([&] {
    connection_.query("DELETE FROM credit WHERE site_id = ? AND conversion_id = ?")
        .bind(site_id, conversion_id)
        .run();
    for (const auto& credit : credits)
      connection_
          .query(
              "INSERT INTO credit (site_id, conversion_id, model, position, config, touch_id,"
              " channel, source, campaign, content, landing_path, value_minor, conversions_micro,"
              " net_minor, refunds, training) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)")
          .bind(site_id, conversion_id, credit.model, credit.position, credit.config,
                credit.touch_id, credit.channel, credit.source, credit.campaign, credit.content,
                credit.landing_path, credit.value_minor, credit.conversions_micro, credit.net_minor,
                write_shares(credit.refunds), credit.training)
          .run();
  });
}

Outcome<std::vector<CreditRow>> SqliteOrderStore::credits_of(std::string_view site_id,
                                                             const Id128& conversion_id) {
  return attempt([&] {
    auto query = connection_.query(
        "SELECT model, config, position, touch_id, channel, source, campaign, content,"
        " landing_path, value_minor, conversions_micro, net_minor, refunds, training FROM credit"
        " WHERE site_id = ? AND conversion_id = ? ORDER BY model, position");
    query.bind(site_id, conversion_id);
    return all_rows<CreditRow>(query, [](Query& read) {
      CreditRow row;
      std::string refunds;
      read.read(row.model, row.config, row.position, row.touch_id, row.channel, row.source,
                row.campaign, row.content, row.landing_path, row.value_minor, row.conversions_micro,
                row.net_minor, refunds, row.training);
      row.refunds = read_shares(refunds);
      return row;
    });
  });
}

}  // namespace tl::server::sqlite
