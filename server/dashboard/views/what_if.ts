// SPDX-License-Identifier: Apache-2.0
// What would other rules say? Model, half-life, lookback and direct rule, tried on real journeys in the
// browser; nothing is stored, no report changes. It begins with the model that is shown, and what that gave.

import { get } from "../api.ts";
import { horizontalBars } from "../charts/bars.ts";
import { channel, nounOf, type Context } from "../context.ts";
import { h, replace } from "../dom.ts";
import { count, credits as creditText, modelName, money } from "../format.ts";
import { asked } from "../list.ts";
import { loadModels, readRules, type Models, type Rules, type WhatIfConversion, type WhatIfTouch } from "../models_wasm.ts";
import { creditsOf, leftOf, pathOf, type Details } from "./conversion.ts";
import type { Conversion } from "./conversions.ts";

const HOUR_MS = 3_600_000, DAY_MS = 24 * HOUR_MS;
const SAMPLE = 60; // newest conversions
// Others, Markov's, split by weights that were learned from all of the site's paths under its own rules.
const canTry = (model: string): boolean => !model.startsWith("markov");

interface Journey extends WhatIfConversion {
  touches: WhatIfTouch[];
}
interface Sum {
  channel: string;
  valueMinor: number;
  micro: number;
}
// What is tried, what the site's rules are, and what they give today.
interface Sample {
  journeys: Journey[];
  rules: Rules;
  models: string[]; // all that credit them, by their whole names: "time_decay:tau_ms=86400000"
  model: string; // the one that is shown
  today: Sum[]; // what it gave
  currency: string; // of all of them; "": they are credited by their number
  note: string;
}

export function journeyOf(details: Details): Journey {
  const touches: WhatIfTouch[] = pathOf(details).filter((touch) => touch.reason !== "forged" && touch.reason !== "bot").map((touch) => ({ channel: touch.channel, t: new Date(touch.t).getTime(), seq: touch.seq ?? 0, isView: touch.kind === "view" }));
  return { t: details.snapshot?.occurred ?? new Date(details.occurred_at).getTime(), previous: details.snapshot?.previous, ...details.snapshot?.milestones, valueMinor: leftOf(details), touches };
}

function summed(rows: readonly Sum[]): Sum[] {
  const sums = new Map<string, Sum>();
  for (const row of rows) {
    const sum = sums.get(row.channel) ?? { channel: row.channel, valueMinor: 0, micro: 0 };
    sums.set(row.channel, { ...sum, valueMinor: sum.valueMinor + row.valueMinor, micro: sum.micro + row.micro });
  }
  return [...sums.values()].sort((a, b) => b.valueMinor - a.valueMinor || b.micro - a.micro || a.channel.localeCompare(b.channel));
}

// Credits of all journeys by channel, largest first.
export function byChannel(models: Models, journeys: readonly Journey[], model: string, rules: Rules): Sum[] {
  return summed(journeys.flatMap((journey) => models.credits(model, rules, journey, journey.touches).map((credit) => (
    { channel: credit.touch === null ? "unattributed" : (journey.touches[credit.touch]?.channel ?? "unattributed"), valueMinor: credit.valueMinor, micro: credit.conversionsMicro }))));
}

// Not so of a later conversion under the repeat rule first_only.
const hasCredits = (details: Details): boolean => Object.keys(details.credits).length > 0;

// `list`: conversions of one kind and currency, newest first; `isMoney`: worth something.
export function sampleOf(list: readonly Details[], model: string, isMoney: boolean, note: string): Sample {
  const first = list.find(hasCredits) ?? list[0];
  return {
    journeys: list.map(journeyOf), rules: readRules(first?.snapshot?.rules ?? ""), models: Object.keys(first?.credits ?? {}), model: first ? creditsOf(first, model)[0] : model, currency: isMoney ? (first?.currency ?? "") : "", note,
    today: summed(list.flatMap((details) => creditsOf(details, model)[1].map((share) => ({ channel: share.channel, valueMinor: share.net_minor, micro: share.conversions_micro })))),
  };
}

export const decayOf = (halfLifeHours: number): string => `time_decay:half_life_ms=${Math.round(halfLifeHours * HOUR_MS)}`;

// Of a time decay by its name: τ is what the half-life is divided by ln 2 (docs/attribution.md).
export function halfLifeOf(model: string): number {
  const [, key, value] = /:(tau_ms|half_life_ms)=(\d+)/.exec(model) ?? ["", "tau_ms", String(24 * HOUR_MS)];
  return (Number(value) / HOUR_MS) * (key === "tau_ms" ? Math.LN2 : 1);
}

const isDecay = (model: string): boolean => model.startsWith("time_decay");
const hours = (value: number): string => (value < 48 ? `${+value.toFixed(1)} hours` : `${Math.round(value / 24)} days`);

