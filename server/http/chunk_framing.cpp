// SPDX-License-Identifier: Apache-2.0
#include "server/http/chunk_framing.hpp"

#include "throughline/text.hpp"

#include <algorithm>

namespace tl::server::http {
namespace {

constexpr int kMostSizeDigits = 16;  // what 64 bits hold

}  // namespace

bool ChunkFraming::take(std::string_view bytes) {
  while (!bytes.empty() && place_ != Place::bad && place_ != Place::trailer) {
    if (place_ == Place::data) {
      const auto count = std::min<std::uint64_t>(left_, bytes.size());
      left_ -= count;
      bytes.remove_prefix(count);
      if (left_ == 0) place_ = Place::data_cr;
      continue;
    }
    place_ = after(bytes.front());
    bytes.remove_prefix(1);
  }
  return place_ != Place::bad;
}

ChunkFraming::Place ChunkFraming::after(char byte) {
  switch (place_) {
    case Place::size: {
      const int value = hex_value(byte);
      if (value >= 0 && digits_ < kMostSizeDigits) {
        left_ = left_ * 16 + static_cast<std::uint64_t>(value);
        digits_ += 1;
        return Place::size;
      }
      if (digits_ == 0) return Place::bad;
      if (byte == '\r') return Place::size_end;
      return byte == ';' ? Place::extension : Place::bad;
    }
    case Place::extension:
      if (byte == '\r') return Place::size_end;
      return byte == '\t' || static_cast<unsigned char>(byte) >= 0x20 ? Place::extension
                                                                      : Place::bad;
    case Place::size_end:
      if (byte != '\n') return Place::bad;
      digits_ = 0;
      return left_ == 0 ? Place::trailer : Place::data;
    case Place::data_cr:
      return byte == '\r' ? Place::data_lf : Place::bad;
    case Place::data_lf:
      return byte == '\n' ? Place::size : Place::bad;
    case Place::data:
    case Place::trailer:
    case Place::bad:
      break;
  }
  return Place::bad;
}

}  // namespace tl::server::http
