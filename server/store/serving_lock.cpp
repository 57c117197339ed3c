// SPDX-License-Identifier: Apache-2.0
// A file of its own: opening and closing the database file beside SQLite would drop SQLite's locks.
#include "server/store/serving_lock.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <string>
#include <sys/file.h>
#include <unistd.h>

namespace tl::server {

Outcome<ServingLock> ServingLock::take(std::string_view store_url) {
  const std::string path = std::string(store_url.substr(store_url.find(':') + 1)) + ".serving";
  std::error_code ignored;  // open() tells what is wrong
  if (const auto folder = std::filesystem::path(path).parent_path(); !folder.empty())
    std::filesystem::create_directories(folder, ignored);
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0)
    return fail(ErrorKind::unavailable, "store_unavailable",
                "cannot write " + path + ": " + std::strerror(errno));
  ServingLock lock(descriptor);
  if (::flock(descriptor, LOCK_EX | LOCK_NB) == 0) return lock;
  return fail(ErrorKind::conflict, "store_in_use",
              "another throughline serve runs on " + std::string(store_url) +
                  "; stop it first, or give this one a store of its own ([store] url)");
}

ServingLock::~ServingLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace tl::server
