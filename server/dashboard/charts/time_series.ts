// SPDX-License-Identifier: Apache-2.0
// A line by day or week with the period before behind it, drawn as wide as its place is. What the
// pointer is over is read out below the chart.

import { h, replace, s } from "../dom.ts";
import { linePath } from "./sparkline.ts";

export interface Point {
  name: string;
  value: number | null;
  before: number | null; // of the previous period, by position
}

const RIGHT = 6, TOP = 8, BOTTOM = 24, LABEL = 80;

// Whole multiples of 1, 2 or 5 times a power of ten, at most `most` + 1 of them from low to high.
export function ticks(low: number, high: number, most: number): number[] {
  const rough = Math.max(1, (high - low) / most);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10);
  const list: number[] = [];
  for (let at = Math.ceil(low / step) + 0; at * step <= high; ++at) list.push(at * step);
  return list;
}

export function timeSeries(label: string, points: readonly Point[], format: (value: number) => string, axis: (value: number) => string): { plot: HTMLElement; readout: HTMLElement } {
  const plot = h("div", { class: "plot", role: "img", "aria-label": label });
  const readout = h("p", { class: "plot-read", "aria-hidden": "true" });
  const now = points.map((point) => point.value), before = points.map((point) => point.before);
  const known = [...now, ...before].filter((value) => value !== null);
  const low = Math.min(0, ...known), high = Math.max(...known) > 0 ? Math.max(...known) * 1.05 : 1;

  const draw = (width: number, height: number): void => {
    const tall = height - TOP - BOTTOM, steps = ticks(low, high, tall / 48);
    const labels = steps.map((value) => s("text", { class: "quiet", x: -8, "text-anchor": "end" }, axis(value)) as SVGTextElement);
    const svg = s("svg", { width, height }, ...labels);
    replace(plot, svg);
    // As wide as the longest amount in this font, which only what is drawn knows.
    const left = Math.ceil(Math.max(0, ...labels.map((label) => label.getComputedTextLength()))) + 9, wide = width - left - RIGHT;
    const x = (index: number): number => (points.length > 1 ? (index * wide) / (points.length - 1) : 0);
    const y = (value: number): number => tall - ((value - low) * tall) / (high - low);
    const every = Math.ceil(points.length / Math.max(1, Math.floor(wide / LABEL)));
    const line = linePath(now, wide, tall, low, high), isWhole = line !== "" && !now.includes(null);
    const dots = points.length < 15 ? points.map(({ value }, index) => (value === null ? null : s("circle", { cx: x(index), cy: y(value), r: 2.5 }))) : [];
    const cursor = s("circle", { r: 4, visibility: "hidden" });
    const read = (event: Event): void => {
      const index = Math.max(0, Math.min(points.length - 1, Math.round((((event as PointerEvent).clientX - plot.getBoundingClientRect().left - left) * (points.length - 1)) / wide)));
      const point = points[index]!;
      readout.textContent = `${point.name}: ${point.value === null ? "–" : format(point.value)}${point.before === null ? "" : ` (previous period ${format(point.before)})`}`;
      for (const [name, value] of [["cx", x(index)], ["cy", y(point.value ?? 0)], ["visibility", point.value === null ? "hidden" : "visible"]]) cursor.setAttribute(name as string, String(value));
    };
    const anchor = (index: number): string => (index === 0 ? "start" : index === points.length - 1 ? "end" : "middle");
    labels.forEach((label, index) => label.setAttribute("y", String(y(steps[index]!) + 4)));
    for (const type of ["pointermove", "pointerdown"]) svg.addEventListener(type, read);
    replace(svg,
      s("g", { transform: `translate(${left} ${TOP})` },
        ...steps.map((value) => s("line", { class: "rule", x2: wide, y1: y(value), y2: y(value) })), ...labels,
        ...points.map(({ name }, index) => (index % every ? null : s("text", { class: "quiet", x: x(index), y: tall + 18, "text-anchor": anchor(index) }, name))),
        isWhole && s("path", { class: "area", d: `${line}V${y(0)}H0Z` }), s("path", { class: "before", d: linePath(before, wide, tall, low, high) }), s("path", { d: line }), ...dots, cursor));
  };
  new ResizeObserver(() => plot.clientWidth > 0 && draw(plot.clientWidth, plot.clientHeight)).observe(plot);
  return { plot, readout };
}
