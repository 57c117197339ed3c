// SPDX-License-Identifier: Apache-2.0
// The body of a form post, and of a conversion that a site's server states (preset fuzz). Of a form
// only texts come out; what is taken of a conversion has an amount of at least 0 in a known
// currency, or none.
#include "server/http/form_fields.hpp"
#include "server/http/stated_conversion.hpp"
#include "tests/fuzz/fuzz_input.hpp"

#include <nlohmann/json.hpp>

#include <string>

namespace {

void read_as_stated(const std::string& body) {
  using tl::fuzz::demand;
  const auto json = nlohmann::json::parse(body, nullptr, false);
  if (!json.is_object()) return;
  const auto stated = tl::server::http::read_stated_conversion(json, 1'790'000'000'000);
  if (!stated.ok()) return demand(!stated.error().code.empty() && !stated.error().detail.empty());
  demand(stated.value().amount_minor >= 0);
  demand(stated.value().currency.empty() || stated.value().currency.size() == 3);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tl::server::http;
  const std::string body(tl::fuzz::text_of(data, size));
  read_as_stated(body);
  // The first line stands for the boundary as well, so that broken ones are tried too.
  const std::string boundary = body.substr(0, body.find('\n'));
  for (const auto& type : {std::string("application/x-www-form-urlencoded"),
                           std::string("multipart/form-data; boundary=x"),
                           "multipart/form-data; " + boundary, std::string()}) {
    Request request;
    request.headers = {{"Content-Type", type}};
    request.body = body;
    const auto fields = read_fields(request);
    if (!fields.ok() || type.empty()) continue;
    tl::fuzz::demand(fields.value().size() <= kMostFormFields);
    for (const auto& field : fields.value()) tl::fuzz::demand(field.is_string());
    // Repaired to UTF-8, or this would throw.
    static_cast<void>(fields.value().dump());
  }
  return 0;
}
