// SPDX-License-Identifier: Apache-2.0
// Bundles the dashboard: node server/dashboard/build.mjs --wasm FILE --out build/dashboard.
// Writes index.html, style.css, dashboard.js, and what only the what-if panel loads: models.wasm. Fails when all of it together is over the budget (brotli, quality 11). Only OUT is written.
import { execFileSync } from "node:child_process";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { brotliCompressSync, constants } from "node:zlib";
import { build } from "esbuild";

const BUDGET = 60 * 1024;
const here = dirname(fileURLToPath(import.meta.url));
const { values } = parseArgs({ options: { out: { type: "string" }, wasm: { type: "string" } } });
if (!values.out || !values.wasm) {
  console.error("usage: build.mjs --wasm FILE --out FOLDER");
  process.exit(2);
}
const out = resolve(values.out);
await mkdir(out, { recursive: true });

const shared = { bundle: true, write: false, format: "esm", target: "es2022", minify: true, charset: "utf8", legalComments: "none", absWorkingDir: here };
const bundle = async (entry, more = {}) => (await build({ entryPoints: [entry], ...shared, ...more })).outputFiles[0].text;
const files = {
  "index.html": await readFile(join(here, "index.html"), "utf8"),
  "style.css": await bundle("style.css", { loader: { ".css": "css" } }),
  "dashboard.js": await bundle("dashboard.ts"),
};

const sizes = {};
let total = 0;
const weigh = (name, data) => {
  const bytes = Buffer.from(data);
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
  sizes[name] = { raw: bytes.length, brotli: brotliCompressSync(bytes, { params }).length };
  total += sizes[name].brotli;
};
for (const [name, text] of Object.entries(files)) {
  await writeFile(join(out, name), text);
  weigh(name, text);
}
// The panel asks for credits alone: what only the other exports reach stays out.
const kept = join(out, "models.wasm"), graph = join(out, "kept.json");
const exported = ["memory", "reserve", "credits", "_initialize"];
await writeFile(graph, JSON.stringify([{ name: "root", root: true, reaches: exported }, ...exported.map((name) => ({ name, export: name }))]));
const features = ["--enable-bulk-memory", "--enable-sign-ext", "--enable-nontrapping-float-to-int"];
execFileSync("wasm-metadce", [...features, "--graph-file", graph, values.wasm, "-o", kept], { stdio: ["ignore", "ignore", "inherit"] });
execFileSync("wasm-opt", [...features, "-Oz", "--strip-producers", "--strip-debug", kept, "-o", kept]);
await rm(graph);
weigh("models.wasm", await readFile(kept));
await writeFile(join(out, "sizes.json"), JSON.stringify({ budget: BUDGET, total, files: sizes }, null, 2) + "\n");
console.log(`dashboard ${total} of ${BUDGET} bytes brotli: ${Object.entries(sizes).map(([name, size]) => `${name} ${size.brotli}`).join(", ")}`);
if (total > BUDGET) {
  console.error(`the dashboard is ${total - BUDGET} bytes over its budget`);
  process.exit(1);
}
