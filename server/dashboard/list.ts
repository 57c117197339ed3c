// SPDX-License-Identifier: Apache-2.0
// A list that the API gives page by page, newest first: each row once, however often it is read.

import { failure, type Context } from "./context.ts";
import { h, replace, type Child } from "./dom.ts";
import { addDays, startOf } from "./ranges.ts";
import type { Every } from "./table.ts";

export interface Page<Row> {
  items: Row[];
  next_cursor: string | null;
}
export interface List {
  root: HTMLElement;
  refresh: () => Promise<void>; // reads the newest again
}

const MOST_ROWS = 1000; // in one page of the browser
const MOST_AT_ONCE = 1000; // that the API answers

// `limit`: as many as the view shows at once unless told.
type Read<Row> = (cursor: string | null, limit?: number) => Promise<Page<Row>>;

// The days that are shown, from their first moment to their last in the site's own zone.
export const asked = ({ site, range }: Context): Record<string, string> => ({ site: site.id, from: startOf(range.from, site.timezone), to: startOf(addDays(range.to, 1), site.timezone) });

interface Rows<Row> {
  known: Map<unknown, Row>; // newest first
  cursor: string | null; // where older ones begin
}

// What came since, down to a row that is known: after a long pause more is new than one page holds. Without such
// a row, what was known lies beyond a gap and goes.
export async function withNewest<Row>({ known, cursor }: Rows<Row>, read: Read<Row>, keyOf: (row: Row) => unknown): Promise<Rows<Row>> {
  const fresh = new Map<unknown, Row>();
  let after: string | null = null, meets = false;
  do {
    const page: Page<Row> = await read(after);
    for (const row of page.items) {
      meets ||= known.has(keyOf(row));
      fresh.set(keyOf(row), row);
    }
    after = page.next_cursor;
  } while (!meets && after !== null && fresh.size < MOST_ROWS);
  if (!meets) return { known: fresh, cursor: after };
  return { known: new Map([...fresh, ...[...known].filter(([key]) => !fresh.has(key))].slice(0, MOST_ROWS)), cursor };
}

// To the end of the list: a file of the rows that happen to be shown would be taken for all of them.
export async function everyRow<Row>(read: Read<Row>, keyOf: (row: Row) => unknown, onRead: (count: number) => void = () => {}): Promise<Row[]> {
  const rows = new Map<unknown, Row>();
  let cursor: string | null = null;
  do {
    const page: Page<Row> = await read(cursor, MOST_AT_ONCE);
    for (const row of page.items) rows.set(keyOf(row), row);
    cursor = page.next_cursor;
    onRead(rows.size);
  } while (cursor !== null);
  return [...rows.values()];
}

// `draw` gets what is shown, whether there are older ones, and how to read all of them.
export async function pagedList<Row>(read: Read<Row>, keyOf: (row: Row) => unknown, draw: (rows: Row[], hasMore: boolean, every: Every<Row>) => Child[], className = ""): Promise<List> {
  const root = h("div", { class: className });
  let known = new Map<unknown, Row>();
  let cursor: string | null = null;
  const older = h("div", { class: "more" });
  const show = (): void => {
    const hasMore = cursor !== null && known.size < MOST_ROWS;
    replace(older, h("button", { type: "button", onclick: () => void next() }, "Older ones"));
    replace(root, ...draw([...known.values()], hasMore, (onRead) => everyRow(read, keyOf, onRead)), hasMore && older);
  };
  const next = async (): Promise<void> => {
    try {
      const page = await read(cursor);
      for (const row of page.items) known.set(keyOf(row), row);
      cursor = page.next_cursor;
      show();
    } catch (error) {
      replace(older, failure(error, () => void next()));
    }
  };
  const first = await read(null);
  known = new Map(first.items.map((row) => [keyOf(row), row]));
  cursor = first.next_cursor;
  show();
  return {
    root,
    refresh: async () => {
      ({ known, cursor } = await withNewest({ known, cursor }, read, keyOf));
      show();
    },
  };
}
