// SPDX-License-Identifier: Apache-2.0
// A histogram: labelled columns with their values on top.

import { s } from "../dom.ts";

export interface ColumnBar {
  label: string;
  value: number;
  text: string;
}

export function columns(bars: ColumnBar[], title: string): SVGElement {
  const width = Math.max(480, bars.length * 54), height = Math.round(width * 0.44), floor = height - 30, ceiling = 24;
  const largest = Math.max(0, ...bars.map((bar) => bar.value));
  const step = width / Math.max(1, bars.length);
  return s("svg", { class: "chart", viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": title },
    s("line", { class: "rule", x1: 0, x2: width, y1: floor + 0.5, y2: floor + 0.5 }),
    ...bars.flatMap((bar, index) => {
      const tall = largest > 0 ? ((floor - ceiling) * bar.value) / largest : 0;
      const x = index * step + step * 0.14;
      const middle = index * step + step / 2;
      return [
        s("rect", { class: "fill", x: x.toFixed(1), y: (floor - tall).toFixed(1), width: (step * 0.72).toFixed(1), height: tall.toFixed(1), rx: 3 }),
        bar.value > 0 ? s("text", { x: middle, y: floor - tall - 7, "text-anchor": "middle" }, bar.text) : null,
        s("text", { class: "quiet", x: middle, y: height - 10, "text-anchor": "middle" }, bar.label),
      ];
    }).filter((element): element is SVGElement => element !== null));
}
