// SPDX-License-Identifier: Apache-2.0
#include "server/core/outbox/signed_sending.hpp"

#include "server/core/access/secret_box.hpp"
#include "server/core/durations.hpp"

#include <array>

namespace tl::server {
namespace {

constexpr std::int64_t kTokenMarginMs = kMinuteMs;
constexpr int kUnauthorised = 401;

std::string all_settings(const DestinationConfig& config) {
  std::string text;
  for (const auto& [name, value] : config.settings) text += name + "\n" + value + "\n";
  return text;
}

}  // namespace

std::optional<SignedSending::Result> SignedSending::renew_token(const Destination& destination,
                                                                const DestinationConfig& config) {
  const auto request = destination.token_request(config, clock_.now_ms());
  if (!request) return {};
  if (std::string settings = all_settings(config); settings != token_settings_) {
    token_.reset();
    token_settings_ = std::move(settings);
  }
  if (token_ && clock_.now_ms() < token_->until_ms - kTokenMarginMs) return {};
  OutgoingAnswer answer = client_.send(*request);
  TokenAnswer told = destination.read_token(answer, clock_.now_ms());
  token_ = std::move(told.token);
  if (token_) return {};
  if (answer.reached == OutgoingAnswer::Reached::unknown)
    answer.reached = OutgoingAnswer::Reached::not_sent;  // the events' own request was not
  return Result{std::move(answer), std::move(told.refusal)};
}

SignedSending::Result SignedSending::send(const Destination& destination,
                                          const DestinationConfig& config,
                                          const OutgoingRequest& request) {
  for (bool is_repeat = false;; is_repeat = true) {
    const bool had_token = token_.has_value();
    if (auto failure = renew_token(destination, config)) return std::move(*failure);
    std::array<char, 16> random{};
    entropy_.fill(reinterpret_cast<std::uint8_t*>(random.data()), random.size());
    OutgoingRequest signed_request = request;
    destination.sign(signed_request, config,
                     {clock_.now_ms(), to_hex({random.data(), random.size()}),
                      token_ ? token_->text : std::string()});
    OutgoingAnswer answer = client_.send(signed_request);
    if (answer.status != kUnauthorised || !had_token || is_repeat) return {std::move(answer), {}};
    token_.reset();
  }
}

}  // namespace tl::server
