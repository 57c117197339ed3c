// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import { bundled } from "./bundled.mjs";

const { flowLines, layout } = await bundled("charts/flow.ts");
const { linePath, thinned } = await bundled("charts/sparkline.ts");
const { ticks } = await bundled("charts/time_series.ts");
const { barWidth } = await bundled("charts/bars.ts");
const { answersOf, lagLabel } = await bundled("views/paths.ts");

const JOURNEYS = [
  { path: ["email"], weight: 4 },
  { path: ["paid_search", "email"], weight: 3 },
  { path: ["direct", "referral", "paid_search", "email", "direct"], weight: 2 },
  { path: [], weight: 9 },
  { path: ["sms"], weight: 0 },
];

test("everything that flows in flows out, and all of it reaches the conversion", () => {
  const { nodes, links } = layout(JOURNEYS, 3, 300);
  const end = nodes.find((node) => node.channel === "conversion");
  assert.equal(end.weight, 9);
  for (const node of nodes) {
    const out = links.filter((link) => link.from === node).reduce((sum, link) => sum + link.weight, 0);
    const into = links.filter((link) => link.to === node).reduce((sum, link) => sum + link.weight, 0);
    if (node !== end) assert.equal(out, node.weight, node.channel);
    if (into > 0) assert.ok(into <= node.weight);
  }
});

test("the picture's bands are the lines of its table", () => {
  assert.deepEqual(flowLines(JOURNEYS, 2).map(({ step, from, to, weight }) => `${step}: ${from} > ${to} ${weight}`), [
    "2nd last: Paid search > E-mail 3", "2nd last: Earlier touches > Direct 2", "last touch: E-mail > Conversion 7", "last touch: Direct > Conversion 2"]);
});

test("a journey longer than the columns begins with what was earlier", () => {
  const { nodes } = layout(JOURNEYS, 3, 300);
  assert.deepEqual(nodes.filter((node) => node.column === 0).map((node) => node.channel), ["earlier"]);
});

test("nothing leaves the picture or overlaps in its column", () => {
  const { nodes, links } = layout(JOURNEYS, 4, 300);
  for (let column = 0; column <= 4; ++column) {
    const own = nodes.filter((node) => node.column === column).sort((a, b) => a.y - b.y);
    own.forEach((node, index) => {
      assert.ok(node.y >= -1e-9 && node.y + node.height <= 300 + 1e-9);
      if (index > 0) assert.ok(node.y >= own[index - 1].y + own[index - 1].height);
    });
  }
  for (const link of links) assert.ok(link.y0 + link.height <= link.from.y + link.from.height + 1e-6 && link.y1 + link.height <= link.to.y + link.to.height + 1e-6);
});

test("a line stands on zero, breaks at gaps and fills its box", () => {
  assert.equal(linePath([0, 5, 10], 100, 10), "M0.0 10.0L50.0 5.0L100.0 0.0");
  assert.equal(linePath([1, null, 2], 100, 10), "M0.0 5.0M100.0 0.0");
  assert.equal(linePath([null], 100, 10), "");
  assert.equal(linePath([0, 0], 10, 10), "M0.0 10.0L10.0 10.0");
});

test("an axis has round steps, never parts of the smallest unit", () => {
  assert.deepEqual(ticks(0, 13_000, 5), [0, 5000, 10_000]);
  assert.deepEqual(ticks(0, 2.1, 5), [0, 1, 2]);
  assert.deepEqual(ticks(-30, 100, 5), [0, 50, 100]);
  assert.deepEqual(ticks(0, 990, 5), [0, 200, 400, 600, 800]);
});

test("thinning keeps the sum", () => {
  const values = Array.from({ length: 365 }, (_, index) => index);
  const few = thinned(values, 60);
  assert.equal(few.length, 60);
  assert.equal(few.reduce((a, b) => a + b), values.reduce((a, b) => a + b));
  assert.deepEqual(thinned([1, 2], 60), [1, 2]);
});

test("a bar is never longer than its box and never invisible when there is something", () => {
  assert.equal(barWidth(0, 10), 0);
  assert.equal(barWidth(1, 1e9), 0.5);
  assert.equal(barWidth(20, 10), 100);
  assert.equal(barWidth(-5, 10), 0);
  assert.equal(barWidth(5, 0), 0);
});

test("buckets are labelled by their days", () => {
  assert.equal(lagLabel({ from_days: 2, to_days: 3 }), "2–3");
  assert.equal(lagLabel({ from_days: 0, to_days: 0 }), "0");
  assert.equal(lagLabel({ from_days: 31, to_days: null }), "31+");
});

test("weeks are sums of their days, counted from the last one, and unknown costs stay unknown", async () => {
  const { summed } = await bundled("views/overview.ts");
  const row = (day, orders, cost_minor) => ({ day, visits: 1, orders, leads: 0, revenue_minor: 100, cost_minor });
  const sums = summed([row("2026-01-01", 1, null), row("2026-01-02", 2, null), row("2026-01-03", 4, 50), row("2026-01-04", 8, 1), row("2026-01-05", 16, null)], 2);
  assert.deepEqual(sums.map(({ day, orders, revenue_minor, cost_minor }) => [day, orders, revenue_minor, cost_minor]), [["2026-01-02", 6, 200, 50], ["2026-01-04", 24, 200, 1]]);
});

test("a picture of models leaves no channel out: the largest under any of them, and the rest as one", async () => {
  const { drawn, valueOf } = await bundled("views/models.ts");
  const line = (channel, first, last) => ({ channel, models: { first: { revenue_minor: first, conversions: "1" }, last: { revenue_minor: last, conversions: "0.5" } }, participation: { revenue_minor: first + last, conversions: 1 } });
  const rows = Array.from({ length: 11 }, (_, index) => line(`c${index}`, 100 - index, index === 10 ? 500 : 0));
  const { shown, rest } = drawn(rows, ["first", "last"], "first", "revenue_minor");
  assert.deepEqual(shown.map((row) => row.channel), ["c0", "c1", "c2", "c3", "c4", "c5", "c6", "c10"]);
  assert.deepEqual(rest.map((row) => row.channel), ["c7", "c8", "c9"]);
  assert.deepEqual(drawn(rows.slice(0, 9), ["first"], "first", "revenue_minor").rest, []);
  assert.deepEqual([valueOf(rows[10], "participation", "revenue_minor"), valueOf(rows[10], "last", "conversions"), valueOf(rows[10], "unknown", "conversions")], [590, 0.5, 0]);
});

test("an answer is one line, with what was measured beside it, most first", () => {
  const said = (self_reported, channel, conversions, revenue_minor) => ({ self_reported, channel, conversions, revenue_minor });
  const answers = answersOf([said("a friend", "email", "1.5", 300), said("podcast", "direct", "1", 100), said("a friend", "paid_search", "2", 500)]);
  assert.deepEqual(answers.map(({ text, conversions, revenue_minor }) => [text, conversions, revenue_minor]), [["a friend", 3.5, 800], ["podcast", 1, 100]]);
  assert.deepEqual(answers[0].measured.map(({ channel }) => channel), ["paid_search", "email"]);
});
