// SPDX-License-Identifier: Apache-2.0
// A vocabulary for tests of path files: text in, credits by name out.
#pragma once

#include "catch.hpp"
#include "server/attribute/path_models.hpp"

#include <map>
#include <string>
#include <vector>

namespace tl::test {

inline const std::string kPathHeader = "path,total_conversions,total_conversion_value,total_null\n";

inline server::attribute::PathFile read(const std::string& rows, unsigned threads = 1) {
  return server::attribute::read_paths(kPathHeader + rows, threads);
}

inline server::attribute::PathAnswer answer(const std::string& rows,
                                            const std::vector<std::string>& names,
                                            const std::vector<std::uint32_t>& orders = {1}) {
  const auto file = read(rows);
  for (const auto& bad : file.bad_lines) FAIL(bad.line << ": " << bad.message);
  std::vector<server::attribute::PathModel> models;
  for (const auto& name : names) {
    server::attribute::PathModel model{};
    REQUIRE(server::attribute::parse_path_model(name, model));
    models.push_back(model);
  }
  return server::attribute::attribute_paths(file, models, orders);
}

using Numbers = std::map<std::string, double>;

// Conversions (or values) of the first model by channel.
inline Numbers conversions(const server::attribute::PathAnswer& answer, std::size_t model = 0) {
  Numbers numbers;
  for (std::size_t i = 0; i < answer.channels.size(); ++i)
    numbers[answer.channels[i]] = answer.models[model].credits[i].conversions;
  return numbers;
}
inline Numbers values(const server::attribute::PathAnswer& answer, std::size_t model = 0) {
  Numbers numbers;
  for (std::size_t i = 0; i < answer.channels.size(); ++i)
    numbers[answer.channels[i]] = answer.models[model].credits[i].value;
  return numbers;
}

inline void check_near(const Numbers& actual, const Numbers& expected) {
  REQUIRE(actual.size() == expected.size());
  for (const auto& [name, number] : expected) {
    INFO(name);
    CHECK(actual.at(name) == Approx(number).epsilon(1e-12).margin(1e-12));
  }
}

}  // namespace tl::test
