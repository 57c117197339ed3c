// SPDX-License-Identifier: Apache-2.0
// What every view gets: the site, what is asked, how to go elsewhere, and a signal that ends with the
// view. And the pieces that most views share.

import { ApiError, get, type Me, type Site } from "./api.ts";
import { h, replace, type Child } from "./dom.ts";
import { isDataDriven, modelName, NOT_INCREMENTAL, word } from "./format.ts";
import type { Range } from "./ranges.ts";
import { address, type State } from "./state.ts";
import { exportButton, fileOnly, type Column, type Every, type TableOptions } from "./table.ts";

export interface Context {
  me: Me;
  site: Site;
  state: State;
  range: Range;
  model: string;
  currency: string;
  basis: string;
  // What is credited: orders by their money, anything else (leads) by its count.
  kind: string;
  isMoney: boolean;
  compares: boolean;
  signal: AbortSignal;
  // Goes to an address of ours without loading the page.
  go: (href: string) => void;
  link: (view: string, id?: string, changes?: Record<string, string | null>, keep?: boolean) => string;
  // The same view with other parameters.
  change: (changes: Record<string, string | null>) => void;
  // Runs when the view is left.
  onLeave: (action: () => void) => void;
  may: (role: "analyst" | "owner") => boolean;
}

export type View = (root: HTMLElement, context: Context) => void | Promise<void>;

export function report<T>(context: Context, name: string, more: Record<string, string | number | null> = {}): Promise<T> {
  return get<T>(`/api/analytics/attribution/${name}`, {
    site: context.site.id, startDate: context.range.from, endDate: context.range.to, attributionModel: context.model,
    currency: context.currency, basis: context.basis, kind: context.kind, ...more,
  }, context.signal);
}

// What by-channel has of them: of money, on accrual.
export const intervals = ({ isMoney, basis }: Context): { intervals: string | null } => ({ intervals: isMoney && basis !== "cash" ? "true" : null });

export const linkTo = (state: State) => (view: string, id = "", changes: Record<string, string | null> = {}, keep = false): string => address(state, view, id, changes, keep);

export function title(text: string, explanation: Child, ...tools: Child[]): HTMLElement {
  return h("header", { class: "title" }, h("div", {}, h("h1", {}, text), explanation ? h("p", {}, explanation) : null), tools.length > 0 ? h("div", { class: "table-tools" }, ...tools) : null);
}

// A choice of a few, all in sight.
export function segments<T extends string>(label: string, options: readonly (readonly [T, string])[], chosen: T, onPick: (value: T) => void): HTMLElement {
  return h("div", { class: "segments", role: "group", "aria-label": label }, ...options.map(([value, name]) => h("button", { type: "button", "aria-pressed": String(value === chosen), onclick: () => onPick(value) }, name)));
}

export function kindSwitch(context: Context): HTMLElement {
  return segments("Kind", [["purchase", "Orders"], ["lead", "Leads"]], context.kind, (kind) => context.change({ kind: kind === "purchase" ? null : kind, measure: null }));
}

// One that was taken out of the configuration has its bare name left.
export const destinationName = ({ site }: Context, name: string): string => site.destinations[name] ?? word(name);

export const nounOf = (context: Context): string => (context.isMoney ? "order" : word(context.kind).toLowerCase());

export function card(heading: string, hint: Child, ...children: Child[]): HTMLElement {
  return h("section", { class: "card" }, h("header", {}, h("h2", {}, heading), hint instanceof HTMLElement ? hint : hint ? h("p", {}, hint) : null), ...children);
}

export function flushCard(heading: string, hint: Child, ...children: Child[]): HTMLElement {
  const made = card(heading, hint, ...children);
  made.classList.add("flush");
  return made;
}

// In the head of a table's card: what it is, and its file.
export function saved<Row>(hint: string, options: TableOptions<Row>, every?: Every<Row>): HTMLElement {
  return h("div", { class: "table-tools" }, hint ? h("p", { class: "small quiet" }, hint) : null, options.rows.length > 0 && exportButton(options, every));
}

