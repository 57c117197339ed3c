// SPDX-License-Identifier: Apache-2.0
// A file of ad costs to rows, all or nothing: every line that cannot be read is told with its
// number and the reason, and then there are no rows. Total lines, title lines and footers are left
// out. Nothing is guessed: a quotation mark without an end, a line with other columns than the
// header, bytes that are no UTF-8, an amount or a day that may be read in two ways are errors.
#pragma once

#include "server/core/costs/cost_amount.hpp"
#include "server/core/costs/cost_columns.hpp"
#include "server/core/costs/cost_date.hpp"
#include "server/core/outcome.hpp"
#include "server/core/ports/cost_store.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tl::server {

// Where the file came in: errors name what it takes there.
enum class CostDoor : std::uint8_t { command, request };

// What the file does not say, and what is said over it.
struct CostFileOptions {
  CostDoor door = CostDoor::command;
  CostMapping mapping;
  std::string source, currency;  // empty: as the file or its platform says
  std::optional<Channel> channel;
  std::optional<DateOrder> date_order;
  std::optional<DecimalMark> decimal;
  int last_day = 99991231;    // yyyymmdd; later ones are refused
  std::string site_currency;  // when nobody names one
  std::string origin;         // kept with the rows
};

struct CostLineError {
  std::uint32_t line = 0;
  std::string code, message;
};

struct CostFile {
  std::string platform;
  std::vector<CostRow> rows;          // empty when there are errors
  std::vector<CostLineError> errors;  // in order of lines
  std::uint32_t skipped = 0;          // total lines and footers
};

// Errors: invalid (unknown_cost_columns, empty_cost_file).
Outcome<CostFile> read_cost_file(std::string_view bytes, const CostFileOptions& options);

}  // namespace tl::server
