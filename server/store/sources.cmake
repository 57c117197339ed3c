# Stores: one implementation file a port. The only folder that speaks SQL.
add_library(tl_store STATIC
)
target_link_libraries(tl_store PUBLIC tl_core PRIVATE SQLiteCpp sqlite3)
tl_warnings(tl_store)
