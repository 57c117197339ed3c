// SPDX-License-Identifier: Apache-2.0
// Rows that a statement tells from inside, which costs half of stepping through them: for the
// reports, which read tens of thousands.
//
//   auto add = [&](const RowValues& row) { row.read(channel, touches); … };
//   connection.query("SELECT each_row(?, channel, touches) FROM day_traffic WHERE day = ?")
//       .bind(RowVisitor(add), day)
//       .run();
//
// `each_row` is known to every Connection; its first argument is the visitor.
#pragma once

#include <concepts>
#include <cstdint>
#include <string_view>
#include <type_traits>

struct sqlite3;
struct sqlite3_value;

namespace tl::server::sqlite {

// The other arguments of each_row, for one row.
class RowValues {
 public:
  explicit RowValues(sqlite3_value** values) : values_(values) {}

  // All of them, from the first on. Texts and blobs are lent until the visit ends.
  template <class... T>
  void read(T&... values) const {
    int column = 0;
    (get(column++, values), ...);
  }

 private:
  void get(int column, std::string_view& bytes) const;
  template <class T>
  requires std::integral<T> || std::is_enum_v<T>
  void get(int column, T& value) const { value = static_cast<T>(number(column)); }
  [[nodiscard]] std::int64_t number(int column) const;

  sqlite3_value** values_;
};

// Borrows what it calls. What that throws ends the statement with an error.
class RowVisitor {
 public:
  template <class Visit>
  explicit RowVisitor(const Visit& visit)
      : target_(&visit), visit_([](const void* target, const RowValues& values) {
          (*static_cast<const Visit*>(target))(values);
        }) {}
  void operator()(const RowValues& values) const { visit_(target_, values); }

 private:
  const void* target_;
  void (*visit_)(const void*, const RowValues&);
};

// Names the kind of pointer that each_row takes.
inline constexpr const char* kRowVisitor = "throughline-row-visitor";

// Makes each_row known. Throws SQLite::Exception.
void add_each_row(sqlite3* database);

}  // namespace tl::server::sqlite
