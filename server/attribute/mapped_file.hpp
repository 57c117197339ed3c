// SPDX-License-Identifier: Apache-2.0
// A file's bytes, mapped into memory where it can be, else read. "-" is standard input.
#pragma once

#include "throughline/result.hpp"

#include <string>
#include <string_view>

namespace tl::server::attribute {

class MappedFile {
 public:
  MappedFile() = default;
  ~MappedFile();
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  // Errors: not_found (file_unreadable).
  static Result<MappedFile> open(const std::string& path);

  // Valid as long as this object.
  [[nodiscard]] std::string_view bytes() const {
    return mapped_ != nullptr ? std::string_view(mapped_, size_) : std::string_view(read_);
  }

 private:
  const char* mapped_ = nullptr;
  std::size_t size_ = 0;
  std::string read_;
};

}  // namespace tl::server::attribute
