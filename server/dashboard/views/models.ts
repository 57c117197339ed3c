// SPDX-License-Identifier: Apache-2.0
// Every model beside the others: one small chart each on the same scale, all numbers in one table, and
// one click that makes a model the site's default.

import { send } from "../api.ts";
import { horizontalBars, type Bar } from "../charts/bars.ts";
import { channel, empty, fileName, fillIn, kindSwitch, notesOf, nounOf, report, segments, title, type Context } from "../context.ts";
import { announce, h, replace, type Child } from "../dom.ts";
import { count, isDataDriven, minorDigits, modelName, modelText, money, NONE, NOT_INCREMENTAL, span, word } from "../format.ts";
import type { Comparison } from "../reports.ts";
import { offerCurrencies } from "../shell.ts";
import { amount, currencyColumn, exportButton, figure, table, type Column } from "../table.ts";
import { trained } from "./trained.ts";
import { whatIf } from "./what_if.ts";

type Row = Comparison["items"][number];
type Measure = "revenue_minor" | "conversions";

const PARTICIPATION = "participation";
const MOST_BARS = 9;

// Participation stands apart in the answer: of the paths, and no sum over lines.
export function valueOf(row: Row, model: string, measure: Measure): number {
  return Number((model === PARTICIPATION ? row.participation : row.models[model])?.[measure] ?? 0);
}

// The same lines in every picture: those that some model makes the largest, by the reference. The rest is one bar.
export function drawn(rows: readonly Row[], models: readonly string[], reference: string, measure: Measure): { shown: Row[]; rest: Row[] } {
  const by = (model: string) => (a: Row, b: Row): number => valueOf(b, model, measure) - valueOf(a, model, measure);
  const largest = (row: Row): number => Math.max(...models.map((model) => valueOf(row, model, measure)));
  const ranked = [...rows].sort((a, b) => largest(b) - largest(a));
  const most = ranked.length > MOST_BARS ? MOST_BARS - 1 : MOST_BARS;
  return { shown: ranked.slice(0, most).sort(by(reference)), rest: ranked.slice(most) };
}

export function models(root: HTMLElement, context: Context): void {
  const isRevenue = context.isMoney && context.state.query.get("measure") !== "conversions";
  const measure: Measure = isRevenue ? "revenue_minor" : "conversions";
  const pick = context.isMoney ? segments("Measure", [["revenue", "Revenue"], ["conversions", "Conversions"]], isRevenue ? "revenue" : "conversions", (name) => context.change({ measure: name === "revenue" ? null : name })) : null;
  const body = h("div", { class: "stack" });
  const learned = h("div");
  const panel = h("section", { class: "card" });
  replace(root, title("Models", `The same ${nounOf(context)}s, ${span(context.range.from, context.range.to)}, credited by different rules. The default is what reports show first.`, kindSwitch(context), pick), body, learned, panel);
  void fillIn(learned, context, () => trained(context));
  whatIf(panel, context);

  const makeDefault = async (model: string): Promise<void> => {
    await send("POST", `/api/sites/${encodeURIComponent(context.site.id)}/model`, { model });
    context.site.model = model;
    announce(`${modelName(model)} is now the default`);
    context.change({ model: null });
  };

  // `bars`: all of one form, so that their points stand below each other.
  const picture = (model: string, bars: Bar[], largest: number): HTMLElement => {
    const isDefault = model === context.site.model;
    const button: Child = isDefault ? h("span", { class: "chip good" }, "Default") : context.may("analyst") && model !== PARTICIPATION ? h("button", { type: "button", class: "tiny", "aria-label": `Make default: ${modelName(model)}`, onclick: () => void makeDefault(model) }, "Make default") : null;
    return h("section", { class: `card ${isDefault ? "is-default" : ""}` }, h("header", {}, h("h2", {}, modelName(model)), button), horizontalBars(bars, largest),
      h("p", {}, modelText(model), isDataDriven(model) ? ` ${NOT_INCREMENTAL}` : ""));
  };

  void fillIn(body, context, async () => {
    const data = await report<Comparison>(context, "compare");
    offerCurrencies(context, data.currencies);
    if (data.items.length === 0)
      return h("div", { class: "card" }, empty(`No ${nounOf(context)} to credit in these days`, "Choose other days, or another currency.", h("a", { class: "button", href: context.link("models", "", { range: "365d", from: null, to: null }) }, "Last 365 days")));
    const reference = data.models.includes(context.site.model) ? context.site.model : (data.models[0] ?? "");
    const all = data.items.some((row) => row.participation) ? [...data.models, PARTICIPATION] : data.models;
    const value = (row: Row, model: string): number => valueOf(row, model, measure);
    const { shown, rest } = drawn(data.items, all, reference, measure);
    const sum = (rows: Row[], model: string): number => rows.reduce((total, row) => total + value(row, model), 0);
    const largest = Math.max(0, ...data.models.flatMap((model) => [...shown.map((row) => value(row, model)), sum(rest, model)]));
    const most = Math.max(largest, ...shown.map((row) => value(row, PARTICIPATION)));
    const places = isRevenue && most >= 1000 * 10 ** minorDigits(context.currency) ? 0 : undefined;
    const short = (amount: number): string => (isRevenue ? money(amount, context.currency, false, places) : count(amount, 1, 1));
    const exact = (amount: number): string => (isRevenue ? money(amount, context.currency) : count(amount, 2, 2));
    const bars = (model: string): Bar[] => {
      const list = shown.map((row): Bar => ({ name: channel(row.channel), value: value(row, model), text: short(value(row, model)), className: `ch ch-${row.channel}` }));
      const others = rest.length > 0 && { name: h("span", {}, h("span", { class: "dot ch", "aria-hidden": "true" }), `${rest.length} others`), className: "ch" };
      // Several channels take part in the same order: no sum.
      return [...list, ...(others ? [model === PARTICIPATION ? { ...others, value: 0, text: NONE } : { ...others, value: sum(rest, model), text: short(sum(rest, model)) }] : [])];
    };
    const columns: Column<Row>[] = [
      { title: "Channel", show: (row) => channel(row.channel), value: (row) => word(row.channel) },
      ...all.map((model) => (isRevenue ? amount<Row>(modelName(model), (row) => value(row, model), context.currency) : figure<Row>(modelName(model), (row) => value(row, model), (number) => exact(number ?? 0)))),
      ...(isRevenue ? [currencyColumn<Row>(context.currency)] : []), ...notesOf<Row>(all),
    ];
    const caption = isRevenue ? "Revenue by channel and model" : "Conversions by channel and model";
    const rows = data.items;
    const feet: Child[][] = [["Total", ...all.map((model) => (model === PARTICIPATION ? NONE : exact(sum(rows, model))))]];
    return [
      h("div", { class: "model-grid" }, ...all.map((model) => picture(model, bars(model), model === PARTICIPATION ? most : largest))),
      h("section", { class: "card flush" }, h("header", {}, h("h2", {}, caption), exportButton({ caption, columns, rows, file: fileName(context, "models", isRevenue ? "revenue" : "conversions") })), table({ caption, columns, rows, feet, sort: { column: Math.max(1, data.models.indexOf(reference) + 1), ascending: false } }),
        data.models.some(isDataDriven) ? h("p", { class: "small quiet" }, `Markov and Shapley: ${NOT_INCREMENTAL.toLowerCase()}`) : null),
    ];
  });
}
