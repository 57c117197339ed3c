// SPDX-License-Identifier: Apache-2.0
// version: of the program, the rules it decides by, and the libraries that matter for security.

#include "server/cli/commands.hpp"
#include "throughline/session.hpp"

#include <openssl/crypto.h>

#include <iostream>

namespace tl::server::cli {

void add_version(CLI::App& parser, Session&) {
  parser.add_subcommand("version", "print the version")->callback([] {
    std::cout << "throughline " << TL_VERSION << " (rules " << kRulesVersion << ", "
              << OpenSSL_version(OPENSSL_VERSION) << ")\n";
  });
}

}  // namespace tl::server::cli
