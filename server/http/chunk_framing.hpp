// SPDX-License-Identifier: Apache-2.0
// Checks the framing of a chunked body (RFC 9112 section 7.1) as its bytes pass by. The library
// reads sizes with strtoul, which also takes "+5", "0x5", "-1" and "5 apples": a proxy in front
// that reads them otherwise would see the next request begin elsewhere (request smuggling).
#pragma once

#include <cstdint>
#include <string_view>

namespace tl::server::http {

class ChunkFraming {
 public:
  // The next bytes of the body, cut anywhere. False from the first malformed byte on.
  [[nodiscard]] bool take(std::string_view bytes);

 private:
  enum class Place : std::uint8_t {
    size,
    extension,
    size_end,
    data,
    data_cr,
    data_lf,
    trailer,
    bad
  };
  [[nodiscard]] Place after(char byte);

  Place place_ = Place::size;
  std::uint64_t left_ = 0;  // of the chunk's size so far, then of its data
  int digits_ = 0;
};

}  // namespace tl::server::http
