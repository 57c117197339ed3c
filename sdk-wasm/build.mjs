// SPDX-License-Identifier: Apache-2.0
// Bundles the loader with the compiled core. Usage:
//   node sdk-wasm/build.mjs --wasm build/wasm/sdk-wasm/throughline.wasm --out build/sdk
// Writes throughline.js (script tag, core inside), sdk.json (its hash, SRI and sizes) and the npm
// package web/ (@throughline/web). Only OUT is written.
import { createHash } from "node:crypto";
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { execFile } from "node:child_process";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { brotliCompressSync, constants } from "node:zlib";
import { build } from "esbuild";
import { paramNames, personalParams } from "./params.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const { values } = parseArgs({ options: { wasm: { type: "string" }, out: { type: "string" } } });
if (!values.wasm || !values.out) {
  console.error("usage: build.mjs --wasm FILE --out FOLDER");
  process.exit(2);
}
const out = resolve(values.out);
const wasm = await readFile(values.wasm);
const packageFolder = join(out, "web");
const dist = join(packageFolder, "dist");

export const brotliBytes = (data) =>
  brotliCompressSync(data, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: data.length },
  }).length;

// A string literal with one character a byte. Only what a literal cannot hold is escaped; the file is
// served as UTF-8.
const latin1Literal = (bytes) => {
  const escapes = { 0x0a: "\\n", 0x0d: "\\r", 0x22: '\\"', 0x5c: "\\\\" };
  let text = "";
  for (const byte of bytes) text += escapes[byte] ?? String.fromCharCode(byte);
  return `"${text}"`;
};

const bundle = async (entry, format, wasmText, more = {}) => {
  const { outputFiles } = await build({
    entryPoints: [join(here, "loader", entry)],
    bundle: true,
    write: false,
    format,
    target: "es2021",
    minify: true,
    charset: "utf8",
    legalComments: "none",
    define: {
      TL_WASM_BYTES: String(wasm.length),
      TL_PARAMS: JSON.stringify(paramNames(wasm)),
      TL_PERSONAL: JSON.stringify(personalParams()),
    },
    ...more,
  });
  // Put in after minifying, so that no printer re-escapes it; a function, because of "$&" in the bytes.
  return outputFiles[0].text.trimEnd().replace("TL_WASM", () => wasmText);
};

const head = "/*! Throughline, Apache-2.0 */\n";
const base64 = `atob("${wasm.toString("base64")}")`;
const useAsset = {
  name: "wasm-as-asset",
  setup: ({ onResolve }) =>
    onResolve({ filter: /wasm-inline/ }, () => ({ path: join(here, "loader/wasm-asset.ts") })),
};

await rm(out, { recursive: true, force: true });
await mkdir(dist, { recursive: true });
const script = (await bundle("script.ts", "iife", latin1Literal(wasm))) + "\n";
const bytes = Buffer.from(script, "utf8");
await writeFile(join(out, "throughline.js"), bytes);
await writeFile(join(out, "throughline.wasm"), wasm);
const sdk = {
  file: "throughline.js",
  hash: createHash("sha256").update(bytes).digest("hex").slice(0, 16),
  sri: "sha384-" + createHash("sha384").update(bytes).digest("base64"),
  bytes: bytes.length,
  brotli_bytes: brotliBytes(bytes),
};
await writeFile(join(out, "sdk.json"), JSON.stringify(sdk, null, 2) + "\n");

await writeFile(join(dist, "index.mjs"), head + (await bundle("module.ts", "esm", base64)) + "\n");
const asset = await bundle("module.ts", "esm", "", { plugins: [useAsset] });
await writeFile(join(dist, "asset.mjs"), head + asset + "\n");
await writeFile(join(dist, "server.mjs"), head + (await bundle("server.ts", "esm", "")) + "\n");
await writeFile(join(dist, "throughline.wasm"), wasm);
await promisify(execFile)(process.execPath, [
  join(here, "node_modules/typescript/bin/tsc"),
  "--project", join(here, "tsconfig.json"),
  "--noEmit", "false", "--emitDeclarationOnly", "--declaration",
  "--outDir", join(dist, "types"),
]);
await cp(join(here, "npm/package.json"), join(packageFolder, "package.json"));
await cp(join(here, "npm/README.md"), join(packageFolder, "README.md"));
await cp(join(here, "../LICENSE"), join(packageFolder, "LICENSE"));

// What check-size.mjs sets against the budget.
const loaderAlone = await bundle("script.ts", "iife", '""');
const sizes = {
  "wasm alone": { raw: wasm.length, brotli: brotliBytes(wasm) },
  "loader alone": { raw: loaderAlone.length, brotli: brotliBytes(Buffer.from(loaderAlone)) },
  "throughline.js": { raw: sdk.bytes, brotli: sdk.brotli_bytes },
};
await writeFile(join(out, "sizes.json"), JSON.stringify(sizes, null, 2) + "\n");
console.log(`throughline.js ${sdk.bytes} bytes, ${sdk.brotli_bytes} brotli`);
