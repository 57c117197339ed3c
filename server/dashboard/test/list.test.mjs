// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import { bundled } from "./bundled.mjs";

const { everyRow, withNewest } = await bundled("list.ts");

// The newest is the highest number; ten a page, as the API gives them.
const reader = (newest, reads = []) => async (cursor) => {
  reads.push(cursor);
  const from = cursor === null ? newest : Number(cursor);
  const items = Array.from({ length: Math.min(10, from) }, (_, index) => ({ id: from - index }));
  return { items, next_cursor: from > 10 ? String(from - 10) : null };
};
const keyOf = (row) => row.id;
const shown = (rows) => [...rows.known.keys()];
const downFrom = (newest, count) => Array.from({ length: count }, (_, index) => newest - index);
const first = { known: new Map(downFrom(30, 10).map((id) => [id, { id }])), cursor: "20" };

test("a list that is read again has no gap, however much came since", async () => {
  assert.deepEqual(shown(await withNewest(first, reader(33), keyOf)), downFrom(33, 13));
  const reads = [];
  const rows = await withNewest(first, reader(75, reads), keyOf);
  assert.deepEqual([shown(rows), rows.cursor], [downFrom(75, 55), "20"]);
  assert.equal(reads.length, 5);
});

test("what lies beyond the most rows of a page is left for older ones", async () => {
  const rows = await withNewest(first, reader(5000), keyOf);
  assert.deepEqual([shown(rows), rows.cursor], [downFrom(5000, 1000), "4000"]);
});

test("rows that are all new, to the end of the list, replace what was known", async () => {
  const rows = await withNewest({ known: new Map([[99, { id: 99 }]]), cursor: null }, reader(12), keyOf);
  assert.deepEqual([shown(rows), rows.cursor], [downFrom(12, 12), null]);
});

test("a file has every row of the list once, to its end", async () => {
  const counts = [];
  assert.deepEqual((await everyRow(reader(25), keyOf, (count) => counts.push(count))).map(keyOf), downFrom(25, 25));
  assert.deepEqual(counts, [10, 20, 25]);
  const told = [];
  await everyRow((cursor, limit) => (told.push(limit), reader(20)(cursor)), keyOf);
  assert.deepEqual(told, [1000, 1000]);
});
