// SPDX-License-Identifier: Apache-2.0
// The what-if panel computes with the server's own models: docs/attribution.md's worked numbers.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { bundled } from "./bundled.mjs";

const WASM = readFileSync(new URL("../../../build/dashboard/models.wasm", import.meta.url));
globalThis.fetch = async () => new Response(WASM, { headers: { "content-type": "application/wasm" } });
const { loadModels, readRules } = await bundled("models_wasm.ts");
const { byChannel, decayOf, halfLifeOf, journeyOf, sampleOf } = await bundled("views/what_if.ts");
const models = await loadModels();

const HOUR = 3_600_000, DAY = 24 * HOUR, T = 1_790_000_000_000;
const touch = (channel, hoursBefore, seq = 1) => ({ channel, t: T - hoursBefore * HOUR, seq });
const OWN = "click_lookback_ms=2592000000:view_lookback_ms=86400000:lookback=fixed:direct=drop_if_any_other:collapse=none:repeat=every";
const RULES = readRules(OWN);
const JOURNEY = { t: T, valueMinor: 12_999, touches: [touch("paid_social", 96), touch("email", 30), touch("paid_search", 2)] };
const shares = (journey, model, rules = RULES) => Object.fromEntries(byChannel(models, [journey], model, rules).map((row) => [row.channel, row.valueMinor]));

test("every model gives the whole order and nothing more", () => {
  for (const model of ["first_touch", "last_touch", "last_non_direct", "linear", "position_u", "position_j", "position_inv_j", "position:first=1:middle=2:last=7", "w_shaped", "full_path", "shapley", decayOf(168)]) {
    const rows = byChannel(models, [JOURNEY], model, RULES);
    assert.equal(rows.reduce((sum, row) => sum + row.valueMinor, 0), 12_999, model);
    assert.equal(rows.reduce((sum, row) => sum + row.micro, 0), 1_000_000, model);
  }
});

test("a shorter half-life moves value towards the end", () => {
  assert.deepEqual(shares(JOURNEY, "linear"), { paid_social: 4333, email: 4333, paid_search: 4333 });
  const slow = shares(JOURNEY, decayOf(720)), fast = shares(JOURNEY, decayOf(6));
  assert.ok(fast.paid_search > slow.paid_search && fast.paid_social < slow.paid_social);
});

test("a lookback leaves out what is older, to the millisecond", () => {
  assert.deepEqual(shares(JOURNEY, "first_touch", { ...RULES, lookbackMs: 96 * HOUR }), { paid_social: 12_999, email: 0, paid_search: 0 });
  assert.deepEqual(shares(JOURNEY, "first_touch", { ...RULES, lookbackMs: 96 * HOUR - 1 }), { email: 12_999, paid_search: 0 });
  assert.deepEqual(shares(JOURNEY, "first_touch", { ...RULES, lookbackMs: 70 * HOUR, isRolling: true }), { paid_social: 12_999, email: 0, paid_search: 0 });
  assert.deepEqual(shares(JOURNEY, "first_touch", { ...RULES, lookbackMs: HOUR }), { unattributed: 12_999 });
});

test("an ad that was seen only counts within its own window", () => {
  const seen = (hoursBefore) => journeyOf({ occurred_at: new Date(T).toISOString(), amount_minor: 100, refunds: [], snapshot: null, credits: {}, why: { models: {}, path: [{ touch: "t", kind: "view", channel: "display", t: T - hoursBefore * HOUR, eligible: true, reason: null }] } });
  assert.deepEqual(shares(seen(24), "linear"), { display: 100 });
  assert.deepEqual(shares(seen(25), "linear"), { unattributed: 100 });
  assert.deepEqual(shares(seen(25), "linear", { ...RULES, viewLookbackMs: 25 * HOUR }), { display: 100 });
});

test("direct counts only when asked, or when nothing else is there", () => {
  const journey = { ...JOURNEY, touches: [...JOURNEY.touches, touch("direct", 1)] };
  assert.equal(shares(journey, "last_touch").paid_search, 12_999);
  assert.equal(shares(journey, "last_touch", { ...RULES, keepsDirect: true }).direct, 12_999);
  assert.equal(shares({ ...JOURNEY, touches: [touch("direct", 1)] }, "last_touch").direct, 12_999);
});

