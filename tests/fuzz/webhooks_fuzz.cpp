// SPDX-License-Identifier: Apache-2.0
// A webhook of any provider (preset fuzz): the first line names the provider, headers follow up to
// an empty line, the rest is the body. Read as it came, for the signature, and as proven, for all
// else.
#include "server/providers/registry.hpp"
#include "tests/fuzz/fuzz_input.hpp"

#include <string>

namespace {

using namespace tl::server;
using tl::fuzz::demand;

const PaymentConfig& fuzzed_payment() {
  static const PaymentConfig config = [] {
    PaymentConfig made;
    made.webhook_secrets = {"shared_secret",
                            "44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056"};
    made.notification_url = "https://example.com/hook";
    made.webhook_id = "WH-7";
    return made;
  }();
  return config;
}

void check_changes(const Outcome<std::vector<OrderChange>>& changes) {
  if (!changes.ok())
    return demand(!changes.error().code.empty() && !changes.error().detail.empty());
  for (const auto& change : changes.value()) {
    const bool is_unreadable = change.kind == OrderChange::Kind::unreadable;
    const bool is_told = change.kind != OrderChange::Kind::ignored && !is_unreadable;
    demand(!is_unreadable || (&change != &changes.value().front() && change.place > 0));
    demand(change.amount_minor >= 0 && change.amount_minor <= 1'000'000'000'000'000);
    demand(change.currency.empty() || change.currency.size() == 3);
    demand(!change.event_key.empty());
    demand(!is_told || !change.change_key.empty());
    demand(!is_told || !change.order_id.empty());
    if (change.refund_amount_minor) demand(*change.refund_amount_minor >= 0);
    if (change.refunded_total_minor) demand(*change.refunded_total_minor >= 0);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest = tl::fuzz::text_of(data, size);
  const std::string name(tl::fuzz::next_line(rest));
  const Provider* provider = find_provider(name);
  if (provider == nullptr) return 0;
  WebhookRequest request;
  request.now_ms = 1'790'000'000'000;
  for (auto line = tl::fuzz::next_line(rest); !line.empty(); line = tl::fuzz::next_line(rest)) {
    const auto colon = line.find(':');
    if (colon == line.npos) continue;
    std::string_view value = line.substr(colon + 1);
    if (value.starts_with(' ')) value.remove_prefix(1);
    request.headers.emplace_back(std::string(line.substr(0, colon)), std::string(value));
  }
  request.body = rest;
  SiteConfig site;
  site.id = "demo";
  check_changes(provider->read(request, fuzzed_payment(), site));
  check_changes(provider->read_fetched(request, fuzzed_payment(), site));
  demand(!provider->event_key(request, fuzzed_payment()).empty());
  static_cast<void>(provider->given_secret(request, fuzzed_payment()));
  for (const auto& body : provider->items_of(rest)) {
    request.body = body;
    check_changes(provider->read(request, fuzzed_payment(), site));
  }
  return 0;
}