export function empty(heading: string, text: Child, ...more: Child[]): HTMLElement {
  return h("div", { class: "empty" }, h("b", {}, heading), h("p", {}, text), ...more);
}

export function loading(): HTMLElement {
  return h("div", { class: "loading", role: "status", "aria-label": "Loading" });
}

export function failure(error: unknown, again: () => void): HTMLElement {
  const text = error instanceof ApiError ? `${error.message} (${error.code})` : "The server cannot be reached.";
  return h("div", { class: "note bad", role: "alert" }, h("p", {}, text), h("button", { type: "button", class: "tiny", onclick: again }, "Try again"));
}

// Fills `root` when the answer is there; what went wrong stands in its place and can be tried again.
export async function fillIn(root: HTMLElement, context: Context, make: () => Promise<Child | Child[]>): Promise<void> {
  replace(root, loading());
  try {
    const made = await make();
    if (context.signal.aborted) return;
    replace(root, ...(Array.isArray(made) ? made : [made]));
  } catch (error) {
    if (context.signal.aborted) return;
    replace(root, failure(error, () => void fillIn(root, context, make)));
  }
}

export function channel(name: string): HTMLElement {
  return h("span", {}, h("span", { class: `dot ch ch-${name}`, "aria-hidden": "true" }), word(name));
}

export function channelPath(path: readonly string[]): HTMLElement {
  if (path.length === 0) return h("span", {}, channel("unattributed"), h("span", { class: "sub" }, "no visit is known"));
  return h("ol", { class: "path" }, ...path.map((name) => h("li", {}, h("span", { class: `ch ch-${name}` }, h("span", { class: `dot ch ch-${name}`, "aria-hidden": "true" }), word(name)))));
}

const TONES: Record<string, string> = {
  delivered: "good", paid: "good", verified: "good", accepted: "good", purchase: "good", ok: "good", bootstrap: "good", server: "good",
  failed: "warn", withheld: "warn", partially_refunded: "warn", refunded: "warn", refund: "warn", mismatch: "warn", unverified: "warn", duplicate: "warn", counted: "warn", backing_off: "warn",
  disputed: "bad", dispute: "bad", dead: "bad", dead_letters: "bad", rejected: "bad", forged: "bad", auth_failed: "bad", disabled: "bad",
};
export function chip(name: string): HTMLElement {
  return h("span", { class: `chip ${TONES[name] ?? ""}` }, word(name));
}

// Of what a report's file is, for it leaves the page: its kind, basis and days stand in the name.
export function fileName({ kind, isMoney, basis, range }: Context, ...parts: string[]): string {
  const words = [...parts, isMoney ? "" : kind, basis === "accrual" ? "" : basis].map((text) => text.toLowerCase().replaceAll(/[^\p{L}\p{N}]+/gu, "-").replaceAll(/^-|-$/g, ""));
  return `throughline-${words.filter(Boolean).join("-")}-${range.from}-${range.to}`;
}

// A report that was asked for at most so many lines, and has them, may have more.
export const topOf = (rows: readonly unknown[], most: number): string => (rows.length < most ? "" : `top ${most}`);

// Columns of a file whose figures a model gave: which, and what such figures are no measure of. As the API's own files.
export const notesOf = <Row>(models: readonly string[]): Column<Row>[] => (models.some(isDataDriven) ? [fileOnly("Note", () => (models.every(isDataDriven) ? NOT_INCREMENTAL : `Markov and Shapley: ${NOT_INCREMENTAL.toLowerCase()}`))] : []);
export const credited = <Row>({ model }: Context): Column<Row>[] => [fileOnly("Model", () => modelName(model)), ...notesOf<Row>([model])];

// Next to every data-driven figure.
export function dataDrivenNote(model: string): HTMLElement | null {
  return isDataDriven(model) ? h("p", { class: "note calm" }, `${modelName(model)}: ${NOT_INCREMENTAL.charAt(0).toLowerCase()}${NOT_INCREMENTAL.slice(1)}`) : null;
}
