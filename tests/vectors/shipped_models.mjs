// SPDX-License-Identifier: Apache-2.0
// Runs the model and markov vectors through the module and the reader that the dashboard gets: the
// same integers and the same bits as natively. Usage: node shipped_models.mjs models.wasm
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { directory } from "./run.mjs";

if (process.argv.length !== 3) {
  console.error("usage: node shipped_models.mjs models.wasm");
  process.exit(2);
}
const sdk = join(directory, "../../sdk-wasm");
const { buildSync } = createRequire(join(sdk, "package.json"))("esbuild");
const room = mkdtempSync(join(tmpdir(), "models-"));
process.on("exit", () => rmSync(room, { recursive: true }));
const outfile = join(room, "models.mjs");
buildSync({ entryPoints: [join(sdk, "loader/models.ts")], bundle: true, outfile, format: "esm", target: "es2022" });
const { Models } = await import(outfile);
const models = await Models.load(readFileSync(process.argv[2]));

const kChannels = { direct: 1, email: 31, paid_search: 10, organic_social: 21, referral: 36, paid_social: 11, display: 14, audio: 35 };
const kExclusions = ["none", "after_conversion", "outside_lookback", "before_previous_conversion", "direct_removed", "collapsed", "over_cap", "later_conversion"];
const bitsOf = (number) => String(new BigUint64Array(Float64Array.of(number).buffer)[0]);

// Ids of the vectors are one byte; the reader orders ties by index, so touches go in by id.
function checkModel(input, out) {
  const order = input.touches.map((_, i) => i).sort((a, b) => input.touches[a][0] - input.touches[b][0]);
  const touches = order.map((i) => {
    const [, t, seq, channel, isView, milestones] = input.touches[i];
    return { t, seq, channel: kChannels[channel], isView: isView !== 0, milestones };
  });
  const rules = { clickLookback: input.click ?? 30 * 864e5, viewLookback: input.view ?? 864e5, lookbackMode: input.lookback,
    directRule: input.direct, collapseRule: input.collapse, repeatRule: input.repeat };
  const run = () => models.credits(input.model, rules, { t: input.t, previous: input.previous, valueMinor: BigInt(input.value) }, touches);
  if (out.error !== undefined) return assert.throws(run);
  const credits = run();
  const id = (touch) => (touch === null ? null : input.touches[order[touch]][0]);
  assert.deepEqual(credits.rows.map(({ touch, valueMinor, micro }) => [id(touch), String(valueMinor), micro]), out.credits);
  assert.equal(credits.truncated, out.truncated);
  const why = [];
  order.forEach((i, k) => (why[i] = kExclusions[credits.why[k]]));
  assert.deepEqual(why, out.why);
}

function checkMarkov(input, out) {
  const paths = input.paths.map(([letters, conversions, nulls, value]) =>
    ({ channels: [...letters].map((letter) => letter.charCodeAt(0) - 97), conversions, nulls, value }));
  const run = () => models.removalEffects(paths, input.channels, input.order);
  if (out.error !== undefined) return assert.throws(run);
  const effects = run();
  assert.equal(effects.states, out.states);
  assert.equal(bitsOf(effects.pConversion), out.p_conversion);
  assert.equal(bitsOf(effects.expectedValue), out.expected_value);
  assert.deepEqual(effects.ofConversions.map(bitsOf), out.effects);
  assert.deepEqual(effects.ofValue.map(bitsOf), out.value_effects);
}

const kChecks = { model: checkModel, markov: checkMarkov };
const counts = { model: 0, markov: 0 };
for (const line of readFileSync(join(directory, "models.jsonl"), "utf8").trimEnd().split("\n")) {
  const { op, in: input, out } = JSON.parse(line);
  if (kChecks[op] === undefined) continue;
  kChecks[op](input, out);
  counts[op] += 1;
}
assert.throws(() => models.credits("nope", { clickLookback: 1, viewLookback: 1 }, { t: 0, valueMinor: 1n }, []), /unknown model/);
assert.ok(counts.model > 400 && counts.markov > 100);
console.log(`model ${counts.model}, markov ${counts.markov}`);
