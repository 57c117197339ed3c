// SPDX-License-Identifier: Apache-2.0
// What the ads cost, as a file: the way to ROAS, ROI, CPA and CAC.

import { send } from "../api.ts";
import { card, type Context } from "../context.ts";
import { h, replace } from "../dom.ts";
import { field, form } from "../form.ts";
import { count, word } from "../format.ts";

const CHANNELS = ["paid_search", "paid_social", "paid_shopping", "paid_video", "display", "affiliate", "email"];

// `again` reads the page anew once costs were kept.
export function costs(context: Context, again: () => void): HTMLElement {
  const told = h("div");
  const hint = h("p", { class: "small quiet" }, "Exports of Google Ads, Meta, TikTok and Microsoft with a line a day and campaign, or a CSV with day, channel, source, campaign, amount, currency. What is told again replaces what was there; one wrong line, and nothing is kept. On the server ",
    h("code", {}, "throughline import-costs FILE.csv"), " does the same, also for other columns (docs/reports.md).");
  if (!context.may("analyst")) return card("What the ads cost", "analysts and owners import it", hint);
  const channel = h("div", { class: "field" }, h("label", { for: "cost-channel" }, "Channel, if the file has none"), h("select", { id: "cost-channel", name: "channel" }, h("option", { value: "" }, "As in the file"), ...CHANNELS.map((name) => h("option", { value: name }, word(name)))));
  const made = form([field("file", "File", "file", { required: true, accept: ".csv,.tsv,.txt,text/csv" }), field("source", "Source, if the file has none", "text", { placeholder: "google", autocomplete: "off" }), channel], "Import", async (data) => {
    replace(told);
    const query = new URLSearchParams({ site: context.site.id });
    for (const name of ["source", "channel"]) if (data.get(name)) query.set(name, String(data.get(name)));
    const { kept, replaced } = await send<{ kept: number; replaced: number }>("POST", `/api/costs?${query}`, data.get("file") as File);
    const text = `${count(kept)} ${kept === 1 ? "line" : "lines"} kept, ${count(replaced)} in place of older ones.`;
    replace(told, h("p", { class: "note calm" }, text));
    again();
    return text;
  });
  return card("What the ads cost", "from the file that the platform exports", made, told, hint);
}
