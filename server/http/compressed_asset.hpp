// SPDX-License-Identifier: Apache-2.0
// A file that never changes while the server runs: compressed when somebody first asks for it so,
// served by what the client accepts, with an ETag that says which encoding it is (RFC 9110 sections
// 8.8.3 and 12.5.3). Thread-safe.
#pragma once

#include "server/http/exchange.hpp"

#include <mutex>
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
  [[nodiscard]] std::size_t brotli_size() const { return brotli_.bytes(content_).size(); }

 private:
  using Compress = std::string(std::string_view content);
  // Empty: it cannot be compressed.
  class Coding {
   public:
    explicit Coding(Compress* compress) : compress_(compress) {}
    [[nodiscard]] const std::string& bytes(std::string_view content) const;

   private:
    Compress* compress_;
    mutable std::once_flag is_made_;
    mutable std::string bytes_;
  };

  std::string_view content_;
  std::string content_type_, hash_;
  Coding brotli_, gzip_;
};

// Whether Accept-Encoding lists the coding with a weight above zero.
bool accepts_encoding(std::string_view header, std::string_view coding);

}  // namespace tl::server::http
