// SPDX-License-Identifier: Apache-2.0
#include "server/core/privacy/fresh_ids.hpp"

#include "server/core/access/secret_box.hpp"
#include "server/core/reports/visitor_sketch.hpp"

#include <algorithm>

namespace tl::server {
namespace {

constexpr std::size_t kTimeBytes = 6;  // of a UUIDv7

// Of as many equal parts of all ids as there are to be, the one that holds this id.
std::size_t part_of(const Id128& id, std::size_t parts) {
  std::uint64_t high = 0;
  for (std::size_t i = 0; i < 4; ++i) high = high << 8 | id.bytes[i];
  return static_cast<std::size_t>(high * parts >> 32);
}

}  // namespace

Renames::Ids fresh_visitors(const std::vector<Id128>& ids, Entropy& entropy) {
  Renames::Ids renames;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    // Drawn until it lies in its own part: about as many draws as there are ids.
    Id128 fresh = VisitorSketch::stand_in(ids[i], entropy.id());
    while (part_of(fresh, ids.size()) != i) fresh = VisitorSketch::stand_in(ids[i], entropy.id());
    renames.emplace_back(ids[i], fresh);
  }
  return renames;
}

Renames::Ids fresh_timed_ids(const std::vector<Id128>& ids, Entropy& entropy) {
  std::vector<Id128> fresh;
  for (const auto& id : ids) {
    Id128 made = entropy.id();
    std::copy_n(id.bytes.begin(), kTimeBytes, made.bytes.begin());
    fresh.push_back(made);
  }
  std::sort(fresh.begin(), fresh.end());
  Renames::Ids renames;
  for (std::size_t i = 0; i < ids.size(); ++i) renames.emplace_back(ids[i], fresh[i]);
  return renames;
}

std::vector<Renames::Contact> fresh_contacts(const std::vector<ContactRef>& contacts,
                                             Entropy& entropy) {
  std::vector<Renames::Contact> renames;
  for (std::size_t begin = 0; begin < contacts.size();) {
    std::size_t end = begin;
    std::vector<std::pair<Digest, std::string>> fresh;
    for (; end < contacts.size() && contacts[end].kind == contacts[begin].kind; ++end) {
      const Id128 random = entropy.id();
      std::string text = "erased-" + to_hex({reinterpret_cast<const char*>(random.bytes.data()),
                                             random.bytes.size()});
      fresh.emplace_back(sha256(text), std::move(text));
    }
    std::sort(fresh.begin(), fresh.end());
    for (std::size_t i = begin; i < end; ++i) {
      auto& [digest, text] = fresh[i - begin];
      const bool has_text = contacts[i].kind == ContactKind::user_id;
      renames.push_back({contacts[i], digest, has_text ? std::move(text) : std::string()});
    }
    begin = end;
  }
  return renames;
}

}  // namespace tl::server
