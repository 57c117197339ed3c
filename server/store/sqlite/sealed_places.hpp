// SPDX-License-Identifier: Apache-2.0
// What binds each sealed column to its place (SecretBox): said where it is sealed, where it is
// opened, and where it is sealed anew. Of webhooks: inbox_context (order_store.hpp).
#pragma once

#include "server/core/records.hpp"

#include <string>
#include <string_view>

namespace tl::server::sqlite {

inline std::string with_id(std::string text, const Id128& id) {
  text.append(reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size());
  return text;
}

inline std::string context_place(std::string_view site_id, const Id128& session_id) {
  return with_id("session_context:" + std::string(site_id) + ":", session_id);
}
inline std::string delivery_place(const DeliveryRow& row) {
  return with_id("delivery:" + row.site_id + ":" + row.destination + ":", row.event_id);
}
inline std::string reject_place(std::string_view site_id) {
  return "reject:" + std::string(site_id);
}
// Sealed and opened by those who write and show contacts.
inline std::string contact_place(std::string_view site_id) {
  return "contact:" + std::string(site_id);
}

}  // namespace tl::server::sqlite