test("the site's collapse and repeat rules hold here too", () => {
  const twice = { ...JOURNEY, touches: [touch("email", 90, 1), touch("email", 80, 2), touch("paid_search", 2, 3)] };
  assert.deepEqual(shares(twice, "linear"), { email: 8666, paid_search: 4333 });
  assert.deepEqual(shares(twice, "linear", readRules(OWN.replace("collapse=none", "collapse=consecutive"))), { email: 6500, paid_search: 6499 });
  const since = readRules(OWN.replace("repeat=every", "repeat=since_previous"));
  assert.deepEqual(shares({ ...JOURNEY, previous: T - 50 * HOUR }, "first_touch", since), { email: 12_999, paid_search: 0 });
  assert.deepEqual(shares({ ...JOURNEY, previous: T - 50 * HOUR }, "first_touch", readRules(OWN.replace("repeat=every", "repeat=first_only"))), {});
});

const stored = (touch, channel, value_minor, net_minor = value_minor) => ({ touch, channel, value_minor, net_minor, conversions_micro: value_minor === 0 ? 0 : 1_000_000 });
const DETAILS = {
  occurred_at: new Date(T).toISOString(), amount_minor: 12_999, refunds: [], currency: "CZK", snapshot: { rules: OWN.replace("fixed", "rolling"), previous: 7 },
  why: { path: JOURNEY.touches.map((entry, index) => ({ touch: `t${index}`, channel: entry.channel, t: entry.t, seq: 1, eligible: true, reason: null })), models: {} },
  credits: { last_touch: [stored("t1", "email", 0), stored("t2", "paid_search", 12_999)], "time_decay:tau_ms=86400000": [stored("t2", "paid_search", 12_999)] },
};

test("the panel starts from the stored conversion's own rules and from what it was credited", () => {
  const sample = sampleOf([DETAILS, DETAILS], "last_touch", true, "");
  assert.deepEqual(sample.today.map(({ channel, valueMinor }) => [channel, valueMinor]), [["paid_search", 25_998], ["email", 0]]);
  assert.deepEqual(byChannel(models, sample.journeys, "last_touch", sample.rules).filter((row) => row.valueMinor > 0), sample.today.filter((row) => row.valueMinor > 0));
  assert.deepEqual([sample.currency, sampleOf([DETAILS], "last_touch", false, "").currency], ["CZK", ""]);
  assert.deepEqual([sample.models, sample.model], [["last_touch", "time_decay:tau_ms=86400000"], "last_touch"]);
  assert.equal(sampleOf([DETAILS], "time_decay", true, "").model, "time_decay:tau_ms=86400000");
  assert.deepEqual(sampleOf([{ ...DETAILS, credits: {} }, DETAILS], "last_touch", true, "").models, sample.models);
  assert.deepEqual([sample.rules.isRolling, sample.journeys[0].previous], [true, 7]);
  assert.equal(halfLifeOf("time_decay:half_life_ms=604800000"), 168);
  assert.ok(Math.abs(halfLifeOf(sample.models[1]) - 16.636) < 0.001);
});

test("what was refunded is not tried: amounts are what is left, today's too", () => {
  const refunded = { ...DETAILS, refunds: [{ at: DETAILS.occurred_at, amount_minor: 2999 }, { at: DETAILS.occurred_at, amount_minor: 1000 }], credits: { last_touch: [stored("t2", "paid_search", 12_999, 9000)] } };
  const { today, journeys, rules } = sampleOf([refunded], "last_touch", true, "");
  assert.deepEqual(today.map((row) => row.valueMinor), [9000]);
  assert.equal(byChannel(models, journeys, "linear", rules).reduce((sum, row) => sum + row.valueMinor, 0), 9000);
});

test("a milestone goes to the touch that was the last by then, as on the server", () => {
  const at = (lead, opportunity, touches = JOURNEY.touches, rules = RULES) => {
    const path = touches.map((entry, index) => ({ ...entry, touch: `t${index}`, eligible: true, reason: null }));
    return shares(journeyOf({ ...DETAILS, amount_minor: 100, why: { path, models: {} }, snapshot: { ...DETAILS.snapshot, milestones: { lead, opportunity } } }), "w_shaped", rules);
  };
  assert.deepEqual(at(T - 29 * HOUR, undefined), { paid_social: 43, email: 43, paid_search: 14 });
  assert.deepEqual(at(undefined, T - HOUR), { paid_social: 43, paid_search: 43, email: 14 });
  assert.deepEqual(at(T - 97 * HOUR, undefined), at(undefined, undefined));
  // Visits that a collapse rule made one count at the last of them (docs/attribution.md).
  const twice = [touch("email", 90, 1), touch("paid_search", 50, 2), touch("paid_search", 2, 3)];
  assert.deepEqual(at(T - 49 * HOUR, undefined, twice, readRules(OWN.replace("collapse=none", "collapse=consecutive"))), { email: 86, paid_search: 14 });
  assert.deepEqual(at(T - HOUR, undefined, twice, readRules(OWN.replace("collapse=none", "collapse=unique_first"))), { email: 50, paid_search: 50 });
});
