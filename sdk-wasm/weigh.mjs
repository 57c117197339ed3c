// SPDX-License-Identifier: Apache-2.0
// What each module of the loader costs in throughline.js: the file is built once without it, its exports
// left undefined, and the difference in brotli bytes is its price (with what it alone imports). The
// prices add up to less than the whole: modules compress better together. Usage:
//   node sdk-wasm/weigh.mjs [--wasm build/wasm/sdk-wasm]
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { brotliCompressSync, constants } from "node:zlib";
import { build } from "esbuild";
import { bundlerOf, latin1Literal } from "./bundle.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const { values } = parseArgs({ options: { wasm: { type: "string", default: join(here, "../build/wasm/sdk-wasm") } } });
const wasm = await readFile(join(values.wasm, "throughline.wasm"));
const bundle = bundlerOf(wasm);
const entry = "loader/script.ts";

const exportsOf = (path) => {
  const names = new Set();
  for (const [, names_] of readFileSync(path, "utf8").matchAll(/^export (?:async )?(?:const|let|function|class) (\w+)/gm)) names.add(names_);
  return [...names];
};
const without = (path) => ({
  name: "without",
  setup(on) {
    on.onLoad({ filter: /\.ts$/ }, (asked) =>
      asked.path === path
        ? { contents: exportsOf(path).map((name) => `export let ${name}: any = (globalThis as any).x;`).join("\n"), loader: "ts" }
        : undefined);
  },
});
const sizeOf = async (more) => {
  const text = await bundle(entry, "iife", { TL_BESIDE: '"throughline.0123456789abcdef."', TL_WASM: latin1Literal(wasm) }, more);
  const bytes = Buffer.from(text);
  return brotliCompressSync(bytes, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
  }).length;
};

const { metafile } = await build({
  entryPoints: [join(here, entry)], bundle: true, write: false, metafile: true, format: "iife", minify: true,
  define: { TL_PARAMS: "[]", TL_PERSONAL: "[]" },
});
const used = Object.entries(Object.values(metafile.outputs)[0].inputs)
  .filter(([path, { bytesInOutput }]) => bytesInOutput > 0 && !path.endsWith(entry))
  .map(([path]) => join(process.cwd(), path));
const whole = await sizeOf({});
const prices = [];
for (const path of used) prices.push([basename(path, ".ts"), whole - (await sizeOf({ plugins: [without(path)] }))]);
const core = brotliCompressSync(wasm, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }).length;
console.log(`throughline.js ${whole}, of it the core ${core}`);
for (const [name, price] of prices.sort((a, b) => b[1] - a[1])) console.log(name.padEnd(16), String(price).padStart(6));
