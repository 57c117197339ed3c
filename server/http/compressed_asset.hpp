// SPDX-License-Identifier: Apache-2.0
// A file that never changes while the server runs: compressed once, served by what the client
// accepts, with an ETag that says which encoding it is (RFC 9110 sections 8.8.3 and 12.5.3).
#pragma once

#include "server/http/exchange.hpp"

#include <string>
#include <string_view>

namespace tl::server::http {

class CompressedAsset {
 public:
  CompressedAsset(std::string_view content, std::string content_type);
  // 200, or 304 when the client has this very encoding.
  [[nodiscard]] Reply answer(const Request& request, std::string_view cache_control) const;
  [[nodiscard]] const std::string& hash() const { return hash_; }  // 16 hex digits of SHA-256
  [[nodiscard]] std::string_view content() const { return content_; }
  [[nodiscard]] std::size_t brotli_size() const { return brotli_.size(); }

 private:
  std::string_view content_;
  std::string content_type_, brotli_, gzip_, hash_;
};

// Whether Accept-Encoding lists the coding with a weight above zero.
bool accepts_encoding(std::string_view header, std::string_view coding);

}  // namespace tl::server::http
