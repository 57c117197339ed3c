# Stores: one implementation file a port. The only folder that speaks SQL.
add_library(tl_store STATIC
  store/memory_cache.cpp
  store/open_store.cpp
  store/serving_lock.cpp
  store/sqlite/checkpointer.cpp
  store/sqlite/connection.cpp
  store/sqlite/contact_ties.cpp
  store/sqlite/conversion_reports.cpp
  store/sqlite/conversion_rows.cpp
  store/sqlite/cost_store.cpp
  store/sqlite/credit_split.cpp
  store/sqlite/event_store.cpp
  store/sqlite/evidence_store.cpp
  store/sqlite/fetch_store.cpp
  store/sqlite/gathering_vfs.cpp
  store/sqlite/group_sums.cpp
  store/sqlite/migrations.cpp
  store/sqlite/operations_store.cpp
  store/sqlite/order_store.cpp
  store/sqlite/outbox_store.cpp
  store/sqlite/page.cpp
  store/sqlite/people_store.cpp
  store/sqlite/placed_costs.cpp
  store/sqlite/privacy_rewrites.cpp
  store/sqlite/privacy_store.cpp
  store/sqlite/reader_pool.cpp
  store/sqlite/recent_traffic.cpp
  store/sqlite/report_models.cpp
  store/sqlite/report_store.cpp
  store/sqlite/retained_people.cpp
  store/sqlite/retention_rows.cpp
  store/sqlite/retention_walks.cpp
  store/sqlite/rollup_revisions.cpp
  store/sqlite/rollup_store.cpp
  store/sqlite/rollup_sums.cpp
  store/sqlite/row_visitor.cpp
  store/sqlite/sealed_rows.cpp
  store/sqlite/session_contexts.cpp
  store/sqlite/session_rows.cpp
  store/sqlite/sqlite_store.cpp
  store/sqlite/tables.cpp
  store/sqlite/training_store.cpp
  store/sqlite/unused_middle.cpp
  store/sqlite/user_store.cpp
  store/sqlite/visitor_rows.cpp
  store/sqlite/writer.cpp
)
tl_embed(tl_store tl_migration_0001 ${CMAKE_CURRENT_LIST_DIR}/migrations/0001_line.sql)
tl_embed(tl_store tl_migration_0002 ${CMAKE_CURRENT_LIST_DIR}/migrations/0002_people.sql)
tl_embed(tl_store tl_migration_0003 ${CMAKE_CURRENT_LIST_DIR}/migrations/0003_reports.sql)
tl_embed(tl_store tl_migration_0004 ${CMAKE_CURRENT_LIST_DIR}/migrations/0004_dashboard.sql)
tl_embed(tl_store tl_migration_0005 ${CMAKE_CURRENT_LIST_DIR}/migrations/0005_privacy.sql)
tl_embed(tl_store tl_migration_0006 ${CMAKE_CURRENT_LIST_DIR}/migrations/0006_returned.sql)
tl_embed(tl_store tl_migration_0007 ${CMAKE_CURRENT_LIST_DIR}/migrations/0007_withheld_storage.sql)
tl_embed(tl_store tl_migration_0008 ${CMAKE_CURRENT_LIST_DIR}/migrations/0008_recent_traffic.sql)
tl_embed(tl_store tl_migration_0009 ${CMAKE_CURRENT_LIST_DIR}/migrations/0009_coarse_handover.sql)
tl_embed(tl_store tl_migration_0010 ${CMAKE_CURRENT_LIST_DIR}/migrations/0010_consent_strings.sql)
tl_embed(tl_store tl_migration_0011 ${CMAKE_CURRENT_LIST_DIR}/migrations/0011_contact_times.sql)
tl_embed(tl_store tl_migration_0012 ${CMAKE_CURRENT_LIST_DIR}/migrations/0012_ad_views.sql)
tl_embed(tl_store tl_migration_0013 ${CMAKE_CURRENT_LIST_DIR}/migrations/0013_storage_choices.sql)
tl_embed(tl_store tl_migration_0014 ${CMAKE_CURRENT_LIST_DIR}/migrations/0014_old_views.sql)
tl_embed(tl_store tl_migration_0015 ${CMAKE_CURRENT_LIST_DIR}/migrations/0015_withdrawn_claims.sql)
tl_embed(tl_store tl_migration_0016 ${CMAKE_CURRENT_LIST_DIR}/migrations/0016_transaction_ids.sql)
tl_embed(tl_store tl_migration_0017 ${CMAKE_CURRENT_LIST_DIR}/migrations/0017_cost_places.sql)
tl_embed(tl_store tl_migration_0018 ${CMAKE_CURRENT_LIST_DIR}/migrations/0018_reject_key.sql)
tl_embed(tl_store tl_migration_0019 ${CMAKE_CURRENT_LIST_DIR}/migrations/0019_lookup_order.sql)
tl_embed(tl_store tl_migration_0020 ${CMAKE_CURRENT_LIST_DIR}/migrations/0020_import_account.sql)
tl_embed(tl_store tl_migration_0021 ${CMAKE_CURRENT_LIST_DIR}/migrations/0021_kept_bodies.sql)
tl_embed(tl_store tl_migration_0022 ${CMAKE_CURRENT_LIST_DIR}/migrations/0022_apart_orders.sql)
tl_embed(tl_store tl_migration_0023 ${CMAKE_CURRENT_LIST_DIR}/migrations/0023_conversion_kinds.sql)
tl_embed(tl_store tl_migration_0024 ${CMAKE_CURRENT_LIST_DIR}/migrations/0024_hot_contacts.sql)
tl_embed(tl_store tl_migration_0025 ${CMAKE_CURRENT_LIST_DIR}/migrations/0025_undelivered.sql)
tl_embed(tl_store tl_migration_0026 ${CMAKE_CURRENT_LIST_DIR}/migrations/0026_told_amounts.sql)
tl_embed(tl_store tl_migration_0027 ${CMAKE_CURRENT_LIST_DIR}/migrations/0027_said_choices.sql)
tl_embed(tl_store tl_migration_0028 ${CMAKE_CURRENT_LIST_DIR}/migrations/0028_four_weeks.sql)
tl_embed(tl_store tl_migration_0029 ${CMAKE_CURRENT_LIST_DIR}/migrations/0029_delivery_accounts.sql)
tl_embed(tl_store tl_migration_0030 ${CMAKE_CURRENT_LIST_DIR}/migrations/0030_custom_names.sql)
target_link_libraries(tl_store PUBLIC tl_core PRIVATE SQLiteCpp sqlite3)
tl_warnings(tl_store)
