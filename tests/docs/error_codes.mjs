// SPDX-License-Identifier: Apache-2.0
// Every error code in the sources is explained in docs/errors.md.
// Usage: node tests/docs/error_codes.mjs [--list]
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";

const root = resolve(import.meta.dirname ?? new URL(".", import.meta.url).pathname, "../..");
const sources = (folder) =>
  readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return sources(path);
    return /\.(cpp|hpp)$/.test(name) ? [path] : [];
  });

// fail(ErrorKind::x, "code", …), invalid("code", …), refusal(404, "code", …), {ErrorKind::x, "code" …
const FORMS = [/ErrorKind::\w+,\s*"([a-z][a-z0-9_]+)"/g, /\b(?:invalid|unauthenticated|unavailable|not_found)\(\s*"([a-z][a-z0-9_]+[a-z0-9])"/g, /\brefusal\(\s*\d+,\s*"([a-z0-9_]+)"/g];
const codes = new Map();
for (const folder of ["server", "shared/src", "shared/include"])
  for (const path of sources(join(root, folder))) {
    const text = readFileSync(path, "utf8");
    for (const form of FORMS)
      for (const [, code] of text.matchAll(form)) codes.set(code, path.slice(root.length + 1));
  }
if (process.argv.includes("--list")) {
  for (const [code, path] of [...codes].sort()) console.log(code.padEnd(36), path);
  process.exit(0);
}
const page = readFileSync(join(root, "docs/errors.md"), "utf8");
const explained = new Set([...page.matchAll(/^\| `([a-z0-9_]+)` \|/gm)].map(([, code]) => code));
const missing = [...codes].filter(([code]) => !explained.has(code));
for (const [code, path] of missing) console.error(`${path}: ${code} is not in docs/errors.md`);
process.exit(missing.length > 0 ? 1 : 0);
