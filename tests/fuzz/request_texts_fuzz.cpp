// SPDX-License-Identifier: Apache-2.0
// What stands around a body (preset fuzz): the first line is the request's target, then headers up
// to an empty line, cookies among them; the rest is read as a chunked body, a token, an amount, a
// date, an address and a user agent.
#include "server/core/classify/user_agent.hpp"
#include "server/core/ingest/session_token.hpp"
#include "server/core/orders/currency.hpp"
#include "server/core/orders/webhook_signature.hpp"
#include "server/core/outbox/delivery_schedule.hpp"
#include "server/core/text/ip_address.hpp"
#include "server/core/text/rfc3339.hpp"
#include "server/http/analytics_request.hpp"
#include "server/http/chunk_framing.hpp"
#include "server/http/client_address.hpp"
#include "server/http/exchange.hpp"
#include "server/http/geo_headers.hpp"
#include "server/http/list_request.hpp"
#include "server/http/request_target.hpp"
#include "tests/fuzz/fuzz_input.hpp"

#include <memory>
#include <string>

namespace {

class NoEntropy final : public tl::server::Entropy {
 public:
  void fill(std::uint8_t* bytes, std::size_t size) override {
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(i);
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tl::server;
  using tl::fuzz::demand;
  std::string_view rest = tl::fuzz::text_of(data, size);
  http::RequestTarget target;
  static_cast<void>(http::parse_target(tl::fuzz::next_line(rest), target));
  http::Request request;
  request.query = target.query;
  for (auto line = tl::fuzz::next_line(rest); !line.empty(); line = tl::fuzz::next_line(rest)) {
    const auto colon = line.find(':');
    if (colon != line.npos)
      request.headers.emplace_back(std::string(line.substr(0, colon)),
                                   std::string(line.substr(colon + 1)));
  }
  static_cast<void>(request.cookie("tl_aid"));
  static_cast<void>(request.cookie("_ga_ABC123"));
  for (const char* family : {"cloudflare", "fastly", "cloudfront", "vercel"})
    static_cast<void>(http::place_in_headers(family, request));
  static const auto proxies = http::TrustedProxies::parse({"127.0.0.0/8", "10.0.0.0/8"});
  static_cast<void>(proxies.value().client("127.0.0.1", request.headers));

  static const auto site = [] {
    auto made = std::make_shared<SiteConfig>();
    made->id = "demo";
    made->timezone = "America/New_York";
    return made;
  }();
  if (const auto asked = http::read_analytics_request(request, *site, 1'790'000'000'000);
      asked.ok()) {
    demand(asked.value().query.range.from_day <= asked.value().query.range.to_day);
    static_cast<void>(http::previous_period(asked.value().query));
  }
  static_cast<void>(http::read_list_request(
      request, "demo", [](std::string_view) -> std::shared_ptr<const SiteConfig> { return site; }));

  http::ChunkFraming framing;
  static_cast<void>(framing.take(rest));
  static NoEntropy entropy;
  static const SecretBox box("0123456789abcdef0123456789abcdef", entropy);
  static const TokenIssuer tokens(box);
  demand(!tokens.check(rest, "demo").ok());  // nobody guesses one
  const std::string text(rest.substr(0, 4096));
  static_cast<void>(parse_rfc3339(text));
  static_cast<void>(parse_retry_after(text, 1'790'000'000'000));
  static_cast<void>(IpAddress::parse_with_port(text));
  static_cast<void>(AddressRange::parse(text));
  static_cast<void>(read_user_agent(text));
  static_cast<void>(read_user_agent("", {text, text, text, "?1"}));
  static_cast<void>(split_signature_header(text, ','));
  for (const char* currency : {"EUR", "JPY", "KWD"}) {
    if (const auto amount = parse_decimal_amount(text, currency); amount.ok()) {
      const auto again =
          parse_decimal_amount(write_decimal_amount(amount.value(), currency), currency);
      demand(again.ok() && again.value() == amount.value());
    }
    static_cast<void>(round_decimal_amount(text, currency));
  }
  return 0;
}
