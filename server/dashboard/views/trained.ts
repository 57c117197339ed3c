// SPDX-License-Identifier: Apache-2.0
// What the Markov models learned: from which paths, when, and how much each channel matters in them.

import { channel, empty, notesOf, nounOf, report, type Context } from "../context.ts";
import { h, type Child } from "../dom.ts";
import { count, credits, modelName, NOT_INCREMENTAL, percent, span, time, word } from "../format.ts";
import type { Trained } from "../reports.ts";
import { amount, currencyColumn, exportButton, figure, table, type Column } from "../table.ts";

type Item = Trained["items"][number];
interface Row {
  channel: string;
  items: Record<string, Item | undefined>;
}

const REFUSED: Record<string, string> = {
  too_few_conversions: "it has more states than a tenth of the conversions", too_many_states: "it would have too many states",
  reclassified: "the channels of its paths are called otherwise since, and it has not learned again",
};

export async function trained(context: Context): Promise<HTMLElement> {
  const data = await report<Trained>(context, "trained");
  const newest = data.trainings[0];
  const heading = h("h2", {}, "What the Markov models learned");
  if (!newest)
    return h("section", { class: "card" }, h("header", {}, heading), empty("Nothing yet", `Every night the models learn from the paths of the last weeks, converted and not. They begin the night after the first ${nounOf(context)} with a known visit.`));
  const rows = new Map<string, Row>();
  for (const item of data.items) {
    const row = rows.get(item.channel) ?? { channel: item.channel, items: {} };
    row.items[item.model] = item;
    rows.set(item.channel, row);
  }
  const models = data.trainings.filter((training) => !training.refused);
  const columns: Column<Row>[] = [{ title: "Channel", show: (row) => channel(row.channel), value: (row) => word(row.channel) }];
  for (const { model, order, currency } of models) {
    const of = (row: Row): Item | undefined => row.items[model];
    columns.push(
      figure(`Removal effect, order ${order}`, (row) => of(row)?.removal_effect, percent, { tip: "Share of conversions that the chain loses without this channel" }),
      figure(`Conversions, order ${order}`, (row) => of(row)?.conversions ?? 0, credits, { tip: "Channel level: all conversions of the paths by removal effect" }));
    if (context.isMoney) columns.push(amount(`Revenue, order ${order}`, (row) => of(row)?.revenue_minor, currency, { tip: "Channel level: their revenue by removal effect of value" }));
  }
  if (context.isMoney) columns.push(currencyColumn(newest.currency));
  columns.push(...notesOf<Row>(models.map(({ model }) => model)));
  const notes: Child[] = data.trainings.filter((training) => training.refused).map((training) => `${modelName(training.model)} is left out: ${REFUSED[training.refused ?? ""] ?? word(training.refused)}. `);
  const caption = "Removal effects by channel";
  const list = [...rows.values()];
  return h("section", { class: "card flush" },
    h("header", {}, heading, exportButton({ caption, columns, rows: list, file: `throughline-trained-${context.kind}-${newest.from_day}-${newest.to_day}` })),
    h("p", {}, `${count(newest.conversions)} converting and ${count(newest.failed)} other paths of ${span(newest.from_day, newest.to_day)}: ${percent(newest.p_conversion)} of journeys convert. Version ${newest.version}, ${time(newest.trained_at, context.site.timezone)}. Channel level, so it differs from the reports, which split every conversion by its own path.`),
    table({ caption, columns, rows: list, sort: { column: 1, ascending: false } }),
    h("p", { class: "small quiet" }, ...notes, NOT_INCREMENTAL));
}
