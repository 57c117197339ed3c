// SPDX-License-Identifier: Apache-2.0
// Sets the built files against size-budget.json (brotli, quality 11) and against what SIZE.md tells of them; fails
// where one is above its gate, or the page tells of another build.
// Usage: node sdk-wasm/check-size.mjs [build/sdk/sizes.json]
import { readFileSync } from "node:fs";
import { figuresIn, pagePath } from "./size-page.mjs";

const jsonOf = (path) => JSON.parse(readFileSync(path, "utf8"));
const sizes = jsonOf(process.argv[2] ?? new URL("../build/sdk/sizes.json", import.meta.url));
const budget = jsonOf(new URL("size-budget.json", import.meta.url));
const told = figuresIn(readFileSync(pagePath, "utf8"), "files");

// Another Node brings another brotli, which may find a few bytes more or less.
const isAlike = (a, b) => Math.abs(a - b) <= b / 200;
const isTold = (part, { raw, brotli }) =>
  told[part]?.[0] == raw && isAlike(told[part][1], brotli) && told[part][2] === budget[part];

let fails = false;
console.log("part".padEnd(22), "raw".padStart(8), "brotli".padStart(8), "gate".padStart(8));
for (const [part, size] of Object.entries(sizes)) {
  const { raw, brotli } = size;
  const gate = budget[part];
  const columns = [raw, brotli, gate ?? ""].map((value) => String(value).padStart(8));
  const trouble = brotli > gate ? `over by ${brotli - gate}` : isTold(part, size) ? "" : "SIZE.md tells otherwise";
  fails ||= !!trouble;
  console.log(part.padEnd(22), ...columns, trouble);
}
if (fails) console.log("SIZE.md says where the bytes go: node sdk-wasm/weigh.mjs writes its tables from build/sdk");
process.exit(fails ? 1 : 0);
