// SPDX-License-Identifier: Apache-2.0
// What each channel (or source, campaign, …) brought and cost. Used by the overview and by campaigns.

import { rangedBar, thinBar } from "../charts/bars.ts";
import { channel, empty, type Context } from "../context.ts";
import { h, type Child } from "../dom.ts";
import { change, count, credits, money, percent, ratio, word } from "../format.ts";
import type { ChannelRow, Channels } from "../reports.ts";
import { amount, currencyColumn, exportButton, figure, table, type Column } from "../table.ts";
import { changeSign } from "./overview.ts";

export type Level = "channel" | "source" | "campaign" | "content" | "landing_path";
export interface ChannelTableOptions {
  heading: string;
  name: Level;
  link: ((row: ChannelRow) => string) | null;
}

export function labelOf(row: ChannelRow, level: Level): string {
  return (level === "channel" ? word(row.channel) : row[level]) || "(none)";
}

function first(row: ChannelRow, options: ChannelTableOptions): Child {
  const shown = options.name === "channel" ? channel(row.channel) : h("span", { class: "cut", title: labelOf(row, options.name) }, labelOf(row, options.name));
  const isEnd = row.channel === "unattributed" && options.name === "channel";
  return options.link && !isEnd ? h("a", { href: options.link(row) }, shown) : shown;
}

export function channelTable(context: Context, data: Channels, options: ChannelTableOptions): Child[] {
  if (data.items.length === 0)
    return [h("header", {}, h("h2", {}, options.heading)), empty("Nothing here in these days", "Choose other days, or tag your links with utm_source, utm_medium and utm_campaign so that visits can be told apart.")];
  const cash = (minor: number | null | undefined, short = false): string => money(minor, context.currency, short);
  const most = Math.max(0, ...data.items.map((row) => row.interval?.high_minor ?? row.revenue_minor));
  const bar = (row: ChannelRow): Child => {
    if (!row.interval || row.interval.high_minor <= 0) return thinBar(row.revenue_minor, most, `ch ch-${row.channel}`);
    const { low_minor: low, high_minor: high } = row.interval;
    return h("span", { class: "bar-holder", title: `95 % range: ${cash(low)} to ${cash(high)}` }, rangedBar(row.revenue_minor, { low, high }, most, `ch ch-${row.channel}`));
  };
  const hasBefore = data.items.some((row) => row.previous?.revenue_minor);
  const hasInterval = data.items.some((row) => row.interval);
  const rateOf = (row: ChannelRow): number | null => change(row.revenue_minor, row.previous?.revenue_minor);
  const columns: Column<ChannelRow>[] = [
    { title: options.heading, show: (row) => first(row, options), value: (row) => labelOf(row, options.name) },
    amount("Revenue", (row) => row.revenue_minor, context.currency, { show: (row) => h("span", { class: "cell-bar" }, h("span", {}, cash(row.revenue_minor)), bar(row)) }),
    ...(hasBefore ? [figure("Change", rateOf, changeSign, { tip: "Revenue against the period before" })] : []),
    figure("Conversions", (row) => row.conversions, credits, { tip: "Orders credited under the chosen model; a share of an order counts as its part" }),
    figure("Visits", (row) => row.visits),
    ...(hasInterval ? [
      amount<ChannelRow>("Revenue, 95 % low", (row) => row.interval?.low_minor, context.currency, { isFileOnly: true }),
      amount<ChannelRow>("Revenue, 95 % high", (row) => row.interval?.high_minor, context.currency, { isFileOnly: true }),
    ] : []),
    figure("Conv. rate", (row) => row.conversion_rate, (rate) => percent(rate, 2)),
    amount("Average order", (row) => row.average_order_value_minor, context.currency),
    amount("Cost", (row) => row.cost_minor, context.currency),
    figure("ROAS", (row) => row.roas, ratio, { tip: "Revenue for each unit of cost" }),
    amount("CPA", (row) => row.cpa_minor, context.currency, { tip: "Cost per conversion" }),
    currencyColumn(context.currency),
  ];
  const totals = data.totals;
  const foot: Child[] = ["Total", cash(totals.revenue_minor), ...(hasBefore ? [""] : []), credits(totals.conversions), count(totals.visits), percent(totals.conversion_rate, 2), cash(totals.average_order_value_minor), cash(totals.cost_minor), ratio(totals.roas), cash(totals.cpa_minor)];
  const caption = `${options.heading}, ${context.range.from} to ${context.range.to}`;
  const file = `throughline-${options.name}-${context.range.from}-${context.range.to}`;
  return [
    h("header", {}, h("h2", {}, options.heading), h("div", { class: "table-tools" }, exportButton({ caption, columns, rows: data.items, file }))),
    table({ caption, columns, rows: data.items, foot, file, sort: { column: 1, ascending: false } }),
    hasInterval ? h("p", { class: "small quiet" }, "The whisker on a bar spans the 95 % range: how far its revenue could be chance (bootstrap over conversions).") : null,
  ];
}
