// SPDX-License-Identifier: Apache-2.0
// How people came: the flow to the conversion, the most frequent sequences, how long and how many
// touches it took, and who assisted.

import { horizontalBars } from "../charts/bars.ts";
import { flow, flowLines, type FlowLine } from "../charts/flow.ts";
import { card, channel, channelPath, credited, empty, fileName, fillIn, flushCard, kindSwitch, nounOf, report, title, topOf, type Context } from "../context.ts";
import { h, replace } from "../dom.ts";
import { count, credits, days, percent, ratio, span, word } from "../format.ts";
import type { Assists, PathLength, Paths, SelfReported, TimeLag } from "../reports.ts";
import { offerCurrencies } from "../shell.ts";
import { amount, asTable, currencyColumn, exportButton, figure, table, type Column } from "../table.ts";

const FLOW_PATHS = 200, SHOWN_PATHS = 25;

type LagBucket = TimeLag["buckets"][number];
export function lagLabel(bucket: LagBucket): string {
  if (bucket.to_days === null || bucket.to_days === undefined || bucket.to_days > 3650) return `${bucket.from_days}+`;
  return bucket.from_days === bucket.to_days ? String(bucket.from_days) : `${bucket.from_days}–${bucket.to_days}`;
}

const revenue = <Row extends { revenue_minor: number }>(context: Context): Column<Row>[] => (context.isMoney ? [amount("Revenue", (row) => row.revenue_minor, context.currency), currencyColumn(context.currency)] : []);

const gained = <Row extends { conversions: number | string; revenue_minor: number }>(context: Context): Column<Row>[] => [figure("Conversions", (row) => row.conversions), ...revenue<Row>(context)];

const touchesLabel = (bucket: PathLength["buckets"][number]): string => `${bucket.touches}${bucket.and_more ? "+" : ""}`;

type Said = SelfReported["items"][number];
interface Answer {
  text: string;
  conversions: number;
  revenue_minor: number;
  measured: Said[]; // the channels of the same conversions, most first
}
// A line an answer: what was measured beside it is a list of its own.
export function answersOf(items: readonly Said[]): Answer[] {
  const answers = new Map<string, Answer>();
  for (const item of items) {
    const answer = answers.get(item.self_reported) ?? { text: item.self_reported, conversions: 0, revenue_minor: 0, measured: [] };
    answer.conversions += Number(item.conversions);
    answer.revenue_minor += item.revenue_minor;
    answer.measured.push(item);
    answers.set(item.self_reported, answer);
  }
  for (const { measured } of answers.values()) measured.sort((a, b) => Number(b.conversions) - Number(a.conversions));
  return [...answers.values()];
}

// What buyers said, beside what was measured for the same orders.
function said(context: Context, data: SelfReported): HTMLElement | null {
  if (data.items.length === 0) return null;
  const caption = "“How did you hear about us?”";
  const singly: Column<Said>[] = [
    { title: "Answer", show: (row) => row.self_reported, value: (row) => row.self_reported },
    { title: "Measured channel", show: (row) => channel(row.channel), value: (row) => word(row.channel) },
    figure("Conversions", (row) => row.conversions, credits),
    ...revenue<Said>(context), ...credited<Said>(context),
  ];
  const columnsOf: Column<Answer>[] = [
    { title: "Answer", show: (row) => row.text, value: (row) => row.text },
    figure("Conversions", (row) => row.conversions, credits),
    ...revenue<Answer>(context),
    { title: "Measured as", wrap: true, show: (row) => h("ul", { class: "measured" }, ...row.measured.map((item) => h("li", {}, channel(item.channel), ` ${credits(item.conversions)}`))), value: (row) => word(row.measured[0]?.channel ?? "") },
  ];
  return flushCard(caption, exportButton({ caption, columns: singly, rows: data.items, file: fileName(context, "self-reported", context.model) }), table({ caption, columns: columnsOf, rows: answersOf(data.items), stacks: true, sort: { column: 1, ascending: false } }));
}

const counts = <Bucket extends { conversions: number | string }>(buckets: Bucket[], label: (bucket: Bucket) => string): HTMLElement => horizontalBars(buckets.map((bucket) => ({ name: label(bucket), value: Number(bucket.conversions), text: count(bucket.conversions) })));

function lengths(context: Context, lag: TimeLag, length: PathLength): HTMLElement {
  const lagTitle = "Days from the first touch to the conversion", lengthTitle = "Touches before the conversion";
  return h("div", { class: "columns" },
    card("Time to convert", `days from first touch to ${nounOf(context)}`, counts(lag.buckets, lagLabel),
      asTable({ caption: lagTitle, rows: lag.buckets, file: fileName(context, "time-lag"), columns: [{ title: "Days", show: lagLabel, value: lagLabel }, ...gained<LagBucket>(context)] })),
    card("Path length", `touches before the ${nounOf(context)}`, counts(length.buckets, touchesLabel),
      asTable({ caption: lengthTitle, rows: length.buckets, file: fileName(context, "path-length"), columns: [{ title: "Touches", show: touchesLabel, value: touchesLabel }, ...gained<PathLength["buckets"][number]>(context)] })));
}