function panel(root: HTMLElement, context: Context, models: Models, sample: Sample): void {
  const { rules: own, currency } = sample;
  const out = h("div", { "aria-live": "polite" });
  const tried = sample.models.filter((name) => canTry(name) || name === sample.model);
  const model = h("select", { id: "what-model", onchange: draw }, ...tried.map((name) => h("option", { value: name, selected: name === sample.model }, modelName(name))));
  const untried = sample.models.filter((name) => !canTry(name)).map(modelName).join("; ");
  const siteDecay = sample.models.find(isDecay) ?? "time_decay";
  let halfLife = halfLifeOf(siteDecay), decay = siteDecay, lookback = own.lookbackMs;
  const half = h("input", { id: "what-half", type: "range", min: 1, max: 720, value: halfLife, oninput: () => {
    halfLife = Number(half.value);
    decay = decayOf(halfLife);
    draw();
  } });
  const look = h("input", { id: "what-look", type: "range", min: 1, max: Math.max(90, lookback / DAY_MS), value: lookback / DAY_MS, oninput: () => {
    lookback = Number(look.value) * DAY_MS;
    draw();
  } });
  const rolling = h("input", { id: "what-rolling", type: "checkbox", checked: own.isRolling, onchange: draw });
  const direct = h("input", { id: "what-direct", type: "checkbox", checked: own.keepsDirect, onchange: draw });
  const halfText = h("output", { for: "what-half" }), lookText = h("output", { for: "what-look" });
  const text = (sum: number): string => (currency ? money(sum, currency) : creditText(sum / 1e6));
  const read = (sum: Sum | undefined): number => (currency ? sum?.valueMinor : sum?.micro) ?? 0;

  function draw(): void {
    halfText.textContent = hours(halfLife);
    lookText.textContent = `${+(lookback / DAY_MS).toFixed(1)} days`;
    half.disabled = !isDecay(model.value);
    look.disabled = rolling.disabled = direct.disabled = !canTry(model.value);
    const rows = canTry(model.value) ? byChannel(models, sample.journeys, isDecay(model.value) ? decay : model.value, { ...own, lookbackMs: lookback, isRolling: rolling.checked, keepsDirect: direct.checked }) : sample.today;
    const gone = sample.today.filter((sum) => !rows.some((row) => row.channel === sum.channel)).map((sum) => ({ ...sum, valueMinor: 0, micro: 0 }));
    replace(out, horizontalBars([...rows, ...gone].map((row) => {
      const moved = read(row) - read(sample.today.find((sum) => sum.channel === row.channel));
      return { name: channel(row.channel), value: read(row), text: h("span", {}, text(read(row)), h("span", { class: "sub" }, moved === 0 ? "as today" : `${moved > 0 ? "+" : "−"}${text(Math.abs(moved))}`)), className: `ch ch-${row.channel}` };
    })));
  }
  replace(root, h("header", {}, h("h2", {}, "What if"), h("p", {}, sample.note)),
    h("div", { class: "stack" }, h("div", { class: "sliders" },
      h("div", { class: "field" }, h("label", { for: "what-model" }, "Model"), model),
      h("div", { class: "field" }, h("label", { for: "what-half" }, "Half-life of time decay: ", halfText), half),
      h("div", { class: "field" }, h("label", { for: "what-look" }, "Lookback: ", lookText), look),
      h("div", { class: "field" }, h("label", {}, rolling, " Extended by every return"), h("label", {}, direct, " Count direct visits too"))), out,
    h("div", { class: "row" }, h("p", { class: "small quiet" }, `Below each figure: the difference to today's, ${modelName(sample.model)} by the site's rules.${untried ? ` Not to be tried here: ${untried}. Their weights were learned on the server, from all paths under the site's own rules.` : ""}`), h("button", { type: "button", class: "tiny", onclick: () => panel(root, context, models, sample) }, "As the site has it"))));
  draw();
}

async function open(root: HTMLElement, context: Context, read: () => Promise<Sample>): Promise<void> {
  replace(root, h("header", {}, h("h2", {}, "What if")), h("p", { class: "quiet" }, "Loading the models …"));
  try {
    const [models, sample] = await Promise.all([loadModels(), read()]);
    if (context.signal.aborted) return;
    if (sample.journeys.length === 0) replace(root, h("header", {}, h("h2", {}, "What if")), h("p", { class: "note calm" }, `No ${nounOf(context)} of these days has a known visit to try other rules on.`));
    else panel(root, context, models, sample);
  } catch (error) {
    if (!context.signal.aborted) replace(root, h("header", {}, h("h2", {}, "What if")), h("p", { class: "note calm" }, `The models cannot run here: ${error instanceof Error ? error.message : "unknown reason"}.`));
  }
}

// One conversion; nothing where no touch is known, or a bot's alone, or no model credits it.
export function whatIfFor(root: HTMLElement, context: Context, details: Details): void {
  if (journeyOf(details).touches.length === 0 || !hasCredits(details)) root.hidden = true;
  else void open(root, context, async () => sampleOf([details], context.model, leftOf(details) > 0, "other rules on this journey, computed in your browser"));
}

// The newest conversions of the range, when asked for: each is read with its journey.
export function whatIf(root: HTMLElement, context: Context): void {
  const { kind, isMoney } = context;
  const start = (): Promise<void> => open(root, context, async () => {
    const page = await get<{ items: Conversion[] }>(kind === "lead" ? "/api/leads" : "/api/conversions", { ...asked(context), kind: kind === "lead" ? null : kind, limit: 200 }, context.signal);
    const wanted = page.items.filter((row) => row.id && row.kind === kind && row.live && row.currency === context.currency && row.touches > 0).slice(0, SAMPLE);
    const details = await Promise.all(wanted.map((row) => get<Details>(`/api/conversions/${encodeURIComponent(row.id as string)}`, { site: context.site.id }, context.signal)));
    return sampleOf(details, context.model, isMoney, `other rules on the ${count(details.length)} newest matched ${nounOf(context)}s, computed in your browser`);
  });
  replace(root, h("header", {}, h("h2", {}, "What if"), h("p", {}, `Try another model, half-life, lookback or direct rule on the newest ${SAMPLE} ${nounOf(context)}s; nothing is stored.`)), h("button", { type: "button", onclick: () => void start() }, "Try it"));
}
