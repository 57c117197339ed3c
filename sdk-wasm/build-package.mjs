// SPDX-License-Identifier: Apache-2.0
// The npm package @throughline/web: each entry as ESM and CommonJS, the script-tag build, and the types of
// both. Its entries import each other by the package's own name, so that one SDK is shared and a server gets
// the one for servers.
import { cp, mkdir, writeFile } from "node:fs/promises";
import { execFile } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const here = dirname(fileURLToPath(import.meta.url));
const head = "/*! Throughline, Apache-2.0 */\n";
const peers = ["react", "vue", "next/server.js", "@throughline/web", "@throughline/web/*"];
const beside = ["./extras.mjs", "./platforms.mjs", "./more.mjs", "./debug.mjs", "./javascript-core.mjs", "*.wasm", "*.wasm?module"];
const base64 = (bytes) => `atob("${bytes.toString("base64")}")`;

const inPlaceOf = (module, file) => ({
  name: file,
  setup: ({ onResolve }) => onResolve({ filter: module }, () => ({ path: join(here, file) })),
});
const fromPackage = inPlaceOf(/extra-script/, "loader/extra-module.ts");
const asAsset = inPlaceOf(/wasm-inline/, "loader/wasm-asset.ts");
const precompiled = inPlaceOf(/core-inline/, "server/core-module.ts");
const moduleNamed = (name) => ({
  name,
  setup: ({ onResolve }) => onResolve({ filter: /^TL_MODULE$/ }, () => ({ path: name, external: true })),
});

// Helpers: entry, and what has to stand first in its file.
const helpers = {
  react: "",
  next: '"use client";\n',
  "next-config": "",
  "next-middleware": "",
  vue: "",
  svelte: "",
  astro: "",
};

export const buildPackage = async (folder, bundle, wasm, contactWasm, javascriptCore, scripts) => {
  const dist = join(folder, "dist");
  await mkdir(dist, { recursive: true });
  const write = (file, code, first = "") => writeFile(join(dist, file), first + head + code + "\n");
  const core = { TL_WASM: base64(wasm) };

  const module = (entry, format, plugins, literals) =>
    bundle(entry, format, literals, { plugins: [fromPackage, ...plugins], external: beside });
  for (const [format, ending] of [["esm", "mjs"], ["cjs", "cjs"]]) {
    await write(`index.${ending}`, await module("loader/module.ts", format, [], core));
    await write(`silent.${ending}`, await bundle("loader/silent.ts", format));
    await write(`server.${ending}`, await module("server/entry.ts", format, [], core));
    for (const [name, first] of Object.entries(helpers))
      await write(`${name}.${ending}`, await bundle(`frameworks/${name}.ts`, format, {}, { external: peers }), first);
  }
  // CommonJS knows no address of its own file: require() of the asset entry gives index.cjs.
  await write("asset.mjs", await module("loader/module.ts", "esm", [asAsset], {}));
  const edge = (name) => module("server/entry.ts", "esm", [precompiled, moduleNamed(name)], {});
  await write("server.edge.mjs", await edge("./throughline.wasm?module"));
  await write("server.worker.mjs", await edge("./throughline.wasm"));
  await write("extras.mjs", await bundle("loader/extras.ts", "esm", { TL_CONTACT_WASM: base64(contactWasm) }));
  await write("platforms.mjs", await bundle("loader/platforms.ts", "esm"));
  await write("more.mjs", await bundle("loader/more.ts", "esm"));
  await write("debug.mjs", await bundle("loader/debug.ts", "esm"));
  await write("javascript-core.mjs", javascriptCore);
  await writeFile(join(dist, "throughline.wasm"), wasm);
  for (const [file, bytes] of Object.entries(scripts)) await writeFile(join(dist, file), bytes);

  await promisify(execFile)(process.execPath, [
    join(here, "node_modules/typescript/bin/tsc"),
    "--project", join(here, "tsconfig.json"),
    "--noEmit", "false", "--emitDeclarationOnly", "--declaration",
    "--outDir", join(dist, "types"),
  ]);
  // The same declarations again, where require() reads them as CommonJS.
  await cp(join(dist, "types"), join(dist, "types-cjs"), { recursive: true });
  await writeFile(join(dist, "types-cjs/package.json"), '{ "type": "commonjs" }\n');
  await cp(join(here, "npm/package.json"), join(folder, "package.json"));
  await cp(join(here, "npm/README.md"), join(folder, "README.md"));
  await cp(join(here, "../LICENSE"), join(folder, "LICENSE"));
};
