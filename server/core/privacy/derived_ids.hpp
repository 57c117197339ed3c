// SPDX-License-Identifier: Apache-2.0
// Ids of conversions and refunds are made of their order's reference (throughline/hash.hpp), so
// that anybody could try an e-mail address against one whose reference was that of an erased
// person. They are made anew of the digest that stands in the reference's place.
#pragma once

#include "server/core/clock.hpp"
#include "server/core/config.hpp"
#include "server/core/ports/store.hpp"

#include <map>
#include <optional>
#include <string>

namespace tl::server {

class DerivedIds {
 public:
  // Keeps references.
  DerivedIds(Tables& tables, const SiteConfig& site, Entropy& entropy)
      : tables_(tables), site_(site), entropy_(entropy) {}

  // References and what stands in their place from now on.
  using Replaced = std::map<std::string, std::string>;

  // Gives the conversion another id where its own was made of such a reference.
  Outcome<void> renew(ConversionRow& conversion, const Replaced& replaced);
  // The same for what turned out to be the order's sale too: aliases of it.
  Outcome<void> renew_joined(const OrderKey& order, const Replaced& replaced);
  // A refund's, which is an alias of the order.
  Outcome<void> renew_refund(const OrderKey& order, Id128& event_id);

  // What a conversion is called by now.
  [[nodiscard]] Id128 present(const Id128& conversion_id) const;

 private:
  Outcome<std::optional<Id128>> renewed(const Id128& id, const std::string& kind,
                                        const Replaced& replaced);
  Outcome<void> rename_alias(const OrderKey& order, const Id128& id, const Id128& fresh);

  Tables& tables_;
  const SiteConfig& site_;
  Entropy& entropy_;
  std::map<Id128, Id128> renewed_;
};

}  // namespace tl::server
