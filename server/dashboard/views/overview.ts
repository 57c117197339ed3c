// SPDX-License-Identifier: Apache-2.0
// The six figures that matter, revenue over time, and what each channel earned and cost.

import { sparkColumns, sparkline, sparkShare, thinned } from "../charts/sparkline.ts";
import { timeSeries } from "../charts/time_series.ts";
import { card, dataDrivenNote, empty, fileName, fillIn, intervals, kindSwitch, notesOf, nounOf, report, segments, title, type Context } from "../context.ts";
import { h, replace, type Child } from "../dom.ts";
import { change, count, day, days, modelName, money, percent, ratio, signed, span, word } from "../format.ts";
import { dayCount, previous } from "../ranges.ts";
import type { Channels, DayRow, Overview, TimeLag, TimeSeries } from "../reports.ts";
import { offerCurrencies } from "../shell.ts";
import { amount, asTable, currencyColumn, figure } from "../table.ts";
import { channelTable } from "./channel_table.ts";

// Up is good unless told otherwise; the words say so too, not the colour alone.
export function changeSign(rate: number | null, isGoodUp = true): HTMLElement {
  const isFlat = rate === null || Math.abs(rate) < 0.0005;
  const tone = isFlat ? "same" : rate > 0 === isGoodUp ? "up" : "down";
  return h("span", { class: `change ${tone}` }, isFlat ? "" : rate > 0 ? "▲ " : "▼ ", signed(rate));
}

const LONG = 11; // characters of a value from which six cards in a row become narrow for it

// A value is set in the size in which all of it fits its card.
function tile(name: string, value: string, against: Child, spark: Child): HTMLElement {
  const shown = h("dd", { class: "value" }, value);
  shown.style.setProperty("--characters", String(value.length));
  return h("div", { class: value.length > LONG ? "long" : null }, h("dt", {}, name), shown, h("dd", { class: "against" }, against), h("dd", {}, spark));
}

function figures(context: Context, now: Overview, series: TimeSeries, lag: TimeLag | null, paid: HTMLElement): HTMLElement {
  // Nothing at all before is no comparison.
  const before = context.compares && now.previous && (now.previous.visits > 0 || now.previous.orders > 0) ? now.previous : undefined;
  const cash = (minor: number | null | undefined): string => money(minor, context.currency, true);
  const daily = (read: (row: DayRow) => number): Child => sparkline(thinned(series.items.map(read), 60));
  const against = (key: "revenue_minor" | "orders" | "leads" | "visits" | "conversion_rate" | "roas" | "cpa_minor" | "average_days_to_convert", show: (value: number | null) => string, isGoodUp = true): Child =>
    before ? h("span", { title: "Against the period before" }, changeSign(change(now[key], before[key]), isGoodUp), ` was ${show(before[key])}`) : "";
  const points = before && now.attributed_share !== null && before.attributed_share !== null ? (now.attributed_share - before.attributed_share) * 100 : null;
  const convert = tile("Time to convert", days(now.average_days_to_convert), against("average_days_to_convert", days, false), lag ? sparkColumns(lag.buckets.map((bucket) => Number(bucket.conversions))) : null);
  const share = tile("Attributed", percent(now.attributed_share), points === null ? "" : h("span", {}, h("span", { class: `change ${points > 0.05 ? "up" : points < -0.05 ? "down" : "same"}` }, `${points >= 0 ? "+" : "−"}${Math.abs(points).toFixed(1)} points`), ` of ${nounOf(context)}s`), sparkShare(now.attributed_share));
  if (!context.isMoney)
    return h("dl", { class: "figures" },
      tile(`${word(context.kind)}s`, count(now.orders), against("orders", count), daily((row) => row.orders)),
      tile("Visits", count(now.visits), against("visits", count), daily((row) => row.visits)),
      tile("Conversion rate", percent(now.conversion_rate, 2), against("conversion_rate", (value) => percent(value, 2)), null),
      share, convert, tile(`Blended cost per ${nounOf(context)}`, cash(now.cpa_minor), against("cpa_minor", cash, false), paid));
  return h("dl", { class: "figures" },
    tile("Revenue", cash(now.revenue_minor), against("revenue_minor", cash), daily((row) => row.revenue_minor)),
    tile("Orders", count(now.orders), against("orders", count), daily((row) => row.orders)),
    tile("Leads", count(now.leads), against("leads", count), daily((row) => row.leads)),
    share, convert, tile("Blended ROAS", ratio(now.roas), against("roas", ratio), paid));
}

const MEASURES: [keyof DayRow & ("revenue_minor" | "orders" | "leads" | "visits" | "cost_minor"), string][] = [["revenue_minor", "Revenue"], ["orders", "Orders"], ["leads", "Leads"], ["visits", "Visits"], ["cost_minor", "Cost"]];

const LONGEST_BY_DAY = 120;

// Long ranges are told by week: days would be noise. Each sum is named by its first day. Weeks are counted
// back from the last day; the days before the first whole one are left out, they would look like a fall.
export function summed(rows: readonly DayRow[], size: number): DayRow[] {
  const sums: DayRow[] = [];
  rows.slice(rows.length % size).forEach((row, index) => {
    const last = sums[sums.length - 1];
    if (!last || index % size === 0) return void sums.push({ ...row });
    for (const [key] of MEASURES) last[key] = last[key] === null && row[key] === null ? (null as never) : (last[key] ?? 0) + (row[key] ?? 0);
  });
  return sums;
}

