# Use cases, free of HTTP and SQL. Each use case's owner adds its files here, one line a file.
add_library(tl_core STATIC
  core/access/login_throttle.cpp
  core/access/password.cpp
  core/access/public_address.cpp
  core/access/resealing.cpp
  core/access/secret_box.cpp
  core/access/secret_key.cpp
  core/access/users.cpp
  core/attribution/attribution_rules.cpp
  core/attribution/coarse_origin.cpp
  core/attribution/conversion_credits.cpp
  core/attribution/conversion_kind.cpp
  core/attribution/conversion_match.cpp
  core/attribution/conversion_path.cpp
  core/attribution/conversion_session.cpp
  core/attribution/conversions.cpp
  core/attribution/event_conversions.cpp
  core/attribution/journeys.cpp
  core/attribution/late_evidence.cpp
  core/attribution/milestones.cpp
  core/attribution/new_customers.cpp
  core/attribution/path_clicks.cpp
  core/attribution/trained_models.cpp
  core/attribution/trained_splits.cpp
  core/attribution/training.cpp
  core/classify/ad_campaign.cpp
  core/classify/agent_names.cpp
  core/classify/agent_patterns.cpp
  core/classify/agent_reader.cpp
  core/classify/bot.cpp
  core/classify/country_codes.cpp
  core/classify/own_referrer.cpp
  core/classify/partner_link.cpp
  core/classify/place_database.cpp
  core/classify/registrable_domain.cpp
  core/classify/stored_touch.cpp
  core/classify/touch_classifier.cpp
  core/classify/user_agent.cpp
  core/costs/ad_source.cpp
  core/costs/cost_amount.cpp
  core/costs/cost_columns.cpp
  core/costs/cost_date.cpp
  core/costs/cost_file.cpp
  core/costs/cost_headers.cpp
  core/costs/cost_places.cpp
  core/costs/costs.cpp
  core/ingest/ad_views.cpp
  core/ingest/batch_keeper.cpp
  core/ingest/consent_change.cpp
  core/ingest/content.cpp
  core/ingest/event_clock.cpp
  core/ingest/ingest.cpp
  core/ingest/kept_sender.cpp
  core/ingest/known_sessions.cpp
  core/ingest/live_feed.cpp
  core/ingest/recent_pings.cpp
  core/ingest/reject_text.cpp
  core/ingest/replay.cpp
  core/ingest/session_context_merge.cpp
  core/ingest/session_part.cpp
  core/ingest/session_token.cpp
  core/ingest/touch_json.cpp
  core/ingest/touch_row.cpp
  core/ingest/verify.cpp
  core/ingest/withheld_click_ids.cpp
  core/leads/known_leads.cpp
  core/leads/lead_facts.cpp
  core/leads/leads.cpp
  core/maintenance.cpp
  core/orders/checkout_faults.cpp
  core/orders/checkouts.cpp
  core/orders/currency.cpp
  core/orders/fetched_events.cpp
  core/orders/order_disputes.cpp
  core/orders/order_fact.cpp
  core/orders/order_fold.cpp
  core/orders/order_import.cpp
  core/orders/order_ledger.cpp
  core/orders/order_lookups.cpp
  core/orders/order_refunds.cpp
  core/orders/order_steps.cpp
  core/orders/orders.cpp
  core/orders/payment_description.cpp
  core/orders/provider_call.cpp
  core/orders/sale_halves.cpp
  core/orders/sale_regrouping.cpp
  core/orders/stated_orders.cpp
  core/orders/subscription_role.cpp
  core/orders/webhook_request.cpp
  core/orders/webhook_signature.cpp
  core/outbox/conversion_outbox.cpp
  core/outbox/delivery_consent.cpp
  core/outbox/delivery_lane.cpp
  core/outbox/delivery_results.cpp
  core/outbox/delivery_retries.cpp
  core/outbox/delivery_schedule.cpp
  core/outbox/delivery_settling.cpp
  core/outbox/dispatch_gathering.cpp
  core/outbox/event_outbox.cpp
  core/outbox/outbox.cpp
  core/outbox/signed_sending.cpp
  core/outbox/transaction_ids.cpp
  core/people/contact_variants.cpp
  core/people/meta_cleaning.cpp
  core/people/meta_explanation.cpp
  core/people/meta_reference.cpp
  core/people/person.cpp
  core/people/person_evidence.cpp
  core/people/person_view.cpp
  core/people/phone_number.cpp
  core/privacy/erased_references.cpp
  core/privacy/erasure.cpp
  core/privacy/erasure_receipt.cpp
  core/privacy/erasure_rewrite.cpp
  core/privacy/fresh_ids.cpp
  core/privacy/mentions.cpp
  core/privacy/person_export.cpp
  core/privacy/person_traces.cpp
  core/privacy/retention.cpp
  core/record_names.cpp
  core/reports/audit.cpp
  core/reports/counted_zone.cpp
  core/reports/credit_rollups.cpp
  core/reports/local_day.cpp
  core/reports/rebuild.cpp
  core/reports/report_calendar.cpp
  core/reports/report_intervals.cpp
  core/reports/report_models.cpp
  core/reports/report_paths.cpp
  core/reports/report_series.cpp
  core/reports/reports.cpp
  core/reports/visitor_sketch.cpp
  core/reports/zone_file.cpp
  core/text/delimited_lines.cpp
  core/text/ecma_text.cpp
  core/text/foreign_json.cpp
  core/text/id_text.cpp
  core/text/ip_address.cpp
  core/text/loggable_words.cpp
  core/text/nearest_name.cpp
  core/text/plain_text.cpp
  core/text/rfc3339.cpp
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
