// SPDX-License-Identifier: Apache-2.0
// Runs every vector file here through a driver (a program, or its WebAssembly build's .js) and, for what
// the page does without the core, through the loader, and compares bytes: what comes out must be the
// file itself. Usage: node run.mjs DRIVER
import { spawnSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { pageOperations } from "./page.mjs";

const kFewest = 2000; // of the driver's

export const directory = dirname(fileURLToPath(import.meta.url));
export const vectorFiles = () => readdirSync(directory).filter((name) => name.endsWith(".jsonl"));

const isInPage = (line) => JSON.parse(line).op in pageOperations;

// The driver leaves the page's operations to us.
function inPage(line) {
  if (!line || !isInPage(line)) return line;
  const vector = JSON.parse(line);
  return JSON.stringify({ ...vector, out: pageOperations[vector.op](vector.in) });
}

// What the driver prints for a file. Throws with the end of its error output when it fails.
export function drive(driver, file) {
  const [program, args] = driver.endsWith(".js")
    ? [process.execPath, [driver, file]]
    : [driver, [file]];
  const run = spawnSync(program, args, { encoding: "utf8", maxBuffer: 1 << 28 });
  if (run.status === 0) return run.stdout.split("\n").map(inPage).join("\n");
  throw new Error(`${driver} ${file} failed: ${run.error ?? run.stderr.slice(-500)}`);
}

function main(driver) {
  let driven = 0;
  let inLoader = 0;
  let wrong = 0;
  for (const name of vectorFiles()) {
    const expected = readFileSync(join(directory, name), "utf8").split("\n");
    const printed = drive(driver, join(directory, name)).split("\n");
    for (const line of expected.filter(Boolean)) isInPage(line) ? ++inLoader : ++driven;
    for (let i = 0; i < Math.max(expected.length, printed.length); ++i) {
      if (expected[i] === printed[i]) continue;
      wrong += 1;
      if (wrong > 5) continue;
      console.error(`${name}:${i + 1}\n  expected ${expected[i]}\n  got      ${printed[i]}`);
    }
  }
  console.log(`${driven} vectors of the driver and ${inLoader} of the loader, ${wrong} wrong`);
  if (driven < kFewest) console.error(`the driver ran fewer than ${kFewest} vectors`);
  return wrong === 0 && driven >= kFewest ? 0 : 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv.length !== 3) {
    console.error("usage: node run.mjs DRIVER");
    process.exit(2);
  }
  process.exit(main(process.argv[2]));
}
