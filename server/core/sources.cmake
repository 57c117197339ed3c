# Use cases, free of HTTP and SQL. Each use case's owner adds its files here, one line a file.
add_library(tl_core STATIC
  core/ad_source.cpp
  core/ad_views.cpp
  core/agent_names.cpp
  core/agent_patterns.cpp
  core/agent_reader.cpp
  core/attribution_rules.cpp
  core/audit.cpp
  core/batch_keeper.cpp
  core/bot.cpp
  core/checkout_faults.cpp
  core/checkouts.cpp
  core/consent_change.cpp
  core/contact_variants.cpp
  core/content.cpp
  core/conversion_credits.cpp
  core/conversion_kind.cpp
  core/conversion_match.cpp
  core/conversion_outbox.cpp
  core/conversion_path.cpp
  core/path_clicks.cpp
  core/conversion_session.cpp
  core/conversions.cpp
  core/coarse_origin.cpp
  core/cost_amount.cpp
  core/cost_columns.cpp
  core/cost_date.cpp
  core/cost_file.cpp
  core/cost_headers.cpp
  core/cost_places.cpp
  core/costs.cpp
  core/counted_zone.cpp
  core/country_codes.cpp
  core/credit_rollups.cpp
  core/currency.cpp
  core/delimited_lines.cpp
  core/delivery_consent.cpp
  core/delivery_lane.cpp
  core/delivery_results.cpp
  core/delivery_retries.cpp
  core/delivery_schedule.cpp
  core/delivery_settling.cpp
  core/dispatch_gathering.cpp
  core/ecma_text.cpp
  core/erasure.cpp
  core/erased_references.cpp
  core/erasure_receipt.cpp
  core/erasure_rewrite.cpp
  core/event_clock.cpp
  core/event_conversions.cpp
  core/event_outbox.cpp
  core/fetched_events.cpp
  core/foreign_json.cpp
  core/fresh_ids.cpp
  core/id_text.cpp
  core/ingest.cpp
  core/kept_sender.cpp
  core/ip_address.cpp
  core/journeys.cpp
  core/known_leads.cpp
  core/known_sessions.cpp
  core/late_evidence.cpp
  core/lead_facts.cpp
  core/leads.cpp
  core/live_feed.cpp
  core/local_day.cpp
  core/login_throttle.cpp
  core/loggable_words.cpp
  core/maintenance.cpp
  core/mentions.cpp
  core/meta_cleaning.cpp
  core/meta_explanation.cpp
  core/meta_reference.cpp
  core/milestones.cpp
  core/nearest_name.cpp
  core/new_customers.cpp
  core/order_disputes.cpp
  core/order_fact.cpp
  core/order_fold.cpp
  core/order_import.cpp
  core/order_ledger.cpp
  core/order_lookups.cpp
  core/order_refunds.cpp
  core/order_steps.cpp
  core/orders.cpp
  core/outbox.cpp
  core/own_referrer.cpp
  core/partner_link.cpp
  core/password.cpp
  core/payment_description.cpp
  core/person.cpp
  core/person_export.cpp
  core/person_evidence.cpp
  core/person_traces.cpp
  core/person_view.cpp
  core/phone_number.cpp
  core/place_database.cpp
  core/plain_text.cpp
  core/provider_call.cpp
  core/public_address.cpp
  core/rebuild.cpp
  core/recent_pings.cpp
  core/record_names.cpp
  core/registrable_domain.cpp
  core/reject_text.cpp
  core/replay.cpp
  core/report_calendar.cpp
  core/report_intervals.cpp
  core/report_models.cpp
  core/report_paths.cpp
  core/report_series.cpp
  core/reports.cpp
  core/resealing.cpp
  core/retention.cpp
  core/rfc3339.cpp
  core/sale_halves.cpp
  core/sale_regrouping.cpp
  core/secret_box.cpp
  core/secret_key.cpp
  core/session_context_merge.cpp
  core/session_part.cpp
  core/session_token.cpp
  core/signed_sending.cpp
  core/stated_orders.cpp
  core/stored_touch.cpp
  core/subscription_role.cpp
  core/touch_classifier.cpp
  core/touch_json.cpp
  core/touch_row.cpp
  core/trained_models.cpp
  core/trained_splits.cpp
  core/training.cpp
  core/transaction_ids.cpp
  core/user_agent.cpp
  core/users.cpp
  core/verify.cpp
  core/visitor_sketch.cpp
  core/webhook_request.cpp
  core/webhook_signature.cpp
  core/withheld_click_ids.cpp
  core/zone_file.cpp
)
target_link_libraries(tl_core PUBLIC tl_shared tl_models nlohmann_json::nlohmann_json OpenSSL::Crypto)
target_link_libraries(tl_core PRIVATE tl::phonenumber PkgConfig::UTF8PROC PkgConfig::PSL PkgConfig::IDN2
  PkgConfig::RE2 PkgConfig::MMDB)
tl_warnings(tl_core)

# The rules on user agents, from packages pinned in tools/lists.
execute_process(COMMAND bash -c ". tools/environment && npm_ci tools/lists"
  WORKING_DIRECTORY ${PROJECT_SOURCE_DIR} COMMAND_ERROR_IS_FATAL ANY)
set(tl_agents_file ${CMAKE_CURRENT_BINARY_DIR}/agents.txt)
add_custom_command(OUTPUT ${tl_agents_file}
  COMMAND ${TL_NODE} ${PROJECT_SOURCE_DIR}/tools/gen_agents ${tl_agents_file}
  DEPENDS ${PROJECT_SOURCE_DIR}/tools/gen_agents ${PROJECT_SOURCE_DIR}/tools/lists/package-lock.json
  COMMENT "Generating the rules on user agents" VERBATIM)
tl_embed(tl_core tl_agents ${tl_agents_file})
