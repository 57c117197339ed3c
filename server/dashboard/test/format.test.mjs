// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import { bundled } from "./bundled.mjs";

const f = await bundled("format.ts");

test("money follows the currency's own minor units", () => {
  assert.equal(f.money(123456, "EUR"), "€1,234.56");
  assert.equal(f.money(123456, "JPY"), "JP¥123,456");
  assert.equal(f.money(1234567, "KWD").replace(/\s/g, " "), "KWD 1,234.567");
  assert.equal(f.money(-50, "EUR"), "-€0.50");
  assert.equal(f.money(123456, "EUR", true), "€1,235");
  assert.equal(f.money(99900, "EUR", true), "€999.00");
});

test("what is not known is a dash and never a zero", () => {
  for (const show of [(v) => f.money(v, "EUR"), f.count, f.percent, f.ratio, f.days, f.duration, f.credits])
    for (const nothing of [null, undefined, Number.NaN]) assert.equal(show(nothing), "–");
  assert.equal(f.signed(f.change(5, 0)), "–");
  assert.equal(f.time(null, "UTC"), "–");
});

test("credits show two places only when they are a share", () => {
  assert.equal(f.credits("12.000000"), "12");
  assert.equal(f.credits("0.333333"), "0.33");
  assert.equal(f.credits("1234.56"), "1,234.6");
});

test("changes carry their sign and stay readable when they are huge", () => {
  assert.equal(f.signed(f.change(114, 100)), "+14 %");
  assert.equal(f.signed(f.change(96, 100)), "−4.0 %");
  assert.equal(f.signed(f.change(100, 100)), "±0.0 %");
  assert.deepEqual([9.9, 10, 99.4, 100, 12_345].map((now) => f.signed(f.change(now, 1))), ["+890 %", "10 times", "99 times", "far more", "far more"]);
  assert.deepEqual([f.signed(f.change(-50, 100)), f.change(50, -100)], ["below zero", null]);
  assert.equal(f.change(-50, -100), 0.5);
});

test("times are those of the site's zone", () => {
  assert.match(f.time("2026-03-29T00:59:00Z", "Europe/Prague"), /29 Mar 2026, 01:59/);
  assert.match(f.time("2026-03-29T01:00:00Z", "Europe/Prague"), /29 Mar 2026, 03:00/);
  assert.equal(f.day("2026-09-21"), "21 Sept 2026");
  assert.equal(f.span("2025-12-30", "2026-01-02"), "30 Dec 2025 – 2 Jan 2026");
});

test("models are named for people, parameters too", () => {
  assert.equal(f.modelName("markov_2"), "Markov, order 2");
  assert.equal(f.modelName("markov_1_per_conversion"), "Markov, order 1, per conversion");
  assert.equal(f.modelName("time_decay:tau_ms=86400000"), "Time decay, τ 24 h");
  assert.equal(f.modelName("time_decay:half_life_ms=604800000"), "Time decay, half-life 7 d");
  assert.equal(f.modelName("last_non_direct"), "Last non-direct");
  assert.ok(f.isDataDriven("shapley") && f.isDataDriven("markov_1") && !f.isDataDriven("linear"));
});

test("a CSV quotes what must be quoted and gives a spreadsheet nothing to run", () => {
  assert.equal(f.csv([["a,b", 'say "x"', 3, null], ["=1+1", "-x", -4, "+"]]), '"a,b","say ""x""",3,\r\n\'=1+1,\'-x,-4,\'+\r\n');
});

test("a path is shown in its letters; what could hide or mislead stays as it came", () => {
  assert.equal(f.readable("/%D0%BA%D0%B0%D1%82/caf%c3%a9%20au%2Flait"), "/кат/café%20au%2Flait");
  for (const raw of ["/100%", "/%D0", "/%FF%FE", "/a%E2%80%AEtxt.exe", "/a%C2%A0b", "/a%00"]) assert.equal(f.readable(raw), raw);
});
