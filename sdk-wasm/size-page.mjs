// SPDX-License-Identifier: Apache-2.0
// SIZE.md: its tables stand between marks, written by weigh.mjs and read by check-size.mjs.
import { fileURLToPath } from "node:url";

export const pagePath = fileURLToPath(new URL("SIZE.md", import.meta.url));

const figure = (value) => (typeof value == "number" ? value.toLocaleString("en-US") : value);

export const table = (head, rows) =>
  [head, head.map((_, column) => (rows.some((row) => typeof row[column] == "number") ? "---:" : "---")), ...rows]
    .map((row) => `| ${row.map(figure).join(" | ")} |`)
    .join("\n");

export const tableOfFiles = (sizes, budget) =>
  table(
    ["file", "raw", "brotli", "gate"],
    Object.entries(sizes).map(([part, { raw, brotli }]) => [part, raw, brotli, budget[part] ?? ""]),
  );

const marks = (name) => [`<!-- ${name}: node sdk-wasm/weigh.mjs -->\n`, "\n<!-- -->"];

const tableIn = (page, name) => {
  const [begin, end] = marks(name);
  const start = page.indexOf(begin) + begin.length;
  if (start < begin.length) throw new Error(`SIZE.md has no place for "${name}"`);
  return page.slice(start, page.indexOf(end, start));
};

/** The numbers of a table by its rows' first words. */
export const figuresIn = (page, name) =>
  Object.fromEntries(
    tableIn(page, name).split("\n").slice(2).map((row) => {
      const [, part, ...columns] = row.split("|").map((text) => text.trim());
      return [part, columns.filter(Boolean).map((text) => +text.replaceAll(",", ""))];
    }),
  );

export const withTable = (page, name, text) => {
  const [begin, end] = marks(name);
  return page.replace(begin + tableIn(page, name) + end, () => begin + text + end);
};
