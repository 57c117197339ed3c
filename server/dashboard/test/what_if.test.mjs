// SPDX-License-Identifier: Apache-2.0
// The what-if panel computes with the server's own models: docs/attribution.md's worked numbers.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { bundled } from "./bundled.mjs";

const WASM = readFileSync(new URL("../../../build/dashboard/models.wasm", import.meta.url));
globalThis.fetch = async () => new Response(WASM, { headers: { "content-type": "application/wasm" } });
const { loadModels } = await bundled("models_wasm.ts");
const { byChannel, modelText } = await bundled("views/what_if.ts");
const models = await loadModels();

const HOUR = 3_600_000, DAY = 24 * HOUR, T = 1_790_000_000_000;
const touch = (channel, hoursBefore, seq = 1) => ({ channel, t: T - hoursBefore * HOUR, seq });
const RULES = { lookbackMs: 30 * DAY, isRolling: false, keepsDirect: false };
const JOURNEY = { t: T, valueMinor: 12_999, touches: [touch("paid_social", 96), touch("email", 30), touch("paid_search", 2)] };
const shares = (journey, model, rules = RULES) => Object.fromEntries(byChannel(models, [journey], model, rules).map((row) => [row.channel, row.valueMinor]));

test("every model gives the whole order and nothing more", () => {
  for (const model of ["first_touch", "last_touch", "last_non_direct", "linear", "position_u", modelText("time_decay", 168)]) {
    const rows = byChannel(models, [JOURNEY], model, RULES);
    assert.equal(rows.reduce((sum, row) => sum + row.valueMinor, 0), 12_999, model);
    assert.equal(rows.reduce((sum, row) => sum + row.micro, 0), 1_000_000, model);
  }
});

test("a shorter half-life moves value towards the end", () => {
  assert.deepEqual(shares(JOURNEY, "linear"), { paid_social: 4333, email: 4333, paid_search: 4333 });
  const slow = shares(JOURNEY, modelText("time_decay", 720)), fast = shares(JOURNEY, modelText("time_decay", 6));
  assert.ok(fast.paid_search > slow.paid_search && fast.paid_social < slow.paid_social);
});

test("a lookback leaves out what is older, to the millisecond", () => {
  assert.deepEqual(shares(JOURNEY, "first_touch", { ...RULES, lookbackMs: 96 * HOUR }), { paid_social: 12_999, email: 0, paid_search: 0 });
  assert.deepEqual(shares(JOURNEY, "first_touch", { ...RULES, lookbackMs: 96 * HOUR - 1 }), { email: 12_999, paid_search: 0 });
  assert.deepEqual(shares(JOURNEY, "first_touch", { ...RULES, lookbackMs: 70 * HOUR, isRolling: true }), { paid_social: 12_999, email: 0, paid_search: 0 });
  assert.deepEqual(shares(JOURNEY, "first_touch", { ...RULES, lookbackMs: HOUR }), { unattributed: 12_999 });
});

test("direct counts only when asked, or when nothing else is there", () => {
  const journey = { ...JOURNEY, touches: [...JOURNEY.touches, touch("direct", 1)] };
  assert.equal(shares(journey, "last_touch").paid_search, 12_999);
  assert.equal(shares(journey, "last_touch", { ...RULES, keepsDirect: true }).direct, 12_999);
  assert.equal(shares({ ...JOURNEY, touches: [touch("direct", 1)] }, "last_touch").direct, 12_999);
});
