// SPDX-License-Identifier: Apache-2.0
// Writing one event in wire format v1 (docs/wire.md), for tests in C++ that need a page. The loader
// writes the same: tests/vectors/shipped.mjs holds it to the golden vectors, which these write.
#pragma once

#include "throughline/session.hpp"

#include <string_view>

namespace tl {

struct EventText {
  std::string_view title;       // raw text, escaped here
  std::string_view props_json;  // an object as the page serialised it, or empty
};

// {"n":…,"id":…,"aid":…,"sid":…,"seq":…,"t":…,"why":…,"c":{…},"ev":{"u","r","ti","nt","ct","prev"},"touch":{…},"p":{…}}
// Absent facts are left out. `prev` is the state before the decision (absent without a session).
void write_event(const SessionState& before, const Evidence& evidence, const Decision& decision,
                 const EventText& text, Out& out);

// Evidence only (rv 0): the server decides.
void write_evidence_event(const SessionState& before, const Evidence& evidence,
                          const EventText& text, Out& out);

// Without storage consent: no id, no evidence, only values shared by many:
// {"n","seq","t","c","an":{"source","medium","campaign","ref","path","cl","in"}}; t floored to the
// hour.
void write_anonymous_event(const Evidence& evidence, Out& arena, Out& out);

}  // namespace tl
