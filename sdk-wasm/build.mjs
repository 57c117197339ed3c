// SPDX-License-Identifier: Apache-2.0
// Bundles the loader with the compiled core. Usage:
//   node sdk-wasm/build.mjs --wasm build/wasm/sdk-wasm --out build/sdk
// Writes throughline.js (script tag, core inside), throughline.x.js and throughline.c.js (the extras and
// the consent platforms, which the script asks for under names with their common hash), sdk.json (hashes, SRI
// and sizes) and the npm package web/ (@throughline/web). Only OUT is written.
import { createHash } from "node:crypto";
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { execFile } from "node:child_process";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { brotliCompressSync, constants } from "node:zlib";
import { build } from "esbuild";
import { minify } from "terser";
import { paramNames, personalParams } from "./params.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const { values } = parseArgs({ options: { wasm: { type: "string" }, out: { type: "string" } } });
if (!values.wasm || !values.out) {
  console.error("usage: build.mjs --wasm FOLDER --out FOLDER");
  process.exit(2);
}
const out = resolve(values.out);
const wasm = await readFile(join(values.wasm, "throughline.wasm"));
const contactWasm = await readFile(join(values.wasm, "contact.wasm"));
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

const hashOf = (bytes) => createHash("sha256").update(bytes).digest("hex").slice(0, 16);

// `literals`: what stands in for the names of the modules' bytes. Put in after minifying, so that no
// printer re-escapes it; a function, because of "$&" in the bytes.
const bundle = async (entry, format, literals, more = {}) => {
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
  // What esbuild leaves: three passes over the bundle as a whole (SIZE.md).
  const { code } = await minify(outputFiles[0].text, {
    ecma: 2020, module: format == "esm", toplevel: true, compress: { passes: 3 }, format: { comments: false },
  });
  return Object.entries(literals).reduce((text, [name, literal]) => text.replace(name, () => literal), code);
};

const head = "/*! Throughline, Apache-2.0 */\n";
const base64 = (bytes) => `atob("${bytes.toString("base64")}")`;
const inPlaceOf = (module, by) => ({
  name: by,
  setup: ({ onResolve }) =>
    onResolve({ filter: module }, () => ({ path: join(here, "loader", by) })),
});
const fromPackage = inPlaceOf(/extra-script/, "extra-module.ts");
const asAsset = inPlaceOf(/wasm-inline/, "wasm-asset.ts");

await rm(out, { recursive: true, force: true });
await mkdir(dist, { recursive: true });
const extras = Buffer.from(
  (await bundle("extras.ts", "esm", { TL_CONTACT_WASM: latin1Literal(contactWasm) })) + "\n",
);
const platforms = Buffer.from((await bundle("platforms.ts", "esm", {})) + "\n");
const besideHash = hashOf(Buffer.concat([extras, platforms]));
const literals = (bytes) => ({
  TL_BESIDE: `"throughline.${besideHash}."`,
  TL_WASM: bytes,
});
const script = Buffer.from((await bundle("script.ts", "iife", literals(latin1Literal(wasm)))) + "\n");
await writeFile(join(out, "throughline.js"), script);
await writeFile(join(out, "throughline.x.js"), extras);
await writeFile(join(out, "throughline.c.js"), platforms);
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
};
await writeFile(join(out, "sdk.json"), JSON.stringify(sdk, null, 2) + "\n");

const module = (plugins, bytes) =>
  bundle("module.ts", "esm", bytes, { plugins, external: ["./extras.mjs", "./platforms.mjs"] });
const inline = await module([fromPackage], { TL_WASM: base64(wasm) });
await writeFile(join(dist, "index.mjs"), head + inline + "\n");
const asset = await module([fromPackage, asAsset], {});
await writeFile(join(dist, "asset.mjs"), head + asset + "\n");
const packaged = await bundle("extras.ts", "esm", { TL_CONTACT_WASM: base64(contactWasm) });
await writeFile(join(dist, "extras.mjs"), head + packaged + "\n");
await writeFile(join(dist, "platforms.mjs"), head + platforms);
await writeFile(join(dist, "server.mjs"), head + (await bundle("server.ts", "esm", {})) + "\n");
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
const sizes = {
  "wasm alone": wasm,
  "loader alone": Buffer.from(await bundle("script.ts", "iife", literals('""'))),
  "throughline.js": script,
  "throughline.x.js": extras,
  "throughline.c.js": platforms,
};
for (const [part, bytes] of Object.entries(sizes))
  sizes[part] = { raw: bytes.length, brotli: brotliBytes(bytes) };
await writeFile(join(out, "sizes.json"), JSON.stringify(sizes, null, 2) + "\n");
console.log(`throughline.js ${sdk.bytes} bytes, ${sdk.brotli_bytes} brotli`);
