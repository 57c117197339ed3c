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
  TL_TRY(loaded, TlsContext::load(certificate_, key_));
  const std::lock_guard lock(mutex_);
  context_ = std::move(loaded);
  return {};
}

Outcome<void> TlsFiles::load() {
  const std::lock_guard lock(loading_);
  return read();
}

Outcome<bool> TlsFiles::load_changed() {
  const std::lock_guard lock(loading_);
  if (stamp() == read_at_) return false;
  TL_CHECK(read());
  return true;
}

std::shared_ptr<TlsContext> TlsFiles::current() const {
  const std::lock_guard lock(mutex_);
  return context_;
}

}  // namespace tl::server::http
