// SPDX-License-Identifier: Apache-2.0
// The attribute command as a user runs it: exit codes, streams, files and standard input.
// Usage: node attribute_command.mjs THROUGHLINE
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const program = process.argv[2];
const room = mkdtempSync(join(tmpdir(), "attribute-"));
process.on("exit", () => rmSync(room, { recursive: true }));
const run = (args, input = "") => spawnSync(program, ["attribute", ...args], { input, encoding: "utf8" });
const file = (name, text) => {
  writeFileSync(join(room, name), text);
  return join(room, name);
};

const header = "path,total_conversions,total_conversion_value,total_null\n";
const paths = file("paths.csv", header + "A > B > C,1,10,0\nA > B,0,0,1\nB > C,1,20,0\nC,0,0,1\nA > A > C,1,30,0\nB,1,40,0\n");

const json = run(["paths", paths, "--model", "markov,first_touch", "--order", "1", "--format", "json"]);
assert.equal(json.status, 0, json.stderr);
const { models } = JSON.parse(json.stdout);
assert.deepEqual(Object.keys(models).sort(), ["first_touch", "markov_1"]);
assert.ok(Math.abs(models.markov_1.channels.B.removal_effect - 0.625) < 1e-15);
assert.deepEqual(models.first_touch.channels.C, { conversions: 0, value: 0 });
assert.deepEqual([models.markov_1.describes, models.first_touch.describes], ["observed paths; does not measure incrementality", undefined]);

const orders = JSON.parse(run(["paths", paths, "--model", "markov", "--order", "1,2,3"]).stdout).models;
assert.deepEqual(Object.keys(orders), ["markov_1", "markov_2", "markov_3"]);
const every = JSON.parse(run(["paths", paths]).stdout).models;
assert.equal(Object.keys(every).length, 10);

const piped = run(["paths", "-", "--model", "linear", "--format", "csv", "--threads", "2"], header + "A,1,2,0\r\n");
assert.equal(piped.stdout.split("\n")[1], "linear,A,,1,2,,,");
assert.match(run(["paths", paths, "--model", "shapley", "--format", "csv"]).stdout, /^model.*,describes\nshapley,A,.*does not measure incrementality$/m);

const bad = run(["paths", file("bad.csv", header + "A,1,2,0\nB,x,1,1\nC,1,1\n")]);
assert.equal(bad.status, 1);
assert.equal(bad.stdout, "");
assert.match(bad.stderr, /bad\.csv:3: total_conversions/);
assert.match(bad.stderr, /bad\.csv:4: has 3 fields/);
assert.match(bad.stderr, /2 bad lines; nothing was computed/);

const failing = run(["paths", file("null.csv", header + "A,0,0,5\n"), "--model", "linear,markov"]);
assert.equal(failing.status, 1);
assert.equal(failing.stdout, "");
assert.match(failing.stderr, /no_conversions/);
assert.equal(run(["paths", join(room, "none.csv")]).status, 1);

for (const wrong of [[], ["paths"], ["paths", paths, "--model", "nope"], ["paths", paths, "--order", "4"], ["paths", paths, "--format", "xml"],
  ["paths", paths, "--threads", "0"], ["touches", paths, "--model", "markov"], ["touches", paths, "--what"]]) {
  const refused = run(wrong);
  assert.equal(refused.status, 2, wrong.join(" "));
  assert.equal(refused.stdout, "", wrong.join(" "));
}

const conversion = { id: 7, conversion: { t: 1000, value_minor: 100, currency: "EUR" }, touches: [{ id: "a", channel: "email", t: 900, seq: 1 }] };
const lines = [JSON.stringify(conversion), "nonsense", "", JSON.stringify({ ...conversion, id: 8 })];
const touches = run(["touches", file("touches.ndjson", lines.join("\n") + "\n"), "--model", "linear", "--format", "ndjson"]);
assert.equal(touches.status, 0, touches.stderr);
const answers = touches.stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
assert.equal(answers.length, 4);
assert.deepEqual([answers[0].id, answers[1].error.code, answers[2].error.code, answers[3].id], [7, "malformed_line", "malformed_line", 8]);
assert.deepEqual(answers[0].models.linear, [{ touch: "a", channel: "email", value_minor: 100, conversions_micro: 1000000 }]);
console.log("ok");
