// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import { bundled } from "./bundled.mjs";

const { amount, currencyColumn, figure } = await bundled("table.ts");

test("an amount leaves in major units of its own currency, and says which", () => {
  const columns = [amount("Amount", (row) => row.minor, (row) => row.currency), currencyColumn((row) => row.currency)];
  const rows = [{ minor: 260_350, currency: "EUR" }, { minor: 123_456, currency: "JPY" }, { minor: 1_234_567, currency: "KWD" }, { minor: null, currency: "CZK" }, { minor: -5, currency: "EUR" }];
  assert.deepEqual(rows.map((row) => columns.map((column) => column.value(row))), [[2603.5, "EUR"], [123_456, "JPY"], [1234.567, "KWD"], [null, "CZK"], [-0.05, "EUR"]]);
});

test("a figure sorts as a number also where the API writes a decimal text", () => {
  const column = figure("Conversions", (row) => row.conversions);
  assert.deepEqual([{ conversions: "0.333333" }, { conversions: 12 }, {}].map(column.value), [0.333333, 12, null]);
});
