// SPDX-License-Identifier: Apache-2.0
// Down from channel to source, campaign, content and landing page; the way back is the breadcrumb.

import { dataDrivenNote, fillIn, intervals, kindSwitch, report, segments, title, type Context } from "../context.ts";
import { h, replace } from "../dom.ts";
import { modelName, span, word } from "../format.ts";
import type { ChannelRow, Channels } from "../reports.ts";
import { offerCurrencies } from "../shell.ts";
import { channelTable, MOST_LINES, type Level } from "./channel_table.ts";
import { costs } from "./costs.ts";

const LEVELS: { group: string; level: Level; name: string }[] = [
  { group: "channel", level: "channel", name: "Channels" }, { group: "source", level: "source", name: "Sources" }, { group: "campaign", level: "campaign", name: "Campaigns" },
  { group: "content", level: "content", name: "Contents" }, { group: "landing", level: "landing_path", name: "Landing pages" },
];
const FILTERS = ["channel", "source", "campaign", "content"];

export function campaigns(root: HTMLElement, context: Context): void {
  const { query } = context.state;
  const chosen = FILTERS.filter((name) => query.has(name));
  const natural = LEVELS[Math.min(chosen.length > 0 ? FILTERS.indexOf(chosen[chosen.length - 1] as string) + 1 : 0, LEVELS.length - 1)]!;
  const level = LEVELS.find((entry) => entry.group === query.get("by")) ?? natural;
  const none = (from: number): Record<string, null> => Object.fromEntries([...FILTERS.slice(from), "by"].map((name) => [name, null]));

  const crumbs = h("nav", { "aria-label": "Where you are" }, h("ol", { class: "crumbs" },
    h("li", {}, chosen.length === 0 ? "All channels" : h("a", { href: context.link("campaigns", "", none(0), true) }, "All channels")),
    ...chosen.map((name, index) => {
      const value = query.get(name) ?? "";
      const text = name === "channel" ? word(value) : value || "(none)";
      return h("li", {}, index === chosen.length - 1 ? h("span", { "aria-current": "location" }, text) : h("a", { href: context.link("campaigns", "", none(FILTERS.indexOf(name) + 1), true) }, text));
    })));
  const pick = segments("Group by", LEVELS.map((entry) => [entry.group, entry.name]), level.group, (group) => context.change({ by: group === natural.group ? null : group }));
  const body = h("section", { class: "card flush", "aria-label": level.name });
  const load = (): void => void fillIn(body, context, async () => {
    const filters = Object.fromEntries(chosen.map((name) => [name, query.get(name) ?? ""]));
    const rows = await report<Channels>(context, "by-channel", { groupBy: level.group, compare: context.compares ? "previous" : null, ...intervals(context), limit: MOST_LINES, ...filters });
    offerCurrencies(context, rows.currencies);
    const down = (row: ChannelRow): string => context.link("campaigns", "", { channel: row.channel, ...Object.fromEntries(LEVELS.slice(1, LEVELS.indexOf(level) + 1).map((entry) => [entry.group, String(row[entry.level] ?? "")])), by: null }, true);
    return channelTable(context, rows, { heading: level.name, name: level.level, link: level.group === "landing" ? null : down, filters });
  });
  replace(root, title("Campaigns", `${span(context.range.from, context.range.to)}, ${modelName(context.model)}`, kindSwitch(context), pick), crumbs, dataDrivenNote(context.model), body, costs(context, load));
  load();
}
