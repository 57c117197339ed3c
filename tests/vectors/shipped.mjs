// SPDX-License-Identifier: Apache-2.0
// Runs the decide, contact and reduce_url vectors through what browsers get: the modules' exports, their
// fixed memory, their field encoding, the loader's own reading of a decision and writing of an event, and
// its reduction of URLs for pages without a core.
// Usage: node shipped.mjs FOLDER [CORE] (with throughline.wasm and contact.wasm; CORE: throughline.core.mjs, what
// pages that block WebAssembly get)
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { paramNames, personalParams } from "../../sdk-wasm/params.mjs";
import { loaderModule } from "./page.mjs";
import { directory, vectorFiles } from "./run.mjs";

const kInputBytes = 65536; // as in sdk-wasm/src/exports.cpp; the output follows it

if (process.argv.length < 3 || process.argv.length > 4) {
  console.error("usage: node shipped.mjs FOLDER [CORE]");
  process.exit(2);
}
const moduleBytes = (name) => readFileSync(join(process.argv[2], name));
const instantiate = (name) => new WebAssembly.Instance(new WebAssembly.Module(moduleBytes(name))).exports;
const core = process.argv[3] ? await import(resolve(process.argv[2], process.argv[3])) : instantiate("throughline.wasm");
const contacts = instantiate("contact.wasm");
const { eventOf } = await loaderModule("event.ts");
const { readDecision } = await loaderModule("decision.ts");
const { reducer } = await loaderModule("reduce.ts", {
  TL_PARAMS: JSON.stringify(paramNames(moduleBytes("throughline.wasm"))),
  TL_PERSONAL: JSON.stringify(personalParams()),
});
const reduce = reducer();

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

const wordsOf = ([s, m, p, o]) =>
  Object.fromEntries(Object.entries({ s, m, p }).flatMap(([key, choice]) =>
    choice > 0 ? [[key, choice - 1]] : []).concat(o ? [["o", 1]] : []));

// What the vector says the page gets, from what the page would make of the core's answer.
function decide(input) {
  const states = [bytesOf(input.st)];
  return input.ev.map((event) => {
    const state = states[event.from ?? states.length - 1];
    const [storage, marketing, , optedOut] = event.c ?? [0, 0, 0, 0];
    const isGranted = (choice) => (choice === 0 ? input.def === 2 : choice === 2);
    const ids = isGranted(storage);
    const permits = +ids + (ids && isGranted(marketing) && !optedOut);
    const results = call(
      (size) => core.d(size, permits, event.seq, event.t, event.ct ?? 0, event.nt ?? 0,
        input.to ?? 1800000, input.mx ?? 86340000, input.rc ?? 1),
      input.site, event.n, input.keep, event.u, event.r, { b64: state.toString("base64") }, event.pn, ids ? event.cu : "",
    );
    if (results === null || results.length === 0) {
      states.push(state);
      return results;
    }
    const decided = readDecision(results.map(String));
    states.push(decided.line ? Buffer.from(decided.line) : state);
    return { decided, state: state.toString(), event, consent: wordsOf(event.c ?? [0, 0, 0, 0]) };
  });
}
const without = (object, ...names) =>
  Object.fromEntries(Object.entries(object ?? {}).filter(([name, value]) => value !== undefined && !names.includes(name)));
const isText = (text) => typeof text === "string" || text === undefined;

// Throws where the page would store or send something else than the vector says. A campaign travels by
// its parameters, and a nonce with every event.
function compare({ decided, state, event, consent }, expected) {
  if (expected.length === 0) return assert.equal(decided.line, "");
  if (expected.length === 1) {
    if (typeof expected[0] !== "string") return;
    const got = { c: consent, an: without(decided.an), t: event.t - (event.t % 36e5) };
    return assert.deepEqual(got, without(JSON.parse(expected[0]), "n", "seq"));
  }
  assert.deepEqual([decided.line, decided.id], expected.slice(0, 2));
  if (typeof expected[3] === "string") assert.deepEqual(decided.touch, JSON.parse(expected[3]));
  else assert.equal(expected[3] === undefined, decided.touch === undefined);
  if (typeof expected[2] !== "string" || !isText(event.ti) || !isText(event.pr) || !isText(event.n)) return;
  const wanted = JSON.parse(expected[2]);
  delete wanted.ev.cm;
  const facts = { n: event.n, seq: event.seq, t: event.t, p: event.pr ? JSON.parse(event.pr) : undefined };
  const evidence = { ti: event.ti, nt: event.nt || undefined, ct: event.ct || undefined };
  const sent = JSON.parse(eventOf(facts, evidence, decided, wanted.ev.prev ? state : "", consent));
  // Written out by the page, left out by the vectors; the same to the server.
  const { ev } = sent;
  if (!ev.u) delete ev.u;
  if (ev.prev?.th === "0") delete ev.prev.th;
  if (/^[0-]+$/.test(ev.prev?.sid ?? "1")) ev.prev = { aid: ev.prev.aid };
  assert.deepEqual(sent, wanted);
}

function contact({ kind, raw }) {
  const input = bytesOf(raw);
  if (input.length > 1024) return null;
  const at = contacts.i();
  input.copy(Buffer.from(contacts.memory.buffer, at));
  const size = contacts.c(input.length, kind === "phone" ? 1 : 0);
  return Buffer.from(contacts.memory.buffer, at, size).toString();
}

// Where there is no core, and where there is one: the same, so neither sends more than the other. null for
// bytes that are no text: a page has no such address.
function reduced({ u, keep = "", m }, wanted) {
  const bytes = bytesOf(u);
  const text = bytes.toString();
  if (!Buffer.from(text).equals(bytes)) return null;
  const results = call((size) => core.d(size, 1 + m, 1, 1, 0, 0, 1800000, 86340000, 1), "demo", "page_view", keep, u, "", "", "", "");
  if (results !== null) assert.equal(readDecision(results.map(String)).u, wanted);
  return reduce(text, bytesOf(keep).toString(), m !== 0);
}

const judged = ["decide", "contact", "reduce_url"];
const totals = { same: 0, wrong: 0, skipped: 0 };

// What became of one vector; throws when it is wrong.
function judge(op, input, out) {
  if (op === "reduce_url") {
    const got = reduced(input, out);
    if (got === null) return "skipped";
    assert.equal(got, out);
    return "same";
  }
  if (op === "contact") {
    const got = contact(input);
    if (got === null) return "skipped";
    assert.equal(got, out.sha256 ?? "");
    return "same";
  }
  const got = decide(input);
  if (got.includes(null)) return "skipped";
  got.forEach((each, i) => (each.length === 0 ? assert.deepEqual(out[i], []) : compare(each, out[i])));
  return "same";
}

for (const name of vectorFiles()) {
  readFileSync(join(directory, name), "utf8").trimEnd().split("\n").forEach((line, index) => {
    const { op, in: input, out } = JSON.parse(line);
    if (!judged.includes(op)) return;
    try {
      totals[judge(op, input, out)] += 1;
    } catch (error) {
      if (++totals.wrong <= 5) console.error(`${name}:${index + 1} ${error.message}`);
    }
  });
}
console.log(`${totals.same} vectors the same, ${totals.wrong} wrong, ${totals.skipped} that a page cannot pass`);
process.exitCode = totals.wrong === 0 && totals.same > 0 ? 0 : 1;
