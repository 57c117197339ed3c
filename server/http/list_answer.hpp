// SPDX-License-Identifier: Apache-2.0
// A list as it is asked for: a page of JSON, or with format=csv one file of everything between from
// and to, newest first, read page by page while it is sent. Its columns are fixed, for the rows are
// not known when the first line goes; nested members are name.member. Money stands there twice:
// amount_minor, and amount as people write it.
#pragma once

#include "server/core/outcome.hpp"
#include "server/core/records.hpp"
#include "server/http/exchange.hpp"

#include <nlohmann/json.hpp>

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace tl::server::http {

struct ListPage {
  nlohmann::ordered_json items = nlohmann::ordered_json::array();
  std::optional<std::string> next_cursor;
};
// Reads the page that the query asks for. Runs after the handler has returned, so it owns what it
// needs.
using ReadListPage = std::function<Outcome<ListPage>(const ListQuery&)>;

struct ListFile {
  std::string name;  // "conversions": the file is <site>-conversions.csv
  std::vector<std::string> columns;
};
// With those of first_touch and last_touch at the end.
std::vector<std::string> with_touches(std::vector<std::string> columns);

// Errors: of `read`, and invalid (bad_format: limit and cursor are for pages).
Outcome<Reply> answer_list(const Request& request, const ListQuery& query, ListFile file,
                           ReadListPage read);

}  // namespace tl::server::http
