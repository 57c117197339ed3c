// SPDX-License-Identifier: Apache-2.0
// The C ABI of contact.wasm, in the manner of exports.cpp: i input block · c contact
#include "throughline/contact.hpp"

#include <cstddef>
#include <cstdint>

#define TL_EXPORT(name) extern "C" __attribute__((export_name(name), used))

namespace {
char block[1024];  // the loader knows this number
char arena_block[2048];
}  // namespace

TL_EXPORT("i") char* tl_input() {
  return block;
}

// Input: an e-mail address or (is_phone) a phone number. Leaves SHA-256 of its normal form, in hex,
// in the block and returns its size; 0 when it has no normal form.
TL_EXPORT("c") std::uint32_t tl_contact(std::uint32_t bytes, std::uint32_t is_phone) {
  const std::string_view raw(block, bytes);
  tl::Out text(arena_block, sizeof arena_block);
  const auto normal =
      is_phone != 0 ? tl::normalise_phone_e164(raw, text) : tl::normalise_email(raw, text);
  if (!normal.ok()) return 0;
  tl::Out out(block, sizeof block);
  tl::write_sha256_hex(normal.value(), out);
  return static_cast<std::uint32_t>(out.size());
}
