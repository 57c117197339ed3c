// SPDX-License-Identifier: Apache-2.0
// Sets the built files against size-budget.json (brotli, quality 11) and fails above it.
// Usage: node sdk-wasm/check-size.mjs [build/sdk/sizes.json]
import { readFileSync } from "node:fs";

const built = process.argv[2] ?? new URL("../build/sdk/sizes.json", import.meta.url);
const sizes = JSON.parse(readFileSync(built, "utf8"));
const budget = JSON.parse(readFileSync(new URL("size-budget.json", import.meta.url), "utf8"));

let isOver = false;
console.log("part".padEnd(22), "raw".padStart(8), "brotli".padStart(8), "budget".padStart(8));
for (const [part, { raw, brotli }] of Object.entries(sizes)) {
  const limit = budget[part];
  const over = limit !== undefined && brotli > limit;
  isOver ||= over;
  const columns = [raw, brotli, limit ?? ""].map((value) => String(value).padStart(8));
  console.log(part.padEnd(22), ...columns, over ? `over by ${brotli - limit}` : "");
}
process.exit(isOver ? 1 : 0);
