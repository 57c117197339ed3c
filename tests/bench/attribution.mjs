// SPDX-License-Identifier: Apache-2.0
// Attribution benchmark: generated files of 1 and 10 million paths over 12 channels, on one core, in
// processor time, so that other work on the machine shows little. Each figure stands beside its aim.
// Usage: tools/bench attribution [million paths …]
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
const program = path.join(root, "build/release/tests/attribution_bench");
const millions = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [1, 10];
// A row takes about 75 bytes, so 10 million rows stay below 1 GB.
if (millions.some((count) => !(count > 0 && count <= 12))) {
  console.error("usage: tools/bench attribution [million paths, at most 12 …]");
  process.exit(2);
}

const number = (value) => (value >= 1e6 ? `${(value / 1e6).toFixed(1)} M` : value >= 100 ? value.toFixed(0) : value.toPrecision(3));
let missed = 0;
function line(label, value, unit, aim, isAtLeast) {
  const met = aim === undefined || (isAtLeast ? value >= aim : value < aim);
  if (!met) missed += 1;
  const verdict = aim === undefined ? "" : `aim ${isAtLeast ? "≥" : "<"} ${number(aim)}: ${met ? "met" : "NOT MET"}`;
  console.log(`  ${label.padEnd(46)} ${number(value).padStart(9)} ${unit.padEnd(9)} ${verdict}`);
}

const home = fs.mkdtempSync(path.join(process.env.TL_BENCH_DIR ?? os.tmpdir(), "throughline-bench-"));
process.on("exit", () => fs.rmSync(home, { recursive: true, force: true }));
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(1));

for (const count of millions) {
  const file = path.join(home, "paths.csv");
  execFileSync(program, ["generate", String(count * 1e6), file]);
  const text = execFileSync(program, ["measure", file]).toString();
  fs.rmSync(file);
  const figures = Object.fromEntries(text.trim().split("\n").map((row) => row.split("=")).map(([name, value]) => [name, Number(value)]));
  console.log(`${count} million rows, ${figures.csv_megabytes.toFixed(0)} MB, ${number(figures.paths)} different paths, 12 channels, one core`);
  line("CSV to integer-coded, aggregated paths", figures.csv_megabytes_per_second, "MB/s", 300, true);
  line("a count of the same text's lines, for scale", figures.lines_megabytes_per_second, "MB/s");
  line("memory of the paths", figures.bytes_per_path, "B/path", 64, false);
  line("rule-based models and Shapley together", figures.rules_paths_per_second, "paths/s", 10e6, true);
  [1, 20, 3000].forEach((aim, i) => {
    line(`Markov chain build, order ${i + 1}`, figures[`chain_${i + 1}_paths_per_second`], "paths/s", 10e6, true);
    line(`exact removal effects, order ${i + 1}`, figures[`solve_${i + 1}_milliseconds`], "ms", aim, false);
  });
  for (const [name, value] of Object.entries(figures)) {
    if (name.startsWith("rows_per_second_")) line(`exact integer rows, ${name.slice(16)}`, value, "orders/s");
  }
}
console.log(missed === 0 ? "every aim met" : `${missed} aim${missed > 1 ? "s" : ""} not met`);
