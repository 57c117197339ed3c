// SPDX-License-Identifier: Apache-2.0
// A list that the API gives page by page, newest first: each row once, however often it is read.

import { failure, type Context } from "./context.ts";
import { h, replace, type Child } from "./dom.ts";
import { addDays, startOf } from "./ranges.ts";

export interface Page<Row> {
  items: Row[];
  next_cursor: string | null;
}
export interface List {
  root: HTMLElement;
  refresh: () => Promise<void>; // reads the newest again
}

const MOST_ROWS = 1000; // in one page of the browser

// The days that are shown, from their first moment to their last in the site's own zone.
export const asked = ({ site, range }: Context): Record<string, string> => ({ site: site.id, from: startOf(range.from, site.timezone), to: startOf(addDays(range.to, 1), site.timezone) });

// `draw` gets all rows and whether there are older ones.
export async function pagedList<Row>(read: (cursor: string | null) => Promise<Page<Row>>, keyOf: (row: Row) => unknown, draw: (rows: Row[], hasMore: boolean) => Child[], className = ""): Promise<List> {
  const root = h("div", { class: className });
  let known = new Map<unknown, Row>();
  let cursor: string | null = null;
  const older = h("div", { class: "more" });
  const show = (): void => {
    const hasMore = cursor !== null && known.size < MOST_ROWS;
    replace(older, h("button", { type: "button", onclick: () => void next() }, "Older ones"));
    replace(root, ...draw([...known.values()], hasMore), hasMore && older);
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
      const fresh = new Map((await read(null)).items.map((row) => [keyOf(row), row]));
      known = new Map([...fresh, ...[...known].filter(([key]) => !fresh.has(key))].slice(0, MOST_ROWS));
      show();
    },
  };
}
