// SPDX-License-Identifier: Apache-2.0
// The parameter names that a page without a core needs. They are copied out of the module's packed
// table (shared/src/params.cpp: each name ended by a byte above 0x7f), so that there is one list and
// brotli pays for its text once.
import { readFileSync } from "node:fs";

export const paramNames = (wasm) => {
  const start = wasm.indexOf("utm_source\x81", 0, "latin1");
  if (start < 0) throw new Error("the module holds no table of parameter names");
  const end = wasm.indexOf(0, start);
  return wasm.subarray(start, end - 1).toString("latin1");
};

// Those that identify a person: their value never leaves the page.
export const personalParams = () => {
  const table = readFileSync(new URL("../shared/data/params.tsv", import.meta.url), "utf8");
  const rows = table.split("\n").filter((row) => row && row[0] != "#");
  return rows
    .map((row) => row.split("\t"))
    .filter(([, , , flags]) => flags.includes("personal"))
    .map(([name]) => name);
};
