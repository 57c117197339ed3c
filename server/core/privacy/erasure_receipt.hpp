// SPDX-License-Identifier: Apache-2.0
// The receipt of an erasure: a pseudonym of each id and contact that went, HMAC-SHA-256 under the
// key of its time, which is then overwritten by its own hash. Nobody can go back from a key to the
// one before, so nobody can tell afterwards whose receipt it is; but a backup still has the key as
// it was when it was made, and from that all later ones follow: a restore finds in the backup
// exactly those who were erased since, and erases them again.
#pragma once

#include "server/core/access/secret_box.hpp"
#include "server/core/clock.hpp"
#include "server/core/config.hpp"
#include "server/core/outcome.hpp"
#include "server/core/ports/store.hpp"
#include "server/core/records.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tl::server {

// Writes it and steps the key. Its number. Errors: unavailable.
Outcome<std::int64_t> leave_receipt(Tables& tables, std::string_view site_id,
                                    const std::vector<Id128>& visitors,
                                    const std::vector<ContactRef>& contacts, std::string counts,
                                    std::int64_t now_ms);

// Whom of these a receipt is about. `key`: of any time up to the receipt's.
class ReceiptSubjects {
 public:
  ReceiptSubjects(const ErasureKey& key, const ErasureReceipt& receipt);
  [[nodiscard]] bool has(const Id128& visitor) const;
  [[nodiscard]] bool has(const ContactRef& contact) const;

 private:
  Digest key_;
  const ErasureReceipt& receipt_;
};

// The key of a later time.
ErasureKey later_key(ErasureKey key, std::int64_t epoch);

// Of a restored store: erases again whom `current`, the store as it was until now, has erased since
// the backup was made, and takes over its receipts. How many persons were erased again. Errors:
// unavailable, bug.
Outcome<std::int64_t> repeat_erasures(Store& restored, Store& current,
                                      const std::vector<SiteConfig>& sites, Entropy& entropy,
                                      const SecretBox& box, std::int64_t now_ms);

}  // namespace tl::server
