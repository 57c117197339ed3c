// SPDX-License-Identifier: Apache-2.0
// One entry and all that it imports as one minified file, with the modules' bytes put in.
import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants } from "node:zlib";
import { build } from "esbuild";
import { minify } from "terser";
import { paramNames, personalParams } from "./params.mjs";

const here = dirname(fileURLToPath(import.meta.url));

// A string literal with one character a byte. Only what a literal cannot hold is escaped; the file is
// served as UTF-8.
export const latin1Literal = (bytes) => {
  const escapes = { 0x0a: "\\n", 0x0d: "\\r", 0x22: '\\"', 0x5c: "\\\\" };
  let text = "";
  for (const byte of bytes) text += escapes[byte] ?? String.fromCharCode(byte);
  return `"${text}"`;
};

export const hashOf = (bytes) => createHash("sha256").update(bytes).digest("hex").slice(0, 16);

export const brotliBytes = (data) =>
  brotliCompressSync(data, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: data.length },
  }).length;

// `literals`: what stands in for the names of the modules' bytes. Put in after minifying, so that no
// printer re-escapes it; a function, because of "$&" in the bytes.
export const bundlerOf = (wasm) => async (entry, format, literals = {}, more = {}) => {
  const { outputFiles } = await build({
    entryPoints: [join(here, entry)],
    bundle: true,
    write: false,
    format,
    target: "es2021",
    minify: true,
    charset: "utf8",
    legalComments: "none",
    define: {
      TL_PARAMS: JSON.stringify(paramNames(wasm)),
      TL_PERSONAL: JSON.stringify(personalParams()),
    },
    ...more,
  });
  // What esbuild leaves: three passes over the bundle as a whole (SIZE.md).
  const { code } = await minify(outputFiles[0].text, {
    ecma: 2020, module: format == "esm", toplevel: true, compress: { passes: 3, inline: 1 }, format: { comments: false },
  });
  return Object.entries(literals).reduce((text, [name, literal]) => text.replace(name, () => literal), code);
};

// The script: the loader, which finds the other files by `hash`, then the module's bytes. Within the
// code they would cost more: brotli pays for each change from one kind of text to another. A bundle that
// exports nothing is a function's body as it stands. The first line has V8 compile the functions while it reads
// the file, beside the page's own thread; else each is read again there at its first call, a quarter of the start.
export const scriptBundle = async (bundle, hash, wasm) => {
  const literals = { TL_BESIDE: `".${hash}."`, TL_WASM: "TL" };
  const code = await bundle("loader/script.ts", "esm", literals);
  return `//# allFunctionsCalledOnLoad\n(TL=>{${code}})(${latin1Literal(wasm)});\n`;
};
