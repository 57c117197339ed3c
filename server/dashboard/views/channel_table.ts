// SPDX-License-Identifier: Apache-2.0
// What each channel (or source, campaign, …) brought and cost. Used by the overview and by campaigns.

import { rangedBar, thinBar } from "../charts/bars.ts";
import { channel, credited, empty, fileName, nounOf, topOf, type Context } from "../context.ts";
import { h, type Child } from "../dom.ts";
import { change, count, credits, money, percent, ratio, readable, word } from "../format.ts";
import type { ChannelRow, Channels, Sum } from "../reports.ts";
import { amount, currencyColumn, exportButton, figure, fileOnly, table, type Column } from "../table.ts";
import { changeSign } from "./overview.ts";

export type Level = "channel" | "source" | "campaign" | "content" | "landing_path";
export interface ChannelTableOptions {
  heading: string;
  name: Level;
  link: ((row: ChannelRow) => string) | null;
  filters?: Record<string, string>; // of which only these lines are a part: { channel: "email" }
}

export const MOST_LINES = 500; // that are asked for

function labelOf(row: ChannelRow, level: Level): string {
  return (level === "channel" ? word(row.channel) : (level === "campaign" && row.campaign_name) || row[level]) || "(none)";
}

function first(row: ChannelRow, options: ChannelTableOptions): Child {
  const label = options.name === "landing_path" ? readable(labelOf(row, options.name)) : labelOf(row, options.name);
  const shown = options.name === "channel" ? channel(row.channel) : h("span", { class: "cut", title: row.campaign_name ? `${row.campaign_name}, campaign ${row.campaign}` : label }, label);
  const isEnd = row.channel === "unattributed" && options.name === "channel";
  return options.link && !isEnd ? h("a", { href: options.link(row) }, shown) : shown;
}

