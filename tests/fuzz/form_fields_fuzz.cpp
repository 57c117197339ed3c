// SPDX-License-Identifier: Apache-2.0
// Anything in the body of a form post: no crash, no undefined behaviour, and only texts come out
// (preset fuzz). Corpus: tests/fuzz/corpus/form_fields.
#include "server/http/form_fields.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tl::server::http;
  const std::string body(reinterpret_cast<const char*>(data), size);
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
    if (fields.value().size() > kMostFormFields) std::abort();
    for (const auto& field : fields.value())
      if (!field.is_string()) std::abort();
    // Repaired to UTF-8, or this would throw.
    static_cast<void>(fields.value().dump());
  }
  return 0;
}
