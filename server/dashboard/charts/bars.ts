// SPDX-License-Identifier: Apache-2.0
// Horizontal bars: a list for readers, lengths in SVG. And the thin bar inside a table cell.

import { h, s, type Child } from "../dom.ts";

export interface Bar {
  name: Child;
  value: number;
  text: Child;
  className?: string; // carries --c
}

// Percent of the largest, at least a hair for what is not nothing.
export function barWidth(value: number, largest: number): number {
  if (!(value > 0) || !(largest > 0)) return 0;
  return Math.max(0.5, Math.min(100, (100 * value) / largest));
}

export function thinBar(value: number, largest: number, className = ""): SVGElement {
  return s("svg", { class: `bar ${className}`, "aria-hidden": "true" }, s("rect", { width: `${barWidth(value, largest).toFixed(2)}%`, height: "100%" }));
}

// The same with a whisker from low to high: how much of it could be chance.
export function rangedBar(value: number, range: { low: number; high: number }, largest: number, className = ""): SVGElement {
  const low = barWidth(range.low, largest), high = barWidth(range.high, largest);
  return s("svg", { class: `bar ranged ${className}`, "aria-hidden": "true" },
    s("rect", { class: "rest", width: "100%", y: "30%", height: "40%", rx: 2 }), s("rect", { width: `${barWidth(value, largest).toFixed(2)}%`, y: "30%", height: "40%", rx: 2 }),
    s("rect", { class: "range", x: `${low.toFixed(2)}%`, width: `${Math.max(0, high - low).toFixed(2)}%`, y: "45%", height: "10%" }), ...[low, high].map((x) => s("rect", { class: "range", x: `${x.toFixed(2)}%`, width: 1, height: "100%" })));
}

export function horizontalBars(bars: Bar[], largest = Math.max(0, ...bars.map((bar) => bar.value))): HTMLElement {
  return h("ul", { class: "hbars" }, ...bars.map((bar) =>
    h("li", {}, h("span", { class: "name" }, bar.name), thinBar(bar.value, largest, bar.className ?? ""), h("span", { class: "n" }, bar.text))));
}