function assists(context: Context, data: Assists): HTMLElement {
  const caption = "Assists";
  const columnsOf: Column<Assists["items"][number]>[] = [
    { title: "Channel", show: (row) => channel(row.channel), value: (row) => word(row.channel) },
    figure("First", (row) => row.first, count, { tip: "Journeys that this channel began" }),
    figure("Assisted", (row) => row.assisted, count, { tip: "Journeys that it was part of without being the last touch" }),
    figure("Last", (row) => row.last, count, { tip: "Journeys that it closed" }),
    figure("Assists per close", (row) => row.assist_ratio, ratio, { tip: "Above 1 it helps more than it closes" }),
    ...(context.isMoney ? [amount<Assists["items"][number]>("Assisted revenue", (row) => row.revenue_assisted_minor, context.currency), currencyColumn<Assists["items"][number]>(context.currency)] : []),
  ];
  return flushCard(caption, exportButton({ caption, columns: columnsOf, rows: data.items, file: fileName(context, "assists") }), table({ caption, columns: columnsOf, rows: data.items, sort: { column: 2, ascending: false } }));
}

export function paths(root: HTMLElement, context: Context): void {
  const body = h("div", { class: "stack" });
  replace(root, title("Paths", `Channels on the way to ${context.isMoney ? "an order" : `a ${nounOf(context)}`}, ${span(context.range.from, context.range.to)}.`, kindSwitch(context)), body);
  void fillIn(body, context, async () => {
    const [data, lag, length, helped, answers] = await Promise.all([report<Paths>(context, "paths", { limit: FLOW_PATHS }), report<TimeLag>(context, "time-lag"), report<PathLength>(context, "path-length"), report<Assists>(context, "assists"), report<SelfReported>(context, "self-reported")]);
    offerCurrencies(context, data.currencies);
    if (data.items.length === 0) return h("div", { class: "card" }, empty("No journey ended in these days", `A path appears as soon as ${context.isMoney ? "an order" : `a ${nounOf(context)}`} can be matched to the visits before it.`, h("a", { class: "button", href: context.link("install") }, "See what is missing")));
    const caption = "Most frequent sequences";
    const columnsOf: Column<Paths["items"][number]>[] = [
      { title: "Path", show: (row) => channelPath(row.path), value: (row) => row.path.join(" > "), wrap: true },
      figure("Conversions", (row) => row.conversions),
      figure("Share", (row) => row.share, percent),
      ...revenue<Paths["items"][number]>(context),
      figure("Time to convert", (row) => row.average_days_to_convert, days),
    ];
    const shown = data.items.slice(0, SHOWN_PATHS), top = topOf(data.items, FLOW_PATHS);
    const sum = (rows: Paths["items"]): string => count(rows.reduce((all, row) => all + Number(row.conversions), 0));
    const [drawn, unknown] = [data.items.filter((row) => row.path.length > 0), data.items.filter((row) => row.path.length === 0)];
    const journeys = drawn.map((row) => ({ path: row.path, weight: Number(row.conversions) }));
    const picture = h("div", { class: "wide", tabindex: 0, role: "region", "aria-label": "Flow" }, flow(journeys, "How journeys flow to the conversion; the numbers are in the table below"));
    const flowColumns: Column<FlowLine>[] = [
      { title: "Step", show: (row) => row.step, value: (row) => row.step }, { title: "From", show: (row) => row.from, value: (row) => row.from }, { title: "To", show: (row) => row.to, value: (row) => row.to }, figure("Conversions", (row) => row.weight),
    ];
    requestAnimationFrame(() => (picture.scrollLeft = picture.scrollWidth)); // where it is cut, the conversion is in sight
    return [
      card("Flow", `${sum(drawn)} of ${count(data.total_conversions)} conversions${unknown.length > 0 ? `; no visit is known of ${sum(unknown)}` : ""}. Bands are as wide as what went that way`, picture, asTable({ caption: "Flow by step", columns: flowColumns, rows: flowLines(journeys), file: fileName(context, "flow", top) })),
      flushCard(caption, exportButton({ caption, columns: columnsOf, rows: data.items, file: fileName(context, "paths", top) }), table({ caption, columns: columnsOf, rows: shown, stacks: true, sort: { column: 1, ascending: false } })),
      lengths(context, lag, length),
      assists(context, helped),
      said(context, answers),
    ];
  });
}
