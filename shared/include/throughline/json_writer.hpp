// SPDX-License-Identifier: Apache-2.0
// JsonWriter: writes compact JSON into an Out. Writing only; commas are its business. Quotes,
// backslashes, control characters and U+2028/9 are escaped, ill-formed UTF-8 becomes U+FFFD, so the
// output is valid whatever the text.
#pragma once

#include "throughline/out.hpp"

#include <cstdint>
#include <string_view>

namespace tl {

class JsonWriter {
 public:
  explicit JsonWriter(Out& out) : out_(out) {}

  void open_object() {
    separate();
    out_.put('{');
    fresh_ = true;
  }
  void close_object() {
    out_.put('}');
    fresh_ = false;
  }
  void key(std::string_view name);  // name needs no escaping
  void string(std::string_view text);
  void number(std::int64_t number);
  void raw(std::string_view json) {
    separate();
    out_.put(json);
    fresh_ = false;
  }

 private:
  void separate();
  Out& out_;
  bool fresh_ = true;
  bool after_key_ = false;
};

}  // namespace tl
