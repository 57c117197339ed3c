// SPDX-License-Identifier: Apache-2.0
// Tables that sort, scroll on their own and leave as CSV. A column says how a cell looks and, for
// sorting and for the file, what it is.

import { count, csv, major, money, NONE } from "./format.ts";
import { download, h, replace, type Child } from "./dom.ts";

export interface Column<Row> {
  title: string;
  show: (row: Row) => Child;
  value?: (row: Row) => string | number | null; // without it the column neither sorts nor exports
  numeric?: boolean;
  head?: Child; // in place of the title
  wrap?: boolean;
  isFileOnly?: boolean; // in the CSV, not on the screen
  tip?: string;
}

type Read<Row> = (row: Row) => number | string | null | undefined;
const asNumber = (value: number | string | null | undefined): number | null => (value === null || value === undefined ? null : Number(value));

// A figure: shown by `show`, sorted and saved as a number.
export function figure<Row>(title: string, read: Read<Row>, show: (value: number | null) => Child = count, more: Partial<Column<Row>> = {}): Column<Row> {
  const value = (row: Row): number | null => asNumber(read(row));
  return { title, show: (row) => show(value(row)), value, numeric: true, ...more };
}

// An amount, read in minor units: the file holds major ones, for their currency see `currencyColumn`.
export function amount<Row>(title: string, read: Read<Row>, currency: string | ((row: Row) => string), more: Partial<Column<Row>> = {}): Column<Row> {
  const of = (row: Row): string => (typeof currency === "string" ? currency : currency(row));
  const minor = (row: Row): number | null => asNumber(read(row));
  return { title, show: (row) => money(minor(row), of(row)), value: (row) => (minor(row) === null ? null : major(minor(row) as number, of(row))), numeric: true, ...more };
}

export function fileOnly<Row>(title: string, value: (row: Row) => string | number | null): Column<Row> {
  return { title, show: () => null, value, isFileOnly: true };
}

export const currencyColumn = <Row>(currency: string | ((row: Row) => string)): Column<Row> => fileOnly("Currency", typeof currency === "string" ? () => currency : currency);

export interface TableOptions<Row> {
  caption: string; // what the table is, for those who do not see its heading
  columns: Column<Row>[];
  rows: Row[];
  feet?: Child[][]; // sums below
  sort?: { column: number; ascending?: boolean };
  file?: string; // name of the CSV
  stacks?: boolean; // on a phone each row is a card of its own: records, not figures to compare
}

// All rows of a table that has those alone which were read so far, telling how many it has.
export type Every<Row> = (onRead: (count: number) => void) => Promise<Row[]>;

export function exportButton<Row>(options: Pick<TableOptions<Row>, "columns" | "rows" | "file" | "caption">, every?: Every<Row>): HTMLButtonElement {
  const save = async (): Promise<void> => {
    button.disabled = true;
    try {
      const columns = options.columns.filter((column) => column.value);
      const rows = (every ? await every((read) => (button.textContent = `CSV: ${count(read)} …`)) : options.rows).map((row) => columns.map((column) => column.value?.(row) ?? null));
      download(`${options.file ?? "throughline"}.csv`, csv([columns.map((column) => column.title), ...rows]));
    } catch (error) {
      if (button.isConnected) alert(error instanceof Error ? error.message : "Not saved"); // else the view was left
    }
    button.disabled = false;
    button.textContent = "CSV";
  };
  const button = h("button", { type: "button", class: "tiny", onclick: () => void save(), "aria-label": `Download as CSV: ${options.caption}` }, "CSV");
  return button;
}

function compare(a: string | number | null, b: string | number | null): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? -1 : 1;
  return typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b));
}

export function table<Row>(options: TableOptions<Row>): HTMLElement {
  const columns = options.columns.filter((column) => !column.isFileOnly);
  const body = h("tbody");
  let sorted = options.sort ?? null;

  const titles = columns.map((column, index) => {
    const className = column.numeric ? "n" : null;
    if (!column.value || !options.sort) return h("th", { scope: "col", class: className, title: column.tip ?? null }, column.head ?? (column.title || h("span", { class: "unseen" }, "Action")));
    const by = (): void => {
      sorted = { column: index, ascending: sorted?.column === index ? !sorted.ascending : !column.numeric };
      draw();
    };
    return h("th", { scope: "col", class: className, title: column.tip ?? null }, h("button", { type: "button", onclick: by }, column.title));
  });

  function draw(): void {
    const rows = [...options.rows];
    if (sorted) {
      const { column, ascending } = sorted;
      const value = columns[column]?.value;
      if (value) rows.sort((a, b) => (ascending ? 1 : -1) * compare(value(a), value(b)));
      titles.forEach((title, index) => (index === column ? title.setAttribute("aria-sort", ascending ? "ascending" : "descending") : title.removeAttribute("aria-sort")));
    }
    replace(body, ...rows.map((row) => h("tr", {}, ...columns.map((column, index) => {
      const shown = column.show(row);
      const classes = [column.numeric ? "n" : column.wrap && "wrap", shown === NONE && "none"].filter(Boolean).join(" ");
      return h(index === 0 ? "th" : "td", { scope: index === 0 ? "row" : null, class: classes || null, "data-title": options.stacks ? column.title : null }, shown);
    }))));
  }
  draw();

  const foot = options.feet ? h("tfoot", {}, ...options.feet.map((cells) => h("tr", {}, ...cells.map((cell, index) => h(index === 0 ? "th" : "td", { scope: index === 0 ? "row" : null, class: columns[index]?.numeric ? "n" : null }, cell))))) : null;
  const made = h("table", { class: options.stacks ? "stacks" : columns.length > 11 ? "dense" : null }, h("caption", { class: "unseen" }, options.caption), h("thead", {}, h("tr", {}, ...titles)), body, foot);
  return h("div", { class: "wide", tabindex: 0, role: "region", "aria-label": options.caption }, made);
}

// The numbers of a chart, one click away.
export function asTable<Row>(options: TableOptions<Row>): HTMLElement {
  return h("details", { class: "as-table" }, h("summary", {}, "Show as table"), table(options), h("div", { class: "table-tools" }, exportButton(options)));
}