function overTime(context: Context, daysNow: TimeSeries, daysBefore: TimeSeries | null): HTMLElement {
  const size = daysNow.items.length > LONGEST_BY_DAY ? 7 : 1;
  const now = summed(daysNow.items, size);
  const hasBefore = daysBefore?.items.some((row) => row.visits > 0 || row.orders > 0) ?? false;
  const before = hasBefore && daysBefore ? summed(daysBefore.items, size) : null;
  const measures = context.isMoney ? MEASURES : MEASURES.filter(([key]) => key !== "revenue_minor" && key !== "leads").map(([key, name]) => [key, key === "orders" ? `${word(context.kind)}s` : name] as const);
  const wanted = measures.find(([key]) => key === context.state.query.get("measure")) ?? measures[0]!;
  const isMoney = wanted[0].endsWith("_minor");
  const format = (value: number): string => (isMoney ? money(value, context.currency, true) : count(value, 1));
  const pick = segments("Measure", measures, wanted[0], (key) => context.change({ measure: key === measures[0]?.[0] ? null : key }));
  const points = now.map((row, index) => ({ name: day(row.day, false), value: row[wanted[0]], before: before?.[index]?.[wanted[0]] ?? null }));
  const { plot, readout } = timeSeries(`${wanted[1]} by ${size === 1 ? "day" : "week"}; the numbers are in the table below`, points, format, (value) => (isMoney ? money(value, context.currency, false, 0) : count(value, 1)));
  return card(`${wanted[1]} by ${size === 1 ? "day" : "week"}`, pick, plot,
    h("div", { class: "plot-foot" }, h("ul", { class: "legend" }, h("li", {}, h("span", { class: "solid" }), span(now[0]?.day ?? context.range.from, context.range.to)), before ? h("li", {}, h("span", { class: "dashed" }), span(previous(context.range).from, previous(context.range).to)) : null), readout),
    asTable({
      caption: "By day", file: fileName(context, "days"), rows: daysNow.items, sort: { column: 0, ascending: false },
      columns: [
        { title: "Day", show: (row) => day(row.day), value: (row) => row.day },
        ...measures.map(([key, name]) => (key.endsWith("_minor") ? amount<DayRow>(name, (row) => row[key], context.currency) : figure<DayRow>(name, (row) => row[key]))),
        currencyColumn(context.currency), ...notesOf<DayRow>([context.model]),
      ],
    }));
}

// What is missing from every share on the page, said once.
function missing(context: Context, now: Overview): Child[] {
  const { suppressed, unmeasurable_share } = now;
  const noun = suppressed === 1 ? nounOf(context) : `${nounOf(context)}s`;
  const worth = context.isMoney ? `, ${money(now.suppressed_minor, context.currency)},` : "";
  return [
    suppressed ? h("p", { class: "note calm" }, h("b", {}, `${count(suppressed)} later ${noun}${worth} ${suppressed === 1 ? "is" : "are"} credited to nobody. `), `The site's repeat rule is first_only: a person's first ${nounOf(context)} alone has a path. The others count above and, as not credited, in the total of the table.`) : null,
    unmeasurable_share ? unmeasurable(unmeasurable_share) : null,
  ];
}

function unmeasurable(share: number): HTMLElement {
  return h("p", { class: "note calm" }, h("b", {}, `${share < 0.001 ? `Less than ${percent(0.001)}` : percent(share)} of the revenue cannot be measured. `), "Its buyers refused consent, came by a browser that nobody saw, or paid long after their visit; no model can tell where they came from, so their orders stand under Unattributed.");
}

export function overview(root: HTMLElement, context: Context): void {
  const body = h("div", { class: "card flush" });
  const top = h("div");
  replace(root, title("Overview", `${span(context.range.from, context.range.to)}, ${modelName(context.model)}`, kindSwitch(context)), dataDrivenNote(context.model), top, body);
  const compare = context.compares ? "previous" : null;
  const paid = h("span", { class: "small quiet" });
  void fillIn(top, context, async () => {
    const beforeRange = previous(context.range);
    const [now, series, before, lag] = await Promise.all([
      report<Overview>(context, "summary", { compare }), report<TimeSeries>(context, "time-series"),
      context.compares ? report<TimeSeries>(context, "time-series", { startDate: beforeRange.from, endDate: beforeRange.to }) : null, report<TimeLag>(context, "time-lag").catch(() => null),
    ]);
    offerCurrencies(context, now.currencies);
    if (!now.visits && !now.orders && !now.leads)
      return h("div", { class: "card" }, empty("Nothing in these days yet", "Put the snippet into your pages and point your payment provider's webhook here, or choose other days.", h("a", { class: "button main-button", href: context.link("install") }, "Install"), h("a", { class: "button", href: context.link("overview", "", { range: "365d", from: null, to: null }) }, "Last 365 days")));
    const isAlone = context.compares && !now.previous?.visits && !now.previous?.orders;
    const parts = h("div", { class: "stack" }, figures(context, now, series, lag, paid), isAlone ? h("p", { class: "small quiet" }, `Nothing is known of the ${count(dayCount(context.range))} days before, so nothing is compared.`) : null, ...missing(context, now), overTime(context, series, before));
    return parts;
  });
  void fillIn(body, context, async () => {
    const rows = await report<Channels>(context, "channels", { compare, ...intervals(context) });
    const costly = rows.with_cost;
    if (!costly) replace(paid, h("a", { href: context.link("campaigns") }, "Import what the ads cost"));
    else paid.textContent = `Channels with cost: ${context.isMoney ? ratio(costly.roas) : money(costly.cpa_minor, context.currency)}`;
    return channelTable(context, rows, { heading: "Channels", link: (row) => context.link("campaigns", "", { channel: row.channel }), name: "channel" });
  });
}

