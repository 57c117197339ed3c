// SPDX-License-Identifier: Apache-2.0
// What stands in the ledger where a reference named a person who was erased: a digest of it under
// the server's secret. What is told again is known again and counts once, and nobody can read whose
// it was. What the account at the provider, a subscription or customer, pays after that has another
// digest for a name: its halves and renewals belong together, and to nothing of before.
#pragma once

#include "server/core/access/secret_box.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace tl::server {

// Names in the ledger that are such digests begin with it, and no name between it and the next is
// anything else.
inline constexpr std::string_view kErasedPrefix = "erased-", kAfterErasedPrefix = "erased.";

class ErasedReferences {
 public:
  // Without a box no reference is known again.
  ErasedReferences(const SecretBox* box, std::string_view site_id);
  // Under the present secret. Needs a box.
  [[nodiscard]] std::string of(std::string_view reference) const;
  // What an erased subscription or customer is called from then on. Needs a box.
  [[nodiscard]] std::string again(std::string_view account) const;
  // The reference, and what may stand in its place: under the present secret and those before.
  [[nodiscard]] std::vector<std::string> forms_of(std::string_view reference) const;

 private:
  std::vector<Digest> keys_;  // the present secret's first
};

// Whether the text stands in the place of such a reference.
bool is_erased_reference(std::string_view text);

// Whether a reference is made of a subscription's or customer's name: "sub_1#first" of "sub_1".
bool holds_account(std::string_view reference, std::string_view account);

}  // namespace tl::server
