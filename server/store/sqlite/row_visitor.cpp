// SPDX-License-Identifier: Apache-2.0
#include "server/store/sqlite/row_visitor.hpp"

#include <SQLiteCpp/SQLiteCpp.h>
#include <sqlite3.h>

#include <new>

namespace tl::server::sqlite {
namespace {

// Nothing may be thrown through SQLite.
void visit_row(sqlite3_context* context, int /*count*/, sqlite3_value** arguments) {
  const auto* const visitor =
      static_cast<const RowVisitor*>(sqlite3_value_pointer(arguments[0], kRowVisitor));
  if (visitor == nullptr) return sqlite3_result_error(context, "each_row without a visitor", -1);
  try {
    (*visitor)(RowValues(arguments + 1));
  } catch (const std::bad_alloc&) {
    sqlite3_result_error_nomem(context);
  } catch (...) {
    sqlite3_result_error(context, "a row's visitor failed", -1);
  }
}

void end_rows(sqlite3_context* /*context*/) {}

}  // namespace

void RowValues::get(int column, std::string_view& bytes) const {
  const void* const lent = sqlite3_value_blob(values_[column]);
  const int size = sqlite3_value_bytes(values_[column]);
  bytes = lent == nullptr
              ? std::string_view()
              : std::string_view(static_cast<const char*>(lent), static_cast<std::size_t>(size));
}

std::int64_t RowValues::number(int column) const {
  return sqlite3_value_int64(values_[column]);
}

void add_each_row(sqlite3* database) {
  const int code =
      sqlite3_create_function_v2(database, "each_row", -1, SQLITE_UTF8 | SQLITE_DIRECTONLY, nullptr,
                                 nullptr, visit_row, end_rows, nullptr);
  if (code != SQLITE_OK) throw SQLite::Exception(database, code);
}

}  // namespace tl::server::sqlite
