// SPDX-License-Identifier: Apache-2.0
// The listener's certificate and key as the files say now: whoever renews them writes over them or
// moves a link, and nobody starts the server anew. Connections keep the pair they began with.
#pragma once

#include "server/core/outcome.hpp"
#include "server/http/tls_context.hpp"

#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

namespace tl::server::http {

// Thread-safe.
class TlsFiles {
 public:
  TlsFiles(std::string certificate, std::string key)
      : certificate_(std::move(certificate)), key_(std::move(key)) {}

  // Reads both files; a pair that cannot be used changes nothing. Errors: invalid
  // (bad_tls_certificate).
  Outcome<void> load();
  // The same where one of them has changed since it was read last, or could not be used then.
  // false: nothing is new, nor is what is wrong with them.
  Outcome<bool> load_changed();
  [[nodiscard]] std::shared_ptr<TlsContext> current() const;

 private:
  using Stamp = std::pair<std::filesystem::file_time_type, std::filesystem::file_time_type>;
  [[nodiscard]] Stamp stamp() const;
  Outcome<void> read();  // loading_ is held

  const std::string certificate_, key_;
  std::mutex loading_;
  Stamp read_at_{};      // guarded by loading_
  std::string failure_;  // of the last reading; guarded by loading_
  mutable std::mutex mutex_;
  std::shared_ptr<TlsContext> context_;  // guarded by mutex_
};

}  // namespace tl::server::http
