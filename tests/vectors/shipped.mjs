// SPDX-License-Identifier: Apache-2.0
// Runs the decide and contact vectors through the module that browsers get: its exports, its fixed
// memory, its field encoding. Usage: node shipped.mjs throughline.wasm
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { directory, vectorFiles } from "./run.mjs";

const kInputBytes = 65536; // as in sdk-wasm/src/exports.cpp; the output follows it

if (process.argv.length !== 3) {
  console.error("usage: node shipped.mjs throughline.wasm");
  process.exit(2);
}
const module = new WebAssembly.Module(readFileSync(process.argv[2]));
const imports = {};
for (const { module: from, name } of WebAssembly.Module.imports(module)) {
  imports[from] = { ...imports[from], [name]: () => {} };
}
const core = new WebAssembly.Instance(module, imports).exports;
core._initialize?.();

const bytesOf = (text = "") =>
  typeof text === "string" ? Buffer.from(text)
  : Array.isArray(text) ? Buffer.concat(text.map(bytesOf))
  : text.b64 !== undefined ? Buffer.from(text.b64, "base64")
  : Buffer.from(text.rep.repeat(text.n));

// The output's fields, [] for no result; null when the fields do not fit the input or hold a NUL.
function call(run, ...fields) {
  const input = Buffer.concat(fields.flatMap((field, i) => (i > 0 ? [Buffer.of(0), bytesOf(field)] : [bytesOf(field)])));
  const separators = input.filter((byte) => byte === 0).length;
  if (input.length > kInputBytes || separators >= fields.length) return null;
  const memory = Buffer.from(core.memory.buffer, core.i());
  input.copy(memory);
  const size = run(input.length);
  if (size === 0) return [];
  const output = memory.subarray(kInputBytes, kInputBytes + size);
  const results = [];
  for (let start = 0; start <= size; ) {
    const end = output.indexOf(0, start) < 0 ? size : output.indexOf(0, start);
    results.push(output.subarray(start, end));
    start = end + 1;
  }
  return results;
}

// As the driver writes results.
function shown(bytes) {
  if (bytes.length <= 4096) return bytes.toString();
  return { bytes: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") };
}

function decide(input) {
  const states = [bytesOf(input.st)];
  return input.ev.map((event) => {
    const state = states[event.from ?? states.length - 1];
    const [storage, marketing, ads, optedOut] = event.c ?? [0, 0, 0, 0];
    const consent = storage | (marketing << 2) | (ads << 4) | (optedOut << 6) | ((input.def ?? 0) << 7);
    const results = call(
      (size) => core.d(size, event.seq, event.t, event.ct ?? 0, event.nt ?? 0, consent,
        input.to ?? 1800000, input.mx ?? 86340000, input.rc ?? 1),
      input.site, event.n, input.keep, event.u, event.r, { b64: state.toString("base64") }, event.pn, event.ti, event.pr, event.cu,
    );
    states.push(results !== null && results.length > 1 ? Buffer.from(results[0]) : state);
    return results === null ? null : results.map(shown);
  });
}

function contact({ kind, raw }) {
  const result = call((size) => core.c(size, kind === "phone" ? 1 : 0), raw);
  return result?.map(String)[0] ?? null;
}

let same = 0;
let wrong = 0;
let skipped = 0;
for (const name of vectorFiles()) {
  readFileSync(join(directory, name), "utf8").trimEnd().split("\n").forEach((line, index) => {
    const { op, in: input, out } = JSON.parse(line);
    if (op !== "decide" && op !== "contact") return;
    const [got, expected] = op === "decide" ? [decide(input), out] : [contact(input), out.sha256 ?? null];
    if (Array.isArray(got) && got.includes(null)) skipped += 1;
    else if (JSON.stringify(got) === JSON.stringify(expected)) same += 1;
    else if (++wrong <= 5) console.error(`${name}:${index + 1}\n  expected ${JSON.stringify(expected)}\n  got      ${JSON.stringify(got)}`);
  });
}
console.log(`${same} vectors the same, ${wrong} wrong, ${skipped} that a page cannot pass`);
process.exitCode = wrong === 0 && same > 0 ? 0 : 1;
