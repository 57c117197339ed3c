# Stores: one implementation file a port. The only folder that speaks SQL.
add_library(tl_store STATIC
  store/open_store.cpp
  store/sqlite/checkpointer.cpp
  store/sqlite/connection.cpp
  store/sqlite/event_store.cpp
  store/sqlite/migrations.cpp
  store/sqlite/operations_store.cpp
  store/sqlite/page.cpp
  store/sqlite/people_store.cpp
  store/sqlite/reader_pool.cpp
  store/sqlite/rollup_store.cpp
  store/sqlite/session_contexts.cpp
  store/sqlite/session_rows.cpp
  store/sqlite/sqlite_store.cpp
  store/sqlite/tables.cpp
  store/sqlite/writer.cpp
)
foreach(file conversion_rows order_store outbox_store)
  if(EXISTS ${CMAKE_CURRENT_LIST_DIR}/sqlite/${file}.cpp)
    target_sources(tl_store PRIVATE store/sqlite/${file}.cpp)
  endif()
endforeach()
tl_embed(tl_store tl_migration_0001 ${CMAKE_CURRENT_LIST_DIR}/migrations/0001_line.sql)
target_link_libraries(tl_store PUBLIC tl_core PRIVATE SQLiteCpp sqlite3)
tl_warnings(tl_store)
