// SPDX-License-Identifier: Apache-2.0
// A value is quoted when it has a blank, a quote, an equals sign or a control character.

#include "server/log.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <memory>

namespace tl::server {
namespace {

void put_value(std::string& line, std::string_view value) {
  const bool is_plain = !value.empty() && std::all_of(value.begin(), value.end(), [](char c) {
    return static_cast<unsigned char>(c) > ' ' && c != '"' && c != '=' && c != '\\';
  });
  if (is_plain) {
    line += value;
    return;
  }
  line.push_back('"');
  for (const char c : value) {
    if (c == '"' || c == '\\') line.push_back('\\');
    line.push_back(static_cast<unsigned char>(c) < ' ' ? ' ' : c);
  }
  line.push_back('"');
}

}  // namespace

void start_log() {
  auto logger = std::make_shared<spdlog::logger>("throughline",
                                                 std::make_shared<spdlog::sinks::stderr_sink_mt>());
  logger->set_pattern("ts=%Y-%m-%dT%H:%M:%S.%eZ level=%l %v", spdlog::pattern_time_type::utc);
  logger->flush_on(spdlog::level::info);
  spdlog::set_default_logger(std::move(logger));
}

void log_event(LogLevel level, std::string_view msg,
               std::initializer_list<std::pair<std::string_view, std::string>> fields) {
  std::string line = "msg=";
  line += msg;
  for (const auto& [name, value] : fields) {
    line.push_back(' ');
    line += name;
    line.push_back('=');
    put_value(line, value);
  }
  const auto spdlog_level = level == LogLevel::error  ? spdlog::level::err
                            : level == LogLevel::warn ? spdlog::level::warn
                                                      : spdlog::level::info;
  spdlog::default_logger_raw()->log(spdlog_level, spdlog::string_view_t(line.data(), line.size()));
}

}  // namespace tl::server
