// SPDX-License-Identifier: Apache-2.0
// What would other rules say? Half-life, lookback and direct rule, tried on real journeys in the browser;
// nothing is stored, no report changes.

import { get } from "../api.ts";
import { horizontalBars } from "../charts/bars.ts";
import { channel, type Context } from "../context.ts";
import { h, replace } from "../dom.ts";
import { count, credits as creditText, modelName, money } from "../format.ts";
import { loadModels, type Models, type Rules, type WhatIfTouch } from "../models_wasm.ts";
import { pathOf, type Details } from "./conversion.ts";
import type { Conversion } from "./conversions.ts";

const DAY_MS = 86_400_000;
const SAMPLE = 60; // newest conversions
const TRIED = ["time_decay", "last_non_direct", "last_touch", "first_touch", "linear", "position_u"];

interface Journey {
  t: number;
  valueMinor: number;
  touches: WhatIfTouch[];
}

export function journeyOf(details: Details): Journey {
  return {
    t: new Date(details.occurred_at).getTime(), valueMinor: details.amount_minor,
    touches: pathOf(details).filter((touch) => touch.reason !== "forged" && touch.reason !== "bot").map((touch) => ({ channel: touch.channel, t: new Date(touch.t).getTime(), seq: touch.seq ?? 0 })),
  };
}

// Credits of all journeys by channel, largest first.
export function byChannel(models: Models, journeys: readonly Journey[], model: string, rules: Rules): { channel: string; valueMinor: number; micro: number }[] {
  const sums = new Map<string, { channel: string; valueMinor: number; micro: number }>();
  for (const journey of journeys)
    for (const credit of models.credits(model, rules, { t: journey.t, valueMinor: journey.valueMinor }, journey.touches)) {
      const name = credit.touch === null ? "unattributed" : (journey.touches[credit.touch]?.channel ?? "unattributed");
      const sum = sums.get(name) ?? { channel: name, valueMinor: 0, micro: 0 };
      sum.valueMinor += credit.valueMinor;
      sum.micro += credit.conversionsMicro;
      sums.set(name, sum);
    }
  return [...sums.values()].sort((a, b) => b.micro - a.micro || a.channel.localeCompare(b.channel));
}

export function modelText(model: string, halfLifeHours: number): string {
  return model === "time_decay" ? `time_decay:half_life_ms=${Math.round(halfLifeHours * 3_600_000)}` : model;
}

const hours = (value: number): string => (value < 48 ? `${value} hours` : `${Math.round(value / 24)} days`);

function panel(root: HTMLElement, context: Context, models: Models, journeys: Journey[], note: string): void {
  const currency = context.currency;
  const isMoney = journeys.some((journey) => journey.valueMinor > 0);
  const out = h("div", { "aria-live": "polite" });
  const model = h("select", { id: "what-model", onchange: draw }, ...TRIED.map((name) => h("option", { value: name }, modelName(name))));
  const half = h("input", { id: "what-half", type: "range", min: 1, max: 720, value: 168, oninput: draw });
  const look = h("input", { id: "what-look", type: "range", min: 1, max: 90, value: 30, oninput: draw });
  const rolling = h("input", { id: "what-rolling", type: "checkbox", onchange: draw });
  const direct = h("input", { id: "what-direct", type: "checkbox", onchange: draw });
  const halfText = h("output", { for: "what-half" }), lookText = h("output", { for: "what-look" });

  function draw(): void {
    halfText.textContent = hours(Number(half.value));
    lookText.textContent = `${look.value} days`;
    half.disabled = model.value !== "time_decay";
    const rules = { lookbackMs: Number(look.value) * DAY_MS, isRolling: rolling.checked, keepsDirect: direct.checked };
    const rows = byChannel(models, journeys, modelText(model.value, Number(half.value)), rules);
    replace(out, horizontalBars(rows.map((row) => ({ name: channel(row.channel), value: isMoney ? row.valueMinor : row.micro, text: isMoney ? money(row.valueMinor, currency) : creditText(row.micro / 1e6), className: `ch ch-${row.channel}` }))));
  }
  replace(root, h("header", {}, h("h2", {}, "What if"), h("p", {}, note)),
    h("div", { class: "stack" }, h("div", { class: "sliders" },
      h("div", { class: "field" }, h("label", { for: "what-model" }, "Model"), model),
      h("div", { class: "field" }, h("label", { for: "what-half" }, "Half-life of time decay: ", halfText), half),
      h("div", { class: "field" }, h("label", { for: "what-look" }, "Lookback: ", lookText), look),
      h("div", { class: "field" }, h("label", {}, rolling, " Extended by every return"), h("label", {}, direct, " Count direct visits too"))), out));
  draw();
}

async function open(root: HTMLElement, context: Context, read: () => Promise<{ journeys: Journey[]; note: string }>): Promise<void> {
  replace(root, h("header", {}, h("h2", {}, "What if")), h("p", { class: "quiet" }, "Loading the models …"));
  try {
    const [models, { journeys, note }] = await Promise.all([loadModels(), read()]);
    if (context.signal.aborted) return;
    if (journeys.length === 0) root.hidden = true;
    else panel(root, context, models, journeys, note);
  } catch (error) {
    if (!context.signal.aborted) replace(root, h("header", {}, h("h2", {}, "What if")), h("p", { class: "note calm" }, `The models cannot run here: ${error instanceof Error ? error.message : "unknown reason"}.`));
  }
}

// One conversion.
export function whatIfFor(root: HTMLElement, context: Context, details: Details): Promise<void> {
  const journey = journeyOf(details);
  return open(root, context, async () => ({ journeys: journey.touches.length > 0 ? [journey] : [], note: "other rules on this journey, computed in your browser" }));
}

// The newest conversions of the range, when asked for: each is read with its journey.
export async function whatIf(root: HTMLElement, context: Context): Promise<void> {
  const start = async (): Promise<void> => open(root, context, async () => {
    const page = await get<{ items: Conversion[] }>("/api/conversions", { site: context.site.id, from: context.range.from, to: context.range.to, limit: 200 }, context.signal);
    const wanted = page.items.filter((row) => row.id && row.currency === context.currency && row.touches > 0).slice(0, SAMPLE);
    const details = await Promise.all(wanted.map((row) => get<Details>(`/api/conversions/${encodeURIComponent(row.id as string)}`, { site: context.site.id }, context.signal)));
    return { journeys: details.map(journeyOf), note: `other rules on the ${count(details.length)} newest matched conversions, computed in your browser` };
  });
  replace(root, h("header", {}, h("h2", {}, "What if"), h("p", {}, `Try another half-life, lookback or direct rule on the newest ${SAMPLE} conversions; nothing is stored.`)), h("button", { type: "button", onclick: () => void start() }, "Try it"));
}

