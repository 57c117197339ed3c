// SPDX-License-Identifier: Apache-2.0
// libFuzzer target of the ingest parser (preset fuzz). What is decoded must survive being refused:
// its text decodes again.
#include "server/http/decode_batch.hpp"

#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(bytes), size);
  (void)tl::server::http::claimed_key(body);
  const auto decoded = tl::server::http::decode_batch(body);
  if (!decoded.ok()) return 0;
  for (const auto& event : decoded.value().batch.events)
    if (!tl::server::http::decode_batch(decoded.value().batch.text_of(event.index)).ok())
      std::abort();
  return 0;
}
