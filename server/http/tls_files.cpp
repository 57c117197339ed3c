// SPDX-License-Identifier: Apache-2.0
#include "server/http/tls_files.hpp"

namespace tl::server::http {

TlsFiles::Stamp TlsFiles::stamp() const {
  const auto changed_at = [](const std::string& file) {
    std::error_code failure;  // no such file has a time of its own
    return std::filesystem::last_write_time(file, failure);
  };
  return {changed_at(certificate_), changed_at(key_)};
}

// The times are taken first: what is written meanwhile is read the next time.
Outcome<void> TlsFiles::read() {
  read_at_ = stamp();
  auto loaded = TlsContext::load(certificate_, key_);
  failure_ = loaded.ok() ? "" : loaded.error().detail;
  if (!loaded.ok()) return loaded.error();
  const std::lock_guard lock(mutex_);
  context_ = std::move(loaded.value());
  return {};
}

Outcome<void> TlsFiles::load() {
  const std::lock_guard lock(loading_);
  return read();
}

Outcome<bool> TlsFiles::load_changed() {
  const std::lock_guard lock(loading_);
  const std::string told = failure_;
  // Who may read a file changes without its time: what failed is tried again.
  if (stamp() == read_at_ && told.empty()) return false;
  const auto done = read();
  if (done.ok()) return true;
  if (failure_ == told) return false;
  return done.error();
}

std::shared_ptr<TlsContext> TlsFiles::current() const {
  const std::lock_guard lock(mutex_);
  return context_;
}

}  // namespace tl::server::http
