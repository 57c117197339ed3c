// SPDX-License-Identifier: Apache-2.0
// What a payment provider's API answers (preset fuzz): the first line names the provider, the
// second a list or the subject of a look-up, the rest is the answer.
#include "server/providers/registry.hpp"
#include "tests/fuzz/fuzz_input.hpp"

#include <algorithm>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tl::server;
  using tl::fuzz::demand;
  std::string_view rest = tl::fuzz::text_of(data, size);
  const ProviderApi* api = find_provider_api(tl::fuzz::next_line(rest));
  if (api == nullptr) return 0;
  const std::string subject(tl::fuzz::next_line(rest));
  PaymentConfig config;
  config.api_key = "key";
  config.base_url = "https://shop.example";
  SiteConfig site;
  site.id = "demo";
  OutgoingAnswer answer;
  answer.reached = OutgoingAnswer::Reached::answered;
  answer.status = 200;
  answer.body = rest;
  constexpr std::int64_t kNowMs = 1'790'000'000'000;
  const auto lists = api->lists();
  if (std::find(lists.begin(), lists.end(), subject) != lists.end()) {
    ListPlace place;
    place.list = subject;
    const auto page = api->read_page(place, answer, kNowMs, config, site);
    if (page.ok())
      for (const auto& event : page.value().events) demand(!event.changes.empty());
    return 0;
  }
  LookupProgress progress;
  progress.subject = subject;
  for (int step = 0; step < 4; ++step) {
    const auto request = api->lookup_request(progress, config);
    if (!request.ok()) return 0;
    if (!request.value()) break;
    // The subject came from outside: it may name a resource, never another host.
    demand(request.value()->url.starts_with("https://shop.example/"));
    if (!api->take_answer(progress, answer).ok()) return 0;
  }
  static_cast<void>(api->read_lookup(progress, kNowMs, config, site));
  return 0;
}
