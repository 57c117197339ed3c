// SPDX-License-Identifier: Apache-2.0
// How text stands in a vector file (README.md): a JSON string; {"b64":"…"} for bytes that are no
// valid UTF-8; {"rep":"ab","n":3} for repetition; an array for all of its parts in a row. Results
// longer than 4 KiB are written as {"bytes":n,"sha256":"…"}.
#pragma once

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>

namespace tl::vectors {

using Json = nlohmann::ordered_json;

std::string text_of(const Json& json);
// The member's text, empty when it is not there.
std::string text_of(const Json& object, const char* name);
// The member as a 64-bit number, also when written as a string (for readers with doubles only).
std::int64_t number_of(const Json& object, const char* name, std::int64_t otherwise = 0);

Json json_of(std::string_view text);

// One function an operation: the vector's "in" to its "out".
using Operation = Json (*)(const Json& in);
struct NamedOperation {
  std::string_view name;
  Operation run;
};
Json run_operation(std::string_view name, const Json& in);  // null when unknown

// session_operations.cpp
Json run_decide(const Json& in);
Json run_evidence(const Json& in);
Json run_state(const Json& in);
// touch_operations.cpp
Json run_touch(const Json& in);
Json run_reduce(const Json& in);
Json run_classify(const Json& in);
// handover_operations.cpp
Json run_token(const Json& in);
Json run_parse_token(const Json& in);
Json run_coarse_token(const Json& in);
Json run_parse_coarse_token(const Json& in);
Json run_contact(const Json& in);
Json run_order_event_id(const Json& in);
// model_operations.cpp
Json run_model(const Json& in);
Json run_exp(const Json& in);
Json run_markov(const Json& in);

}  // namespace tl::vectors
