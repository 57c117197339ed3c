// SPDX-License-Identifier: Apache-2.0
// docs/errors.md against the sources: every code is explained with the statuses that the sources give
// it, and no code or status is explained that they do not.
// Usage: node tests/docs/error_codes.mjs [--list]
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";

const root = resolve(import.meta.dirname ?? new URL(".", import.meta.url).pathname, "../..");
const sources = (folder) =>
  readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return sources(path);
    return /\.(cpp|hpp|inc)$/.test(name) ? [path] : [];
  });

// As server/http/error_reply.cpp turns them.
const STATUS = { invalid: 400, unauthenticated: 401, forbidden: 403, not_found: 404, conflict: 409, too_large: 413, limited: 429, unavailable: 503, bug: 500 };
// What an error becomes where it is told beside what was taken: in `rejected` or X-Throughline.
const TAKEN = new Set([200, 201, 202]);

// fail(ErrorKind::x, "code", …), {ErrorKind::x, "code" …; invalid("code", …); refusal(404, "code", …)
const FORMS = [/ErrorKind::(\w+),\s*"([a-z][a-z0-9_]+)"/g, /\b(invalid|unauthenticated|unavailable|not_found)\(\s*"([a-z][a-z0-9_]+[a-z0-9])"/g, /\brefusal\(\s*(\d+),\s*"([a-z0-9_]+)"/g];
const codes = new Map(); // code -> { path, statuses }
let text = "";
for (const folder of ["server", "shared/src", "shared/include"])
  for (const path of sources(join(root, folder))) {
    const source = readFileSync(path, "utf8");
    text += source;
    for (const form of FORMS)
      for (const [, kind, code] of source.matchAll(form)) {
        const found = codes.get(code) ?? { path: path.slice(root.length + 1), statuses: new Set() };
        if (folder === "server") found.statuses.add(STATUS[kind] ?? Number(kind)); // the core's errors are no answers
        codes.set(code, found);
      }
  }
if (process.argv.includes("--list")) {
  for (const [code, { path, statuses }] of [...codes].sort()) console.log(code.padEnd(36), [...statuses].join(" ").padEnd(12), path);
  process.exit(0);
}

const page = readFileSync(join(root, "docs/errors.md"), "utf8");
const explained = new Map(); // code -> statuses of all its rows; none where it never leaves over HTTP
let has_status = false;
for (const line of page.split("\n")) {
  if (line.startsWith("| code |")) has_status = line.startsWith("| code | status |");
  const row = line.match(/^\| (`[a-z0-9_]+`(?:, `[a-z0-9_]+`)*)(?: …)? \|([^|]*)\|/);
  if (!row) continue;
  for (const [, code] of row[1].matchAll(/`(\w+)`/g)) {
    const statuses = explained.get(code) ?? new Set();
    if (has_status) for (const [status] of row[2].replace(/\(.*\)/, "").matchAll(/\d+/g)) statuses.add(Number(status));
    explained.set(code, statuses);
  }
}

// Codes with which one event of a batch is refused, as the decoder and the verifier list them.
const list_of = (path, list) => readFileSync(join(root, path), "utf8").replace(/\n\/\/ /g, " ").match(list)[1].match(/\w+/g);
const of_events = [...list_of("server/http/decode_batch.hpp", /Codes of single events: ([\w, ]+)\./), ...list_of("server/core/ingest/verify.hpp", /Errors: invalid \(([\w, ]+)\)/)];

const wrong = [];
for (const code of of_events) if (!explained.get(code)?.has(202)) wrong.push(`docs/errors.md does not say 202 of ${code}, which refuses one event of a batch`);
for (const [code, { path, statuses }] of codes) {
  const told = explained.get(code);
  if (!told) {
    wrong.push(`${path}: ${code} is not in docs/errors.md`);
    continue;
  }
  for (const status of told)
    if (!statuses.has(status) && !TAKEN.has(status)) wrong.push(`docs/errors.md says ${status} of ${code}; the sources say ${[...statuses].join(", ")}`);
  if (told.size > 0 && ![...told].some((status) => TAKEN.has(status)))
    for (const status of statuses) if (!told.has(status)) wrong.push(`${path}: ${code} is ${status}, which docs/errors.md does not say`);
}
// Codes of members are put together: "bad_" + name.
const is_said = (code) => text.includes(`"${code}"`) || (/^(bad|missing)_/.test(code) && text.includes(`"${code.replace(/^(bad|missing)_/, "")}"`));
for (const code of explained.keys()) if (!is_said(code)) wrong.push(`docs/errors.md explains ${code}, which no source says`);
for (const line of wrong) console.error(line);
process.exit(wrong.length > 0 ? 1 : 0);
