// SPDX-License-Identifier: Apache-2.0
// The content or product that an event is about, by any of the names that pages use for it. One
// reader for what a session remembers and for what destinations are told.
#pragma once

#include <string>
#include <string_view>

namespace tl::server {

struct Content {
  std::string id, name, category;
  [[nodiscard]] bool is_empty() const { return id.empty() && name.empty() && category.empty(); }
};

// From an event's properties, or from what write_content() made; empty of what is no JSON object.
//   id        content_id, product_id, productId, id
//   name      content_name, product_name, productName, name, title
//   category  content_category, category
// The first that is a text or number counts.
Content read_content(std::string_view json);

// JSON {"id","name","category"} of what is there, "" when nothing is.
std::string write_content(const Content& content);

}  // namespace tl::server
