// SPDX-License-Identifier: Apache-2.0
// A fast hash of short byte strings for the tables here. Not for anything an attacker may choose to
// make slow beyond his own command, and never stored.
#pragma once

#include "server/attribute/text_words.hpp"

#include <cstdint>
#include <string_view>

namespace tl::server::attribute {

inline std::uint64_t mix_words(std::uint64_t hash, std::uint64_t word) {
  hash = (hash ^ word) * 0x9E3779B97F4A7C15;
  return hash ^ (hash >> 32);
}

inline std::uint64_t text_hash(std::string_view text) {
  const char* at = text.data();
  const char* const end = at + text.size();
  std::uint64_t hash = text.size();
  for (; end - at > static_cast<std::ptrdiff_t>(kWordBytes); at += kWordBytes)
    hash = mix_words(hash, word_at(at));
  return mix_words(mix_words(hash, word_at(at, end)), text.size());
}

}  // namespace tl::server::attribute
