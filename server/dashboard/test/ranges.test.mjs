// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import { bundled } from "./bundled.mjs";

const r = await bundled("ranges.ts");
const s = await bundled("state.ts");
const NOON = Date.parse("2026-03-01T12:00:00Z");

test("presets end today and count today", () => {
  assert.deepEqual(r.presetRange("7d", "2026-03-01"), { from: "2026-02-23", to: "2026-03-01" });
  assert.deepEqual(r.presetRange("month", "2026-03-01"), { from: "2026-03-01", to: "2026-03-01" });
  assert.deepEqual(r.presetRange("last-month", "2026-03-01"), { from: "2026-02-01", to: "2026-02-28" });
  assert.deepEqual(r.presetRange("year", "2026-03-01"), { from: "2026-01-01", to: "2026-03-01" });
  assert.equal(r.presetRange("nonsense", "2026-03-01"), null);
});

test("the period before has the same length and touches this one", () => {
  const range = { from: "2026-03-01", to: "2026-03-30" };
  assert.deepEqual(r.previous(range), { from: "2026-01-30", to: "2026-02-28" });
  assert.equal(r.dayCount(r.previous(range)), r.dayCount(range));
});

test("a day is the site's, not the browser's", () => {
  const late = Date.parse("2026-09-21T22:30:00Z");
  assert.equal(r.today("Europe/Prague", late), "2026-09-22");
  assert.equal(r.today("America/New_York", late), "2026-09-21");
});

test("a day begins where the site lives, also when its clocks change", () => {
  for (const [day, zone, moment] of [["2026-03-29", "Europe/Prague", "2026-03-28T23:00"], ["2026-03-30", "Europe/Prague", "2026-03-29T22:00"], ["2026-11-01", "America/New_York", "2026-11-01T04:00"], ["2026-11-02", "America/New_York", "2026-11-02T05:00"], ["2026-01-01", "Asia/Kolkata", "2025-12-31T18:30"], ["2026-09-27", "Pacific/Auckland", "2026-09-26T12:00"]])
    assert.equal(r.startOf(day, zone), `${moment}:00.000Z`, day);
});

test("nonsense in the address falls back to the default range", () => {
  const range = (query) => s.rangeOf(new URLSearchParams(query), "UTC", NOON);
  const standard = { from: "2026-01-31", to: "2026-03-01" };
  for (const query of ["", "range=9x", "from=2026-02-30&to=2026-03-01", "from=2026-03-02&to=2026-03-01", "from=2026-01-01"]) assert.deepEqual(range(query), standard, query);
  assert.deepEqual(range("from=2026-01-01&to=2026-01-02"), { from: "2026-01-01", to: "2026-01-02" });
});

test("an address survives being read and written", () => {
  const state = s.readState("/dashboard/campaigns", "?site=demo&model=linear&channel=email&kind=lead");
  assert.equal(state.view, "campaigns");
  assert.equal(s.address(state, "campaigns", "", { source: "a b&c", kind: null, content: "" }, true), "/dashboard/campaigns?site=demo&model=linear&channel=email&source=a+b%26c&content=");
  assert.equal(s.address(state, "overview"), "/dashboard?site=demo&model=linear&kind=lead");
  assert.equal(s.readState("/dashboard/conversions/a%2Fb", "").id, "a/b");
  assert.equal(s.readState("/dashboard", "").view, "overview");
});
