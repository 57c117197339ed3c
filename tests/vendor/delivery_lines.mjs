// SPDX-License-Identifier: Apache-2.0
// Runs our side: lines into the test driver, answers out. The driver is DELIVERY_LINES or the newest
// build's.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");

function findDriver() {
  if (process.env.DELIVERY_LINES) return process.env.DELIVERY_LINES;
  const built = readdirSync(join(root, "build"), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(root, "build", entry.name, "tests", "delivery_lines"))
    .filter((path) => existsSync(path))
    .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
  if (built.length === 0) throw new Error("build the target delivery_lines first (tools/build)");
  return built[0];
}

export function deliveryLines(mode, values) {
  const input = values.map((value) => JSON.stringify(value) + "\n").join("");
  const run = spawnSync(findDriver(), [mode], { input, encoding: "utf8", maxBuffer: 1 << 28 });
  if (run.status !== 0) throw new Error(`delivery_lines ${mode}: ${run.stderr}`);
  return run.stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
}
