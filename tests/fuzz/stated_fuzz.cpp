// SPDX-License-Identifier: Apache-2.0
// A conversion that a site's server states (preset fuzz): what is taken has a positive amount in a
// known currency, or none.
#include "server/http/stated_conversion.hpp"
#include "tests/fuzz/fuzz_input.hpp"

#include <nlohmann/json.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tl::server;
  using tl::fuzz::demand;
  const auto body = nlohmann::json::parse(tl::fuzz::text_of(data, size), nullptr, false);
  if (!body.is_object()) return 0;
  const auto stated = http::read_stated_conversion(body, 1'790'000'000'000);
  if (!stated.ok()) {
    demand(!stated.error().code.empty() && !stated.error().detail.empty());
    return 0;
  }
  demand(stated.value().amount_minor >= 0);
  demand(stated.value().currency.empty() || stated.value().currency.size() == 3);
  return 0;
}
