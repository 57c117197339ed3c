// SPDX-License-Identifier: Apache-2.0
// What the ads cost, as a file: the way to ROAS, ROI, CPA and CAC.

import { ApiError, get, send } from "../api.ts";
import { columnsOf } from "../cost_columns.ts";
import { card, type Context } from "../context.ts";
import { h, replace } from "../dom.ts";
import { field, form } from "../form.ts";
import { count, day, word } from "../format.ts";

const CHANNELS = ["paid_search", "paid_social", "paid_shopping", "paid_video", "display", "affiliate", "email"];

const FIELDS: [string, string][] = [["day", "Day"], ["campaign", "Campaign"], ["campaign_id", "Campaign id"], ["amount", "Amount"], ["currency", "Currency"], ["channel", "Channel"], ["source", "Source"], ["clicks", "Clicks"], ["impressions", "Impressions"]];

function choice(id: string, label: string, first: string, options: readonly (readonly [string, string])[]): HTMLElement {
  return h("div", { class: "field" }, h("label", { for: id }, label), h("select", { id, name: id }, h("option", { value: "" }, first), ...options.map(([value, text]) => h("option", { value }, text))));
}

// Which column is which, and how to read what a file can leave open. The columns come with the file.
function reading(): { root: HTMLDetailsElement; offer: (columns: readonly string[]) => void } {
  const picks = FIELDS.map(([field, label]) => choice(`map-${field}`, label, "By its name", []));
  const offer = (columns: readonly string[]): void => picks.forEach((pick) => {
    const select = pick.querySelector("select") as HTMLSelectElement;
    replace(select, select.options[0] as HTMLOptionElement, ...columns.map((name) => h("option", { value: name }, name)));
  });
  const dates = choice("date_format", "Dates such as 1/2/2026", "By the file", [["dmy", "Day first"], ["mdy", "Month first"]]);
  const marks = choice("decimal", "Amounts such as 2.500", "By the file", [["point", "2.500 is two and a half"], ["comma", "2.500 is two thousand five hundred"]]);
  return { root: h("details", {}, h("summary", {}, "Which column is which"), h("div", { class: "sliders" }, ...picks, dates, marks)), offer };
}

// The server names its parameters, which stand here as fields.
function inTheForm(error: unknown): never {
  throw error instanceof ApiError ? new ApiError(error.status, error.code, error.message.replaceAll("in the address", "in the form")) : error;
}

// How fresh they are: an import that was forgotten makes every ROAS too good.
function newest(context: Context): { root: HTMLElement; read: () => Promise<void> } {
  const root = h("p", { class: "small quiet" });
  const read = async (): Promise<void> => {
    const { items } = await get<{ items: { day: string; source: string }[] }>("/api/costs", { site: context.site.id, limit: 1 }, context.signal);
    const last = items[0];
    replace(root, last ? h("b", {}, `Costs are known up to ${day(last.day)}.`) : "No costs are known yet: Cost, ROAS, ROI, CPA and CAC need them.");
  };
  return { root, read: () => read().catch(() => {}) };
}

// `again` reads the page anew once costs were kept.
export function costs(context: Context, again: () => void): HTMLElement {
  const told = h("div"), known = newest(context);
  void known.read();
  const hint = h("p", { class: "small quiet" }, "Exports of Google Ads, Meta, TikTok and Microsoft with a line a day and campaign, or any CSV whose columns you name. What is told again replaces what was there; one wrong line, and nothing is kept. On the server ",
    h("code", {}, "throughline import-costs FILE.csv"), " does the same (docs/reports.md).");
  if (!context.may("analyst")) return card("What the ads cost", "analysts and owners import it", known.root, hint);
  const channel = choice("channel", "Channel, if the file has none", "As in the file", CHANNELS.map((name) => [name, word(name)]));
  const columns = reading();
  const made = form([field("file", "File", "file", { required: true, accept: ".csv,.tsv,.txt,text/csv" }), field("source", "Source, if the file has none", "text", { placeholder: "google", autocomplete: "off" }), channel], "Import", async (data) => {
    replace(told);
    const query = new URLSearchParams({ site: context.site.id });
    for (const name of ["source", "channel", "date_format", "decimal"]) if (data.get(name)) query.set(name, String(data.get(name)));
    for (const [name] of FIELDS) if (data.get(`map-${name}`)) query.append("map", `${name}=${data.get(`map-${name}`)}`);
    columns.root.open = true; // stays so where the file is not understood
    const { kept, replaced } = await send<{ kept: number; replaced: number }>("POST", `/api/costs?${query}`, data.get("file") as File).catch(inTheForm);
    columns.root.open = false;
    const text = `${count(kept)} ${kept === 1 ? "line" : "lines"} kept, ${count(replaced)} in place of older ones.`;
    replace(told, h("p", { class: "note calm" }, text));
    again();
    void known.read();
    return text;
  });
  made.append(columns.root);
  const file = made.elements.namedItem("file") as HTMLInputElement;
  file.addEventListener("change", () => void (file.files?.[0] ? columnsOf(file.files[0]) : Promise.resolve([])).then(columns.offer));
  return card("What the ads cost", "from the file that the platform exports", known.root, made, told, hint);
}
