// SPDX-License-Identifier: Apache-2.0
#include "server/core/ingest/content.hpp"

#include <nlohmann/json.hpp>

#include <initializer_list>

namespace tl::server {
namespace {

std::string text_at(const nlohmann::json& object, std::initializer_list<const char*> names) {
  for (const char* name : names) {
    const auto found = object.find(name);
    if (found == object.end()) continue;
    if (found->is_string()) return found->get<std::string>();
    if (found->is_number()) return found->dump();
  }
  return {};
}

}  // namespace

Content read_content(std::string_view json) {
  const auto object = nlohmann::json::parse(json, nullptr, false);
  if (!object.is_object()) return {};
  return {text_at(object, {"content_id", "product_id", "productId", "id"}),
          text_at(object, {"content_name", "product_name", "productName", "name", "title"}),
          text_at(object, {"content_category", "category"})};
}

std::string write_content(const Content& content) {
  if (content.is_empty()) return {};
  nlohmann::json object = nlohmann::json::object();
  if (!content.id.empty()) object["id"] = content.id;
  if (!content.name.empty()) object["name"] = content.name;
  if (!content.category.empty()) object["category"] = content.category;
  return object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace tl::server
