// SPDX-License-Identifier: Apache-2.0
// logfmt to stderr, one line an event: ts=… level=info msg=server_started port=8787. `msg` is a
// constant snake_case word. Never pass e-mail, IP, full URLs, tokens or props. Thread-safe.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace tl::server {

enum class LogLevel { info, warn, error };  // error: a person should act; warn: someone misbehaves

void start_log();
void log_event(LogLevel level, std::string_view msg,
               std::initializer_list<std::pair<std::string_view, std::string>> fields = {});

}  // namespace tl::server
