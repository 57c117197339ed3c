// SPDX-License-Identifier: Apache-2.0
#include "server/core/privacy/erasure_receipt.hpp"

#include "server/core/access/secret_box.hpp"
#include "server/core/privacy/erasure.hpp"
#include "server/core/privacy/person_traces.hpp"
#include "throughline/hash.hpp"

#include <algorithm>

namespace tl::server {
namespace {

Digest pseudonym(const Digest& key, std::string_view site_id, std::string_view kind,
                 std::string_view bytes) {
  std::string message(site_id);
  message.append(1, '\0').append(kind).append(1, '\0').append(bytes);
  return hmac_sha256(view_of(key), message);
}
Digest pseudonym(const Digest& key, std::string_view site_id, const Id128& visitor) {
  return pseudonym(key, site_id, "v",
                   {reinterpret_cast<const char*>(visitor.bytes.data()), visitor.bytes.size()});
}
Digest pseudonym(const Digest& key, std::string_view site_id, const ContactRef& contact) {
  return pseudonym(key, site_id, std::to_string(static_cast<int>(contact.kind)),
                   view_of(contact.hash));
}

bool holds(const std::vector<Digest>& sorted, const Digest& wanted) {
  return std::binary_search(sorted.begin(), sorted.end(), wanted);
}

constexpr std::uint32_t kErasuresAPage = 1000;

Outcome<std::vector<ErasureReceipt>> erasures_of(Store& store, const std::string& site_id) {
  std::vector<ErasureReceipt> all;
  for (std::size_t found = kErasuresAPage; found == kErasuresAPage;) {
    TL_CHECK(store.read([&](Tables& tables) -> Outcome<void> {
      const std::int64_t last = all.empty() ? 0 : all.back().number;
      TL_TRY(page, tables.privacy().erasures_after(site_id, last, kErasuresAPage));
      found = page.size();
      all.insert(all.end(), page.begin(), page.end());
      return {};
    }));
  }
  return all;
}

Outcome<ErasureKey> erasure_key_of(Store& store) {
  ErasureKey key;
  TL_CHECK(store.read([&](Tables& tables) -> Outcome<void> {
    TL_TRY(found, tables.privacy().erasure_key());
    key = found;
    return {};
  }));
  return key;
}

// Whether the store held anything of whom the receipt is about.
Outcome<bool> repeat_erasure(Tables& tables, const SiteConfig& site, const ErasureReceipt& receipt,
                             const ErasureKey& key, Entropy& entropy, const SecretBox& box,
                             std::int64_t now_ms) {
  const ReceiptSubjects subjects(key, receipt);
  TL_TRY(visitors, tables.privacy().all_visitors(site.id));
  TL_TRY(contacts, tables.privacy().all_contacts(site.id));
  std::erase_if(visitors, [&](const auto& visitor) { return !subjects.has(visitor); });
  std::erase_if(contacts, [&](const auto& contact) { return !subjects.has(contact); });
  if (visitors.empty() && contacts.empty()) return false;
  TL_TRY(traces, find_traces(tables, site, visitors, contacts));
  TL_CHECK(rewrite_traces(tables, entropy, box, site, traces, now_ms));
  return true;
}

}  // namespace

ErasureKey later_key(ErasureKey key, std::int64_t epoch) {
  for (; key.epoch < epoch; ++key.epoch) {
    FieldHash next("tl-erasure-key");
    next.add(view_of(key.key));
    key.key = next.finish();
  }
  return key;
}

Outcome<std::int64_t> leave_receipt(Tables& tables, std::string_view site_id,
                                    const std::vector<Id128>& visitors,
                                    const std::vector<ContactRef>& contacts, std::string counts,
                                    std::int64_t now_ms) {
  TL_TRY(key, tables.privacy().erasure_key());
  ErasureReceipt receipt;
  receipt.site_id = site_id;
  receipt.t_ms = now_ms;
  receipt.epoch = key.epoch;
  for (const auto& visitor : visitors)
    receipt.pseudonyms.push_back(pseudonym(key.key, site_id, visitor));
  for (const auto& contact : contacts)
    receipt.pseudonyms.push_back(pseudonym(key.key, site_id, contact));
  std::sort(receipt.pseudonyms.begin(), receipt.pseudonyms.end());
  receipt.counts = std::move(counts);
  TL_CHECK(tables.privacy().put_erasure_key(later_key(key, key.epoch + 1)));
  return tables.privacy().append_erasure(receipt);
}

Outcome<std::int64_t> repeat_erasures(Store& restored, Store& current,
                                      const std::vector<SiteConfig>& sites, Entropy& entropy,
                                      const SecretBox& box, std::int64_t now_ms) {
  TL_TRY(key, erasure_key_of(restored));
  TL_TRY(present_key, erasure_key_of(current));
  std::int64_t persons = 0;
  for (const auto& site : sites) {
    TL_TRY(receipts, erasures_of(current, site.id));
    for (const auto& receipt : receipts) {
      bool is_repeated = false;
      TL_CHECK(restored.write([&](Tables& tables) -> Outcome<void> {
        is_repeated = false;
        // What was erased before the backup was made is not in it.
        if (receipt.epoch >= key.epoch) {
          TL_TRY(held, repeat_erasure(tables, site, receipt, key, entropy, box, now_ms));
          is_repeated = held;
        }
        TL_TRY(number, tables.privacy().append_erasure(receipt));
        static_cast<void>(number);
        return {};
      }));
      persons += is_repeated ? 1 : 0;
    }
  }
  TL_CHECK(restored.write([&](Tables& tables) {
    return tables.privacy().put_erasure_key(present_key.epoch > key.epoch ? present_key : key);
  }));
  TL_CHECK(restored.forget_overwritten());
  return persons;
}

ReceiptSubjects::ReceiptSubjects(const ErasureKey& key, const ErasureReceipt& receipt)
    : key_(later_key(key, receipt.epoch).key), receipt_(receipt) {}

bool ReceiptSubjects::has(const Id128& visitor) const {
  return holds(receipt_.pseudonyms, pseudonym(key_, receipt_.site_id, visitor));
}
bool ReceiptSubjects::has(const ContactRef& contact) const {
  return holds(receipt_.pseudonyms, pseudonym(key_, receipt_.site_id, contact));
}

}  // namespace tl::server
