# Destinations: one file each, one line in registry.cpp.
add_library(tl_destinations STATIC
  destinations/crm.cpp
  destinations/customer.cpp
  destinations/described.cpp
  destinations/event_facts.cpp
  destinations/ga4.cpp
  destinations/ga4_rules.cpp
  destinations/google_ads.cpp
  destinations/google_results.cpp
  destinations/google_token.cpp
  destinations/http_verdict.cpp
  destinations/linkedin.cpp
  destinations/meta.cpp
  destinations/meta_answer.cpp
  destinations/meta_click.cpp
  destinations/microsoft.cpp
  destinations/oauth1.cpp
  destinations/outgoing_event.cpp
  destinations/pinterest.cpp
  destinations/posthog.cpp
  destinations/posthog_properties.cpp
  destinations/reddit.cpp
  destinations/registry.cpp
  destinations/settings.cpp
  destinations/settings_reference.cpp
  destinations/snap.cpp
  destinations/tiktok.cpp
  destinations/webhook.cpp
  destinations/x.cpp
)
target_compile_definitions(tl_destinations PRIVATE TL_VERSION="${PROJECT_VERSION}")
target_link_libraries(tl_destinations PUBLIC tl_core)
tl_warnings(tl_destinations)
