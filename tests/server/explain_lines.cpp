// SPDX-License-Identifier: Apache-2.0
// explain_webhook over standard input, a line each: lets a script compare our reading of a webhook
// with the vendor's own package.
#include "server/providers/explain.hpp"

#include <iostream>
#include <string>

int main() {
  for (std::string line; std::getline(std::cin, line);)
    std::cout << tl::server::explain_webhook(line) << '\n';
}
