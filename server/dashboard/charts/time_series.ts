// SPDX-License-Identifier: Apache-2.0
// A day-by-day line with the previous period behind it: uPlot with our colours. Loaded on its own by
// the views that show one. What the pointer is over is read out below the chart.

import uPlot from "uplot";

export interface Series {
  days: string[];
  values: (number | null)[];
  before?: (number | null)[]; // of the previous period, by position
  format: (value: number) => string;
  axis: (value: number) => string; // shorter
  label: (day: string) => string;
}

export function timeSeries(root: HTMLElement, readout: HTMLElement, series: Series): () => void {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string): string => style.getPropertyValue(name).trim();
  const at = series.days.map((day) => Date.parse(`${day}T00:00:00Z`) / 1000);
  const axis = { stroke: colour("--quiet"), font: "12px system-ui, sans-serif", grid: { stroke: colour("--grid"), width: 1 }, ticks: { show: false } };
  const hasBefore = series.before?.some((value) => value !== null) ?? false;
  const chart = new uPlot(
    {
      width: Math.max(200, root.clientWidth), height: root.clientHeight || 256, tzDate: (ts) => uPlot.tzDate(new Date(ts * 1000), "UTC"),
      legend: { show: false }, padding: [8, 6, 0, 0],
      cursor: { points: { size: 7, fill: colour("--accent") }, y: false, drag: { x: false, y: false } },
      scales: { y: { range: (_self, low, high) => [Math.min(0, low ?? 0), high > 0 ? high * 1.08 : 1] } },
      axes: [
        { ...axis, grid: { show: false }, space: 70, values: [[31536000, "{YYYY}", null, null, null, null, null, null, 1], [2419200, "{MMM}", "\n{YYYY}", null, null, null, null, null, 1], [86400, "{D} {MMM}", "\n{YYYY}", null, null, null, null, null, 1]] },
        { ...axis, size: 64, space: 42, values: (_self, splits) => splits.map((value) => series.axis(value)) },
      ],
      series: [
        {},
        { stroke: colour("--quiet"), width: 1.2, dash: [4, 4], points: { show: false } },
        { stroke: colour("--accent"), width: 2, fill: `color-mix(in srgb, ${colour("--accent")} 10%, transparent)`, points: { show: at.length < 15, size: 5 } },
      ],
      hooks: {
        setCursor: [(self) => {
          const index = self.cursor.idx;
          if (index === null || index === undefined) return;
          const value = series.values[index], before = series.before?.[index];
          readout.textContent = `${series.label(series.days[index] ?? "")}: ${value === null || value === undefined ? "–" : series.format(value)}${hasBefore && before !== null && before !== undefined ? ` (previous period ${series.format(before)})` : ""}`;
        }],
      },
    },
    [at, hasBefore ? (series.before ?? []) : at.map(() => null), series.values],
    root,
  );
  const resize = new ResizeObserver(() => {
    if (root.clientWidth > 0) chart.setSize({ width: root.clientWidth, height: root.clientHeight });
  });
  resize.observe(root);
  return () => {
    resize.disconnect();
    chart.destroy();
  };
}
