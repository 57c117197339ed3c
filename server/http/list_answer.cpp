// SPDX-License-Identifier: Apache-2.0
#include "server/http/list_answer.hpp"

#include "server/core/orders/currency.hpp"
#include "server/http/csv_table.hpp"
#include "server/http/list_request.hpp"

namespace tl::server::http {
namespace {

constexpr std::uint32_t kRowsARead = 500;
constexpr std::string_view kMinorSuffix = "_minor";

void add_written_amounts(nlohmann::ordered_json& row) {
  const std::string currency = row.value("currency", std::string());
  if (currency.empty()) return;
  auto written = nlohmann::ordered_json::object();
  for (const auto& [name, value] : row.items())
    if (name.ends_with(kMinorSuffix) && value.is_number_integer())
      written[name.substr(0, name.size() - kMinorSuffix.size())] =
          write_decimal_amount(value.get<std::int64_t>(), currency);
  row.update(written);
}

std::string list_lines(ListPage& page, const std::vector<std::string>& columns) {
  for (auto& row : page.items) add_written_amounts(row);
  return csv_lines(page.items, columns);
}

}  // namespace

std::vector<std::string> with_touches(std::vector<std::string> columns) {
  for (const char* touch : {"first_touch.", "last_touch."})
    for (const char* name : {"channel", "source", "medium", "campaign", "term", "content",
                             "landing_path", "referrer_domain"})
      columns.push_back(std::string(touch) + name);
  return columns;
}

Outcome<Reply> answer_list(const Request& request, const ListQuery& query, ListFile file,
                           ReadListPage read) {
  TL_TRY(is_csv, wants_csv(request));
  if (!is_csv) {
    TL_TRY(page, read(query));
    return answer_list(std::move(page.items), page.next_cursor);
  }
  if (!request.query_value("limit").empty() || !request.query_value("cursor").empty())
    return invalid("bad_format", "format=csv is the whole range; leave limit and cursor out");
  ListQuery next = query;
  next.limit = kRowsARead;
  TL_TRY(first, read(next));
  Reply reply = Reply::text(200, "", "text/csv; charset=utf-8");
  reply.header("Content-Disposition",
               "attachment; filename=\"" + query.site_id + "-" + file.name + ".csv\"");
  reply.header("Cache-Control", "no-store");
  reply.stream = [next, columns = std::move(file.columns), read = std::move(read),
                  first = std::move(first)](const StreamWriter& write) {
    ListQuery query_of_page = next;
    ListPage page = first;
    for (std::string text = csv_header(columns);; text.clear()) {
      text += list_lines(page, columns);
      if (!write(text)) return false;
      if (!page.next_cursor) return true;
      query_of_page.cursor = *page.next_cursor;
      auto more = read(query_of_page);
      if (!more.ok()) return false;
      page = std::move(more).value();
    }
  };
  return reply;
}

}  // namespace tl::server::http
