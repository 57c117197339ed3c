// SPDX-License-Identifier: Apache-2.0
// Runs a module of the package as an edge worker runs it: no code may be compiled, and an imported .wasm file
// arrives as a compiled module. Node links modules in other worlds only behind a flag, so the imports, which
// stand alone on their lines' front, are handed over as values.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { createContext, runInContext } from "node:vm";

/** `missing`: a file that is not found. */
export const edgeWorld = async (file, missing = "none") => {
  const folder = dirname(file);
  const world = createContext(
    { AbortSignal, Headers, Request, Response, TextDecoder, TextEncoder, URL, URLSearchParams, atob, console, crypto, fetch, performance, setTimeout, clearTimeout },
    { codeGeneration: { strings: false, wasm: false } },
  );
  const imported = (name) =>
    name.includes(".wasm")
      ? { default: new WebAssembly.Module(readFileSync(join(folder, name.split("?")[0]))) }
      : run(join(folder, name));
  const run = (path) => {
    const exported = {};
    const source = readFileSync(path, "utf8")
      .replace(/import\s*(\w+)\s*from\s*"([^"]+)";/g, (_, name, from) => `const ${name}=imported("${from}").default;`)
      .replace(/\bimport\("/g, 'later("')
      .replace(/export\s*\{([^}]*)\};?/g, (_, names) =>
        names.split(",").map((pair) => pair.split(" as ")).map(([name, as = name]) => `exported.${as.trim()}=${name.trim()};`).join(""));
    const later = async (name) => {
      if (name.includes(missing)) throw new Error(`no ${name}`);
      return imported(name);
    };
    runInContext(`(function(exported,imported,later){${source}})`, world)(exported, imported, later);
    return exported;
  };
  return run(file);
};