export function channelTable(context: Context, data: Channels, options: ChannelTableOptions): Child[] {
  if (data.items.length === 0)
    return [h("header", {}, h("h2", {}, options.heading)), empty("Nothing here in these days", "Choose other days, or tag your links with utm_source, utm_medium and utm_campaign so that visits can be told apart.")];
  const cash = (minor: number | null | undefined, short = false): string => money(minor, context.currency, short);
  const { currency, isMoney } = context, { filters = {} } = options;
  const main = (row: Pick<Sum, "revenue_minor" | "conversions">): number => (isMoney ? row.revenue_minor : Number(row.conversions));
  const most = Math.max(0, ...data.items.map((row) => row.interval?.high_minor ?? main(row)));
  const bar = (row: ChannelRow): Child => {
    if (!row.interval || row.interval.high_minor <= 0) return thinBar(main(row), most, `ch ch-${row.channel}`);
    const { low_minor: low, high_minor: high } = row.interval;
    return h("span", { class: "bar-holder", title: `95 % range: ${cash(low)} to ${cash(high)}` }, rangedBar(row.revenue_minor, { low, high }, most, `ch ch-${row.channel}`));
  };
  const hasBefore = data.items.some((row) => Number(row.previous?.conversions));
  const hasInterval = data.items.some((row) => row.interval);
  const rateOf = (row: ChannelRow): number | null => change(main(row), row.previous && main(row.previous));
  const withBar = (row: ChannelRow, text: string): Child => h("span", { class: "cell-bar" }, h("span", {}, text), bar(row));
  const tip = `${word(nounOf(context))}s credited under the chosen model; a share of one counts as its part`;
  const changed: Column<ChannelRow>[] = hasBefore ? [figure("Change", rateOf, changeSign, { tip: "Against the period before" })] : [];
  const visits = figure<ChannelRow>("Visits", (row) => row.visits), rate = figure<ChannelRow>("Conv. rate", (row) => row.conversion_rate, (value) => percent(value, 2));
  const sum = (title: string, read: (row: ChannelRow) => number | null | undefined, more = {}): Column<ChannelRow> => amount(title, read, currency, more);
  const columns: Column<ChannelRow>[] = [
    { title: options.heading, show: (row) => first(row, options), value: (row) => labelOf(row, options.name) },
    ...(isMoney ? [
      sum("Revenue", (row) => row.revenue_minor, { show: (row: ChannelRow) => withBar(row, cash(row.revenue_minor)) }), ...changed,
      figure<ChannelRow>("Conversions", (row) => row.conversions, credits, { tip }), visits,
      ...(hasInterval ? [sum("Revenue, 95 % low", (row) => row.interval?.low_minor, { isFileOnly: true }), sum("Revenue, 95 % high", (row) => row.interval?.high_minor, { isFileOnly: true })] : []),
      rate, sum("Average order", (row) => row.average_order_value_minor), sum("Cost", (row) => row.cost_minor),
      figure<ChannelRow>("ROAS", (row) => row.roas, ratio, { tip: "Revenue for each unit of cost" }),
      figure<ChannelRow>("ROI", (row) => row.roi, (value) => percent(value, 0), { tip: "What is left of the revenue after the cost, by the cost" }),
    ] : [
      figure<ChannelRow>(`${word(context.kind)}s`, (row) => row.conversions, credits, { tip, show: (row) => withBar(row, credits(row.conversions)) }), ...changed, visits, rate, sum("Cost", (row) => row.cost_minor),
    ]),
    sum("CPA", (row) => row.cpa_minor, { tip: "Cost per conversion" }),
    ...(isMoney ? [sum("CAC", (row) => row.cac_minor, { tip: "Cost per new customer" })] : []),
    currencyColumn(currency), ...Object.entries(filters).map(([name, value]) => fileOnly<ChannelRow>(`Of ${word(name).toLowerCase()}`, () => (name === "channel" ? word(value) : value || "(none)"))), ...credited<ChannelRow>(context),
  ];
  const { totals, with_cost: costly, suppressed, with_suppressed: all } = data;
  const foot = (name: string, row: Sum): Child[] => [name, isMoney ? cash(row.revenue_minor) : credits(row.conversions), ...(hasBefore ? [""] : []), ...(isMoney ? [credits(row.conversions)] : []), count(row.visits), percent(row.conversion_rate, 2), ...(isMoney ? [cash(row.average_order_value_minor)] : []), cash(row.cost_minor), ...(isMoney ? [ratio(row.roas), percent(row.roi, 0)] : []), cash(row.cpa_minor), ...(isMoney ? [cash(row.cac_minor)] : [])];
  const total = totals.cost_minor ? "Total, blended" : "Total";
  const feet = [
    ...(costly ? [foot("With cost", costly)] : []),
    ...(suppressed && all ? [foot("Credited", totals), foot("Not credited", suppressed), foot(total, all)] : [foot(total, totals)]),
  ];
  const hasCostsAbove = totals.cost_minor !== null && (options.name === "content" || options.name === "landing_path");
  const caption = `${options.heading}, ${context.range.from} to ${context.range.to}`;
  const file = fileName(context, options.name, topOf(data.items, MOST_LINES), context.model, ...Object.values(filters));
  return [
    h("header", {}, h("h2", {}, options.heading), h("div", { class: "table-tools" }, exportButton({ caption, columns, rows: data.items, file }))),
    table({ caption, columns, rows: data.items, feet, file, sort: { column: 1, ascending: false } }),
    hasInterval ? h("p", { class: "small quiet" }, "The whisker on a bar spans the 95 % range: how far its revenue could be chance (bootstrap over conversions).") : null,
    hasCostsAbove ? h("p", { class: "small quiet" }, "Costs are told by campaign and stand undivided in the total: below the campaign Cost, ROAS, ROI, CPA and CAC of a line stay empty.") : null,
    totals.cost_minor !== null ? null : h("p", { class: "small quiet" }, "No costs are known of these days: Cost, ROAS, ROI, CPA and CAC stay empty. ", h("a", { href: context.link("campaigns") }, "Import what the ads cost"), "."),
  ];
}
