// SPDX-License-Identifier: Apache-2.0
// Every model beside the others: one small chart each on the same scale, all numbers in one table, and
// one click that makes a model the site's default.

import { send } from "../api.ts";
import { horizontalBars } from "../charts/bars.ts";
import { channel, fillIn, kindSwitch, nounOf, report, segments, title, type Context } from "../context.ts";
import { announce, h, replace, type Child } from "../dom.ts";
import { credits, isDataDriven, modelName, modelText, money, NOT_INCREMENTAL, span, word } from "../format.ts";
import type { Comparison } from "../reports.ts";
import { offerCurrencies } from "../shell.ts";
import { amount, currencyColumn, exportButton, figure, table, type Column } from "../table.ts";
import { trained } from "./trained.ts";
import { whatIf } from "./what_if.ts";

type Row = Comparison["items"][number];

export function models(root: HTMLElement, context: Context): void {
  const isRevenue = context.isMoney && context.state.query.get("measure") !== "conversions";
  const value = (row: Row, model: string): number => (isRevenue ? (row.models[model]?.revenue_minor ?? 0) : Number(row.models[model]?.conversions ?? 0));
  const text = (amount: number): string => (isRevenue ? money(amount, context.currency, true) : credits(amount));
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

  const picture = (model: string, rows: Row[], largest: number): HTMLElement => {
    const isDefault = model === context.site.model;
    const button: Child = isDefault ? h("span", { class: "chip good" }, "Default") : context.may("analyst") && model !== "participation" ? h("button", { type: "button", class: "tiny", "aria-label": `Make default: ${modelName(model)}`, onclick: () => void makeDefault(model) }, "Make default") : null;
    return h("section", { class: `card ${isDefault ? "is-default" : ""}` }, h("header", {}, h("h2", {}, modelName(model)), button),
      horizontalBars(rows.map((row) => ({ name: channel(row.channel), value: value(row, model), text: text(value(row, model)), className: `ch ch-${row.channel}` })), largest),
      h("p", {}, modelText(model), isDataDriven(model) ? ` ${NOT_INCREMENTAL}` : ""));
  };

  void fillIn(body, context, async () => {
    const data = await report<Comparison>(context, "compare");
    offerCurrencies(context, data.currencies);
    const reference = data.models.includes(context.site.model) ? context.site.model : (data.models[0] ?? "");
    const rows = [...data.items].sort((a, b) => value(b, reference) - value(a, reference));
    const shown = rows.slice(0, 9);
    const summing = data.models.filter((model) => model !== "participation");
    const largest = Math.max(0, ...shown.flatMap((row) => summing.map((model) => value(row, model))));
    const columns: Column<Row>[] = [
      { title: "Channel", show: (row) => channel(row.channel), value: (row) => word(row.channel) },
      ...data.models.map((model) => (isRevenue ? amount<Row>(modelName(model), (row) => value(row, model), context.currency, { show: (row) => text(value(row, model)) }) : figure<Row>(modelName(model), (row) => value(row, model), credits))),
      ...(isRevenue ? [currencyColumn<Row>(context.currency)] : []),
    ];
    const caption = isRevenue ? "Revenue by channel and model" : "Conversions by channel and model";
    const feet: Child[][] = [["Total", ...data.models.map((model) => text(rows.reduce((sum, row) => sum + value(row, model), 0)))]];
    return [
      h("div", { class: "model-grid" }, ...data.models.map((model) => picture(model, shown, largest))),
      h("section", { class: "card flush" }, h("header", {}, h("h2", {}, caption), exportButton({ caption, columns, rows, file: "throughline-models" })), table({ caption, columns, rows, feet, sort: { column: Math.max(1, data.models.indexOf(reference) + 1), ascending: false } }),
        data.models.some(isDataDriven) ? h("p", { class: "small quiet" }, `Markov and Shapley: ${NOT_INCREMENTAL.toLowerCase()}`) : null),
    ];
  });
}
