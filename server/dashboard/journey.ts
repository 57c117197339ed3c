// SPDX-License-Identifier: Apache-2.0
// A journey as a line of knots: touches, what the visitor did, what was paid, what was sent on.

import { h, type Child } from "./dom.ts";
import { readable, time, word } from "./format.ts";

export interface Touch {
  id: string;
  t: number | string;
  kind?: "click" | "view"; // an ad clicked (or any other arrival), or seen only
  channel: string;
  source: string;
  medium: string;
  campaign: string;
  term: string;
  content: string;
  click_ids: Record<string, string> | null;
  landing_path: string;
  referrer_domain: string;
}

export interface Knot {
  at: number | string;
  what: Child;
  detail?: Child;
  side?: Child;
  className?: string; // ch ch-… for the colour; minor, end, out
}

export function touchKnot(touch: Touch): Knot {
  const parts = [touch.source, touch.medium, touch.campaign, touch.content].filter(Boolean).join(" · ");
  const clicks = Object.keys(touch.click_ids ?? {}).join(", ");
  const detail = [parts, readable(touch.landing_path), touch.referrer_domain && `from ${touch.referrer_domain}`, clicks].filter(Boolean).join("  ·  ");
  const what = touch.kind === "view" ? h("span", {}, word(touch.channel), " ", h("span", { class: "chip", title: "An ad that was seen and not clicked; it counts within the view window" }, "Seen")) : word(touch.channel);
  return { at: touch.t, what, detail, className: `ch ch-${touch.channel}` };
}

export function journey(knots: Knot[], zone: string, label: string): HTMLElement {
  return h("ol", { class: "journey", "aria-label": label }, ...knots.map((knot) =>
    h("li", { class: knot.className ?? "" }, h("span", { class: "knot", "aria-hidden": "true" }),
      h("div", {}, h("b", {}, knot.what), knot.detail ? h("div", { class: "small quiet" }, knot.detail) : null),
      h("div", { class: "n" }, h("time", {}, time(knot.at, zone, true)), knot.side ? h("div", { class: "small" }, knot.side) : null))));
}
