// SPDX-License-Identifier: Apache-2.0
// Shapes: wire v1 {"e":[{"c":{"s":1}}]}, flat {"consent":{"storage":true}}, and
// {"events":[{"context":{"consent":{"storage":true}}}]}; a body's own consent stands for its
// events.

#include "server/core/ingest/reject_text.hpp"

#include "server/core/text/foreign_json.hpp"

#include <nlohmann/json.hpp>

namespace tl::server {
namespace {

using Json = nlohmann::json;

const Json* member(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found == object.end() ? nullptr : &*found;
}

Choice storage_in(const Json& consent, Choice otherwise) {
  for (const char* key : {"s", "storage"}) {
    const Json* value = consent.is_object() ? member(consent, key) : nullptr;
    if (value == nullptr || value->is_null()) continue;
    return *value == true || *value == 1 ? Choice::granted : Choice::denied;
  }
  return otherwise;
}

Choice storage_of(const Json& said, Choice otherwise) {
  if (!said.is_object()) return otherwise;
  for (const char* key : {"c", "consent"})
    if (const Json* consent = member(said, key)) return storage_in(*consent, otherwise);
  if (const Json* context = member(said, "context"); context != nullptr && context->is_object())
    if (const Json* consent = member(*context, "consent")) return storage_in(*consent, otherwise);
  return otherwise;
}

}  // namespace

bool may_keep_text(std::string_view text, Choice site_default) {
  const Json said = parse_foreign_json(text);
  const Choice whole = storage_of(said, site_default);
  if (!said.is_object()) return whole == Choice::granted;
  for (const char* key : {"e", "events"}) {
    const Json* events = member(said, key);
    if (events == nullptr || !events->is_array() || events->empty()) continue;
    for (const Json& event : *events)
      if (storage_of(event, whole) != Choice::granted) return false;
    return true;
  }
  return whole == Choice::granted;
}

}  // namespace tl::server
