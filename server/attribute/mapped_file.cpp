// SPDX-License-Identifier: Apache-2.0
#include "server/attribute/mapped_file.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace tl::server::attribute {
namespace {

bool read_all(int file, std::string& text) {
  constexpr std::size_t kPiece = 1 << 20;
  for (;;) {
    const std::size_t before = text.size();
    text.resize(before + kPiece);
    const ssize_t count = ::read(file, text.data() + before, kPiece);
    text.resize(before + static_cast<std::size_t>(count > 0 ? count : 0));
    if (count <= 0) return count == 0;
  }
}

}  // namespace

MappedFile::~MappedFile() {
  if (mapped_ != nullptr) ::munmap(const_cast<char*>(mapped_), size_);
}

MappedFile::MappedFile(MappedFile&& other) noexcept {
  *this = std::move(other);
}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  std::swap(mapped_, other.mapped_);
  std::swap(size_, other.size_);
  read_.swap(other.read_);
  return *this;
}

Result<MappedFile> MappedFile::open(const std::string& path) {
  MappedFile opened;
  const int file = path == "-" ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return Error{ErrorKind::not_found, "file_unreadable"};
  struct stat about {};
  bool is_ready = false;
  if (::fstat(file, &about) == 0 && S_ISREG(about.st_mode) && about.st_size > 0) {
    const auto size = static_cast<std::size_t>(about.st_size);
    void* const memory = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file, 0);
    if (memory != MAP_FAILED) {
      ::madvise(memory, size, MADV_SEQUENTIAL);
      opened.mapped_ = static_cast<const char*>(memory);
      opened.size_ = size;
      is_ready = true;
    }
  }
  if (!is_ready) is_ready = read_all(file, opened.read_);
  if (file != STDIN_FILENO) ::close(file);
  if (!is_ready) return Error{ErrorKind::not_found, "file_unreadable"};
  return opened;
}

}  // namespace tl::server::attribute
