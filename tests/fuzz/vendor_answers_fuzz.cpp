// SPDX-License-Identifier: Apache-2.0
// What a destination answers (preset fuzz): the first line names it, the second is the status, the
// rest the body. Any answer has a verdict, for each of the events or for all.
#include "server/destinations/registry.hpp"
#include "tests/fuzz/fuzz_input.hpp"
#include "throughline/text.hpp"

#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tl::server;
  using tl::fuzz::demand;
  std::string_view rest = tl::fuzz::text_of(data, size);
  const Destination* destination = destinations::find_destination(tl::fuzz::next_line(rest));
  if (destination == nullptr) return 0;
  std::int64_t status = 0;
  if (!tl::parse_decimal(tl::fuzz::next_line(rest), status)) status = 200;
  OutgoingAnswer answer;
  answer.reached = OutgoingAnswer::Reached::answered;
  answer.status = static_cast<int>(status % 1000);
  answer.body = rest;
  const auto check = [](const DeliveryVerdict& verdict, std::size_t events) {
    demand(verdict.each.empty() || verdict.each.size() == events);
    for (const auto& each : verdict.each) demand(each.each.empty() && each.retry_after_ms >= 0);
    demand(verdict.retry_after_ms >= 0);
  };
  for (const std::size_t events : {std::size_t{1}, std::size_t{3}})
    check(destination->judge(answer, events), events);
  check(destination->judge_test(answer), 1);
  DestinationConfig config;
  config.settings = {{"conversions.purchase", "1"}, {"conversions.lead", "2"}};
  check(destination->judge_result(answer, {"purchase", "lead", "refund"}, config), 3);
  const auto token = destination->read_token(answer, 1'790'000'000'000);
  if (token.token) demand(!token.token->text.empty());
  return 0;
}
