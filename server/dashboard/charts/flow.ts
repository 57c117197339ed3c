// SPDX-License-Identifier: Apache-2.0
// How journeys flow to the conversion: the last touches right-aligned at it, one column a step, bands as
// wide as the conversions that went that way. Journeys longer than the columns begin with "earlier".

import { s } from "../dom.ts";
import { count, word } from "../format.ts";

export interface Journey {
  path: string[];
  weight: number;
}
export interface FlowNode {
  column: number;
  channel: string;
  weight: number;
  y: number;
  height: number;
}
export interface FlowLink {
  from: FlowNode;
  to: FlowNode;
  weight: number;
  y0: number;
  y1: number;
  height: number;
}

export const CONVERSION = "conversion";
export const EARLIER = "earlier";

// Places nodes and links in a box of that height. `steps`: columns of touches before the conversion.
export function layout(journeys: Journey[], steps: number, height: number, gap = 8): { nodes: FlowNode[]; links: FlowLink[] } {
  const nodes = new Map<string, FlowNode>();
  const weights = new Map<string, number>();
  const node = (column: number, channel: string): string => {
    const key = `${column} ${channel}`;
    if (!nodes.has(key)) nodes.set(key, { column, channel, weight: 0, y: 0, height: 0 });
    return key;
  };
  for (const { path, weight } of journeys) {
    if (path.length === 0 || !(weight > 0)) continue;
    const kept = path.length > steps ? [EARLIER, ...path.slice(path.length - steps + 1)] : path;
    const keys = kept.map((channel, index) => node(steps - kept.length + index, channel));
    keys.push(node(steps, CONVERSION));
    keys.forEach((key, index) => {
      nodes.get(key)!.weight += weight;
      const next = keys[index + 1];
      if (next) weights.set(`${key}|${next}`, (weights.get(`${key}|${next}`) ?? 0) + weight);
    });
  }
  const columns = Array.from({ length: steps + 1 }, (_, column) =>
    [...nodes.values()].filter((entry) => entry.column === column).sort((a, b) => b.weight - a.weight || a.channel.localeCompare(b.channel)));
  const scale = Math.min(...columns.filter((column) => column.length > 0).map((column) =>
    Math.max(0, height - gap * (column.length - 1)) / column.reduce((sum, entry) => sum + entry.weight, 0)));
  for (const column of columns) {
    const total = column.reduce((sum, entry) => sum + entry.weight * scale, 0) + gap * Math.max(0, column.length - 1);
    let y = (height - total) / 2;
    for (const entry of column) {
      entry.y = y;
      entry.height = entry.weight * scale;
      y += entry.height + gap;
    }
  }
  const links = [...weights].map(([key, weight]) => {
    const [from = "", to = ""] = key.split("|");
    return { from: nodes.get(from)!, to: nodes.get(to)!, weight, y0: 0, y1: 0, height: weight * scale };
  });
  const used = new Map<FlowNode, [number, number]>();
  links.sort((a, b) => a.from.column - b.from.column || a.from.y - b.from.y || a.to.y - b.to.y);
  for (const link of links) {
    const out = used.get(link.from) ?? [0, 0];
    link.y0 = link.from.y + out[0];
    used.set(link.from, [out[0] + link.height, out[1]]);
  }
  for (const link of [...links].sort((a, b) => a.to.column - b.to.column || a.to.y - b.to.y || a.from.y - b.from.y)) {
    const into = used.get(link.to) ?? [0, 0];
    link.y1 = link.to.y + into[1];
    used.set(link.to, [into[0], into[1] + link.height]);
  }
  return { nodes: [...nodes.values()], links };
}

const STEPS = 4;
const nameOf = (channel: string): string => (channel === EARLIER ? "Earlier touches" : channel === CONVERSION ? "Conversion" : word(channel));
const stepName = (column: number, steps: number): string => (column === steps - 1 ? "last touch" : `${steps - column}${["", "", "nd", "rd"][steps - column] ?? "th"} last`);

// The bands as lines of a table, in the order of the picture.
export interface FlowLine {
  step: string; // that it leaves
  from: string;
  to: string;
  weight: number;
}
export function flowLines(journeys: Journey[], steps = STEPS): FlowLine[] {
  return layout(journeys, steps, 1000, 0).links.sort((a, b) => a.from.column - b.from.column || b.weight - a.weight)
    .map(({ from, to, weight }) => ({ step: stepName(from.column, steps), from: nameOf(from.channel), to: nameOf(to.channel), weight }));
}

export function flow(journeys: Journey[], title: string, steps = STEPS): SVGElement {
  const width = 1000, height = 380, bar = 10;
  const { nodes, links } = layout(journeys, steps, height - 30);
  const x = (column: number): number => (column * (width - 150)) / steps;
  const band = (link: FlowLink): string => {
    const x0 = x(link.from.column) + bar, x1 = x(link.to.column), middle = (x0 + x1) / 2;
    const [a, b] = [link.y0 + 20, link.y1 + 20];
    return `M${x0} ${a}C${middle} ${a} ${middle} ${b} ${x1} ${b}v${link.height}C${middle} ${b + link.height} ${middle} ${a + link.height} ${x0} ${a + link.height}Z`;
  };
  return s("svg", { class: "chart flow", viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": title },
    ...Array.from({ length: steps }, (_, column) => s("text", { class: "quiet", x: x(column), y: 11 }, stepName(column, steps))),
    ...links.map((link) => s("path", { class: `link ch ch-${link.from.channel}`, d: band(link) }, s("title", {}, `${nameOf(link.from.channel)} → ${nameOf(link.to.channel)}: ${count(link.weight)}`))),
    ...nodes.map((entry) => s("rect", { class: `fill ch ch-${entry.channel}`, x: x(entry.column), y: entry.y + 20, width: bar, height: Math.max(1, entry.height), rx: 2 }, s("title", {}, `${nameOf(entry.channel)}: ${count(entry.weight)}`))),
    ...nodes.filter((entry) => entry.height > 11).map((entry) => s("text", { x: x(entry.column) + bar + 6, y: entry.y + entry.height / 2 + 24 }, nameOf(entry.channel), s("tspan", { class: "quiet" }, ` ${count(entry.weight)}`))));
}
