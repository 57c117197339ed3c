// SPDX-License-Identifier: Apache-2.0
// What stands in the ledger where a reference named a person who was erased: a digest of it under
// the server's secret. A refund or part that is told again is known again and counts once, and
// nobody can read whose it was.
#pragma once

#include "server/core/access/secret_box.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace tl::server {

class ErasedReferences {
 public:
  // Without a box no reference is known again.
  ErasedReferences(const SecretBox* box, std::string_view site_id);
  // Under the present secret. Needs a box.
  [[nodiscard]] std::string of(std::string_view reference) const;
  // The reference, and what may stand in its place: under the present secret and those before.
  [[nodiscard]] std::vector<std::string> forms_of(std::string_view reference) const;

 private:
  std::vector<Digest> keys_;  // the present secret's first
};

// Whether the text stands in the place of such a reference.
bool is_erased_reference(std::string_view text);

}  // namespace tl::server
