// SPDX-License-Identifier: Apache-2.0
// Weighs what was built (build.mjs), part by part, and writes the tables of SIZE.md. The script is built
// once for each row, with the modules up to that row and the exports of the others undefined; the core is
// compressed with its functions up to that row. So the rows of a table add up to the file. Usage:
//   node sdk-wasm/weigh.mjs [--wasm build/wasm/sdk-wasm] [--sdk build/sdk]
import { readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { brotliBytes, bundlerOf, scriptBundle } from "./bundle.mjs";
import { coreParts, loaderParts } from "./size-parts.mjs";
import { pagePath, table, tableOfFiles, withTable } from "./size-page.mjs";
import { functionsOf } from "./wasm-functions.mjs";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const { values } = parseArgs({
  options: {
    wasm: { type: "string", default: here("../build/wasm/sdk-wasm") },
    sdk: { type: "string", default: here("../build/sdk") },
  },
});
const jsonOf = (path) => JSON.parse(readFileSync(path, "utf8"));
const wasm = readFileSync(join(values.wasm, "throughline.wasm"));
const named = readFileSync(join(values.wasm, "throughline.named.wasm"));
const sizes = jsonOf(join(values.sdk, "sizes.json"));
const { beside } = jsonOf(join(values.sdk, "sdk.json"));
const kAim = 8192;
const figure = (bytes) => bytes.toLocaleString("en-US");

const weighCore = () => {
  const functions = functionsOf(named);
  const partOf = ({ name }) => coreParts.findIndex(([, names]) => names.test(name));
  const homeless = functions.filter((one) => partOf(one) < 0);
  if (homeless[0]) throw new Error("no part in size-parts.mjs: " + homeless.map(({ name }) => name));
  // The names stand behind all else: up to there the two modules are one.
  const upTo = (count) => {
    let left = wasm;
    for (const one of functions.toReversed())
      if (partOf(one) >= count) left = Buffer.concat([left.subarray(0, one.start), left.subarray(one.end)]);
    return { raw: left.length, brotli: brotliBytes(left) };
  };
  let before = upTo(0);
  const rows = [["sections, exports", before.raw, before.brotli, ""]];
  for (const [i, [construct, , why]] of coreParts.entries()) {
    const now = upTo(i + 1);
    rows.push([construct, now.raw - before.raw, now.brotli - before.brotli, why]);
    before = now;
  }
  return table(["construct", "raw", "brotli", "why it is in the script"], [...rows, ["**together**", before.raw, before.brotli, ""]]);
};

const exportsOf = (path) =>
  new Set([...readFileSync(path, "utf8").matchAll(/^export (?:async )?(?:const|let|function|class) (\w+)/gm)].map(([, name]) => name));
const sizeOf = async (modules, bytes) => {
  const plugins = [{
    name: "only",
    setup: (on) =>
      on.onLoad({ filter: /loader\/.*\.ts$/ }, ({ path }) => {
        const name = basename(path, ".ts");
        if (name == "script" || modules.has(name)) return;
        const contents = [...exportsOf(path)].map((one) => `export let ${one}: any = (globalThis as any).x;`).join("\n");
        return { contents, loader: "ts" };
      }),
  }];
  const only = (entry, format, literals) => bundlerOf(wasm)(entry, format, literals, { plugins });
  const script = Buffer.from(await scriptBundle(only, beside, bytes));
  return { raw: script.length, brotli: brotliBytes(script) };
};

const weighLoader = async () => {
  const modules = new Set();
  let before = await sizeOf(modules, wasm);
  const rows = [["the core, with what finds the tag", before.raw, before.brotli, before.brotli, "above"]];
  let atStart;
  for (const [construct, names, why, when] of loaderParts) {
    names.forEach((name) => modules.add(name));
    const now = await sizeOf(modules, wasm);
    rows.push([construct, now.raw - before.raw, now.brotli - before.brotli, now.brotli, why]);
    before = now;
    if (when) atStart = now;
  }
  const shipped = sizes["throughline.js"];
  if (before.raw != shipped.raw || before.brotli != shipped.brotli)
    throw new Error(`${before.raw} bytes, ${before.brotli} brotli, but the built script has ${shipped.raw}, ${shipped.brotli}: build it (tools/build sdk), and give each module its part in size-parts.mjs`);
  const floor = `With what one event needs to be decided and sent, the rows up to transport, the script has ${figure(atStart.brotli)} bytes, ${figure(atStart.brotli - kAim)} above the aim of ${figure(kAim)}. All rows behind them have ${figure(before.brotli - atStart.brotli)}.`;
  return [table(["construct", "raw", "brotli", "so far", "why no other file can hold it"], rows), floor];
};

const [loader, floor] = await weighLoader();
const tables = { files: tableOfFiles(sizes, jsonOf(here("size-budget.json"))), core: weighCore(), loader, floor };
let page = readFileSync(pagePath, "utf8");
for (const [name, text] of Object.entries(tables)) page = withTable(page, name, text);
writeFileSync(pagePath, page);
for (const text of Object.values(tables)) console.log(text + "\n");
