// SPDX-License-Identifier: Apache-2.0
// One SQLite connection with its prepared statements, and Query: one use of one of them, typed.
//
//   auto query = connection.query("SELECT id, t_ms FROM touch WHERE site_id = ?");
//   query.bind(site_id);
//   while (query.step()) query.read(row.id, row.t_ms);
//   connection.query("DELETE FROM lane WHERE site_id = ?").bind(site_id).run();
//
// Statements are prepared once and kept for the life of the connection. Views are never copied, nor
// are strings, ids and digests that have a name: they must live until the query has run. Failures
// are SQLite::Exception inside this folder and become errors at its border by attempt(). Not
// thread-safe: a connection has one user at a time (the writer, or one reader).
#pragma once

#include "server/core/outcome.hpp"
#include "server/store/sqlite/row_visitor.hpp"
#include "throughline/hash.hpp"

#include <SQLiteCpp/SQLiteCpp.h>

#include <atomic>
#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <vector>

struct sqlite3_stmt;

namespace tl::server::sqlite {

// SQL text that lives for ever: only a literal converts, so its address can name the statement.
class Sql {
 public:
  consteval Sql(const char* text) : text_(text) {}  // NOLINT(google-explicit-constructor)
  [[nodiscard]] const char* text() const { return text_; }

 private:
  const char* text_;
};

// Bytes for a BLOB column; borrows.
struct Blob {
  std::string_view bytes;
};

template <class T>
concept Integer = std::integral<T> && !std::same_as<T, bool>;
template <class T>
concept Enum = std::is_enum_v<T>;

class Query {
 public:
  explicit Query(sqlite3_stmt* statement) : statement_(statement) {}
  ~Query();
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;

  // Binds the values to the next parameters, from left to right.
  template <class... T>
  Query& bind(T&&... values) {
    (put(std::forward<T>(values)), ...);
    return *this;
  }
  // True while there is a row.
  bool step();
  // Runs a statement without rows; returns how many rows it changed.
  int run();

  // Reads the row's columns from the first on.
  template <class... T>
  void read(T&... values) {
    read_from(0, values...);
  }
  // The same from a later one on: what is not read is not fetched.
  template <class... T>
  void read_from(int column, T&... values) {
    (get(column++, values), ...);
  }

 private:
  enum class Keep : std::uint8_t { borrowed, copied };
  void put(const std::string& text) { put_text(text, Keep::borrowed); }
  void put(std::string&& text) { put_text(text, Keep::copied); }
  void put(std::string_view text) { put_text(text, Keep::borrowed); }
  void put(const char* text) { put_text(text, Keep::borrowed); }
  void put(const Blob& blob) { put_bytes(blob.bytes.data(), blob.bytes.size(), Keep::borrowed); }
  void put(const Id128& id) { put_bytes(id.bytes.data(), id.bytes.size(), Keep::borrowed); }
  void put(Id128&& id) { put_bytes(id.bytes.data(), id.bytes.size(), Keep::copied); }
  void put(const Digest& digest) { put_bytes(digest.data(), digest.size(), Keep::borrowed); }
  void put(Digest&& digest) { put_bytes(digest.data(), digest.size(), Keep::copied); }
  void put(bool value) { put_number(value ? 1 : 0); }
  template <Integer T>
  void put(T value) {
    put_number(static_cast<std::int64_t>(value));
  }
  template <Enum T>
  void put(T value) {
    put_number(static_cast<std::int64_t>(value));
  }
  template <class T>
  void put(const std::optional<T>& value) {
    if (value)
      put(*value);
    else
      ++bound_;  // unbound is NULL
  }
  void put(const RowVisitor& visitor);  // must live until the query has run
  void put_text(std::string_view text, Keep keep);
  void put_bytes(const void* bytes, std::size_t size, Keep keep);
  void put_number(std::int64_t value);
  void check(int code) const;  // throws

  void get(int column, std::string& text) const;
  void get(int column, std::string_view& bytes) const;  // lent until the next step
  void get(int column, Id128& id) const { get_bytes(column, id.bytes.data(), id.bytes.size()); }
  void get(int column, Digest& digest) const { get_bytes(column, digest.data(), digest.size()); }
  void get(int column, bool& value) const { value = number(column) != 0; }
  template <Integer T>
  void get(int column, T& value) const {
    value = static_cast<T>(number(column));
  }
  template <Enum T>
  void get(int column, T& value) const {
    value = static_cast<T>(number(column));
  }
  template <class T>
  void get(int column, std::optional<T>& value) const {
    if (is_null(column)) {
      value.reset();
    } else {
      T inner{};
      get(column, inner);
      value = std::move(inner);
    }
  }
  void get_bytes(int column, std::uint8_t* bytes, std::size_t size) const;
  [[nodiscard]] std::int64_t number(int column) const;
  [[nodiscard]] bool is_null(int column) const;

  sqlite3_stmt* statement_;
  int bound_ = 0;
};

class Connection {
 public:
  enum class Use : std::uint8_t { writing, reading };
  // Creates the file (mode 0600) and its folder when writing. Throws SQLite::Exception.
  Connection(const std::string& path, Use use);

  Query query(Sql sql);
  // Several statements at once, text of our own only (migrations, pragmas).
  void execute(const std::string& sql) { database_.exec(sql); }
  // False when SQLite has rolled the transaction back by itself (disk full, I/O error).
  [[nodiscard]] bool is_in_transaction() const;
  [[nodiscard]] std::int64_t last_rowid() const { return database_.getLastInsertRowid(); }
  [[nodiscard]] SQLite::Database& database() { return database_; }
  // That the log is to be cut (SqliteStore::forget_if_asked). From any thread; whoever opens the
  // file does not know whether somebody asked before.
  void ask_to_forget() { is_to_forget_ = true; }
  bool take_forgetting() { return is_to_forget_.exchange(false); }

 private:
  std::atomic<bool> is_to_forget_{true};
  SQLite::Database database_;
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  std::unordered_map<const char*, std::unique_ptr<sqlite3_stmt, Finalize>> statements_;
};

ServerError store_unavailable(const SQLite::Exception& cause);

// Runs `work` and turns an SQLite::Exception into unavailable (store_unavailable).
template <class Work>
auto attempt(Work&& work) -> Outcome<decltype(work())> {
  try {
    if constexpr (std::is_void_v<decltype(work())>) {
      work();
      return {};
    } else {
      return work();
    }
  } catch (const SQLite::Exception& cause) {
    return store_unavailable(cause);
  }
}

// The rows of a query, each made by `row` (Query& -> Row).
template <class Row, class Read>
std::vector<Row> all_rows(Query& query, Read&& read) {
  std::vector<Row> rows;
  while (query.step()) rows.push_back(read(query));
  return rows;
}
// The first row of a query, if there is one.
template <class Row, class Read>
std::optional<Row> first_row(Query& query, Read&& read) {
  if (!query.step()) return std::nullopt;
  return read(query);
}

// Of a query for one number, as count(*); 0 without a row.
inline std::int64_t number_of(Query& query) {
  std::int64_t number = 0;
  if (query.step()) query.read(number);
  return number;
}

// Of a query for ids alone.
inline Id128 read_only_id(Query& row) {
  Id128 id;
  row.read(id);
  return id;
}

}  // namespace tl::server::sqlite
