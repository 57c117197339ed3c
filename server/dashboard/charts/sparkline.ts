// SPDX-License-Identifier: Apache-2.0
// A line without axes beside a figure; and its cousin, a handful of columns.

import { s } from "../dom.ts";

// Points as an SVG path in a box of width × height, nulls leave a gap. Unless told, the lowest value is
// the floor of the box, or zero when everything is positive.
export function linePath(values: readonly (number | null)[], width: number, height: number, low = Math.min(0, ...values.map(Number)), high = Math.max(...values.map(Number))): string {
  const scale = high > low ? height / (high - low) : 0;
  const step = values.length > 1 ? width / (values.length - 1) : 0;
  let path = "";
  let isDrawing = false;
  values.forEach((value, index) => {
    if (value === null) {
      isDrawing = false;
      return;
    }
    path += `${isDrawing ? "L" : "M"}${(index * step).toFixed(1)} ${(height - (value - low) * scale).toFixed(1)}`;
    isDrawing = true;
  });
  return path;
}

// At most `count` sums of neighbours, so that a year is readable in the width of a figure.
export function thinned(values: readonly number[], count: number): number[] {
  if (values.length <= count) return [...values];
  const sums = new Array<number>(count).fill(0);
  values.forEach((value, index) => (sums[Math.floor((index * count) / values.length)]! += value));
  return sums;
}

export function sparkline(values: readonly (number | null)[]): SVGElement {
  const line = linePath(values, 200, 30);
  const isWhole = values.length > 1 && values.every((value) => value !== null);
  return s("svg", { class: "spark", viewBox: "0 0 200 32", preserveAspectRatio: "none", "aria-hidden": "true" },
    isWhole ? s("path", { class: "area", d: `${line}L200 32L0 32Z` }) : null, s("path", { d: line }));
}

export function sparkColumns(values: readonly number[]): SVGElement {
  const largest = Math.max(0, ...values);
  const step = 200 / Math.max(1, values.length);
  return s("svg", { class: "spark", viewBox: "0 0 200 32", preserveAspectRatio: "none", "aria-hidden": "true" },
    ...values.map((value, index) => {
      const height = largest > 0 ? (30 * value) / largest : 0;
      return s("rect", { x: (index * step + 1).toFixed(1), width: Math.max(1, step - 2).toFixed(1), y: (32 - height).toFixed(1), height: height.toFixed(1) });
    }));
}

// A share as a filled part of a line.
export function sparkShare(share: number | null): SVGElement {
  const width = share === null ? 0 : Math.max(0, Math.min(1, share)) * 200;
  return s("svg", { class: "spark", viewBox: "0 0 200 32", preserveAspectRatio: "none", "aria-hidden": "true" },
    s("rect", { class: "rest", x: 0, y: 20, width: 200, height: 6 }), s("rect", { x: 0, y: 20, width: width.toFixed(1), height: 6 }));
}
