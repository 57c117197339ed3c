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

test("a file's name says what it holds: the days, the model, a part of the lines", async () => {
  const { fileName, topOf } = await bundled("context.ts");
  const context = { kind: "purchase", isMoney: true, basis: "accrual", range: { from: "2026-01-01", to: "2026-01-31" } };
  assert.equal(fileName(context, "source", "time_decay:tau_ms=86400000", "Česká pošta / Prague"), "throughline-source-time-decay-tau-ms-86400000-česká-pošta-prague-2026-01-01-2026-01-31");
  assert.equal(fileName({ ...context, kind: "lead", isMoney: false, basis: "cash" }, "paths", topOf([1, 2], 2)), "throughline-paths-top-2-lead-cash-2026-01-01-2026-01-31");
  assert.equal(topOf([1, 2], 3), "");
});
