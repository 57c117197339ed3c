// SPDX-License-Identifier: Apache-2.0
// Bundles the loader with the compiled core. Usage:
//   node sdk-wasm/build.mjs --wasm build/wasm/sdk-wasm --out build/sdk
// Writes throughline.js (script tag, core inside), throughline.x.js, throughline.c.js, throughline.m.js and
// throughline.d.js (extras, consent platforms, what few sites turn on, debugging), throughline.j.js (the core for pages that block
// WebAssembly; the script asks for all of them by their common hash), throughline.compat.js (old names, for sites that move over), sdk.json (hashes, SRI and sizes) and the npm package web/
// (@throughline/web). Only OUT is written.
import { createHash } from "node:crypto";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { buildPackage } from "./build-package.mjs";
import { brotliBytes, bundlerOf, hashOf, latin1Literal, scriptBundle } from "./bundle.mjs";

const { values } = parseArgs({ options: { wasm: { type: "string" }, out: { type: "string" } } });
if (!values.wasm || !values.out) {
  console.error("usage: build.mjs --wasm FOLDER --out FOLDER");
  process.exit(2);
}
const out = resolve(values.out);
const wasm = await readFile(join(values.wasm, "throughline.wasm"));
const contactWasm = await readFile(join(values.wasm, "contact.wasm"));
const bundle = bundlerOf(wasm);

await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });
const extras = Buffer.from(
  (await bundle("loader/extras.ts", "esm", { TL_CONTACT_WASM: latin1Literal(contactWasm) })) + "\n",
);
const platforms = Buffer.from((await bundle("loader/platforms.ts", "esm")) + "\n");
const more = Buffer.from((await bundle("loader/more.ts", "esm")) + "\n");
const debug = Buffer.from((await bundle("loader/debug.ts", "esm")) + "\n");
// As wasm2js left it, with its names shortened.
const coreText = { name: "core", setup: ({ onResolve }) => onResolve({ filter: /^TL_JAVASCRIPT_CORE$/ }, () => ({ path: join(resolve(values.wasm), "throughline.core.mjs") })) };
const javascriptCore = Buffer.from((await bundle("loader/javascript-core.ts", "esm", {}, { plugins: [coreText] })) + "\n");
const besideHash = hashOf(Buffer.concat([extras, platforms, more, debug, javascriptCore]));
const scriptOf = async (bytes) => Buffer.from(await scriptBundle(bundle, besideHash, bytes));
const script = await scriptOf(wasm);
await writeFile(join(out, "throughline.js"), script);
await writeFile(join(out, "throughline.x.js"), extras);
await writeFile(join(out, "throughline.c.js"), platforms);
await writeFile(join(out, "throughline.m.js"), more);
await writeFile(join(out, "throughline.d.js"), debug);
await writeFile(join(out, "throughline.j.js"), javascriptCore);
const compat = Buffer.from((await bundle("loader/compat.ts", "iife")) + "\n");
await writeFile(join(out, "throughline.compat.js"), compat);
await writeFile(join(out, "throughline.wasm"), wasm);
await writeFile(join(out, "contact.wasm"), contactWasm);
const facts = (file, bytes) => ({
  file,
  hash: hashOf(bytes),
  sri: "sha384-" + createHash("sha384").update(bytes).digest("base64"),
  bytes: bytes.length,
  brotli_bytes: brotliBytes(bytes),
});
const sdk = {
  ...facts("throughline.js", script),
  beside: besideHash,
  extras: facts("throughline.x.js", extras),
  platforms: facts("throughline.c.js", platforms),
  more: facts("throughline.m.js", more),
  debug: facts("throughline.d.js", debug),
  javascript_core: facts("throughline.j.js", javascriptCore),
  compat: facts("throughline.compat.js", compat),
};
await writeFile(join(out, "sdk.json"), JSON.stringify(sdk, null, 2) + "\n");

await buildPackage(join(out, "web"), bundle, wasm, contactWasm, javascriptCore.toString().trimEnd(), {
  "throughline.js": script,
  "throughline.compat.js": compat,
  [`throughline.${besideHash}.x.js`]: extras,
  [`throughline.${besideHash}.c.js`]: platforms,
  [`throughline.${besideHash}.m.js`]: more,
  [`throughline.${besideHash}.d.js`]: debug,
  [`throughline.${besideHash}.j.js`]: javascriptCore,
});

// What check-size.mjs sets against the budget.
const sizes = {
  "wasm alone": wasm,
  "loader alone": await scriptOf(Buffer.of()),
  "throughline.js": script,
  "throughline.x.js": extras,
  "throughline.c.js": platforms,
  "throughline.m.js": more,
  "throughline.d.js": debug,
  "throughline.j.js": javascriptCore,
  "throughline.compat.js": compat,
};
for (const [part, bytes] of Object.entries(sizes))
  sizes[part] = { raw: bytes.length, brotli: brotliBytes(bytes) };
await writeFile(join(out, "sizes.json"), JSON.stringify(sizes, null, 2) + "\n");
console.log(`throughline.js ${sdk.bytes} bytes, ${sdk.brotli_bytes} brotli`);
