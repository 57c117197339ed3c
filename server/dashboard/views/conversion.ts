// SPDX-License-Identifier: Apache-2.0
// One order or lead: its facts, its journey, and the why of every model's shares.

import { get } from "../api.ts";
import { thinBar } from "../charts/bars.ts";
import { card, channel, chip, fillIn, flushCard, saved, type Context } from "../context.ts";
import { h, replace, type Child } from "../dom.ts";
import { credits as creditText, days, duration, isDataDriven, modelName, money, NONE, NOT_INCREMENTAL, percent, time, word } from "../format.ts";
import { journey, touchKnot, type Knot, type Touch } from "../journey.ts";
import { amount, currencyColumn, figure, fileOnly, table, type Column } from "../table.ts";
import { botChip, stateOf, type Conversion } from "./conversions.ts";
import { personCard, type Person } from "./person.ts";
import { whatIfFor } from "./what_if.ts";

export interface PathTouch extends Touch {
  touch: string;
  seq: number;
  stages?: string[]; // lead, opportunity: the milestones that it holds
  eligible?: boolean;
  reason?: string;
  why?: string; // of a snapshot: "none" when it is on the path
}
interface Share {
  touch: string | null;
  channel: string;
  value_minor: number;
  net_minor: number;
  conversions_micro: number; // its weight, in millionths
}
export interface Details extends Conversion {
  credits: Record<string, Share[]>;
  refunds: { at: string; amount_minor: number }[]; // lost disputes among them
  snapshot: { path?: PathTouch[]; rules?: string; occurred?: number; previous?: number; milestones?: { lead?: number; opportunity?: number } } | null;
  why?: { path: PathTouch[]; path_of?: { id: string; order_id: string; occurred_at: string } | null; models: Record<string, Share[]>; person?: Person };
  order?: { aliases: string[]; dispute: string; unreadable: string[]; items: { name?: string; quantity?: number; price_minor?: number }[] };
}

const REASONS: Record<string, string> = {
  outside_lookback: "older than the lookback", after_conversion: "after the conversion", before_previous_conversion: "before the conversion before", direct_removed: "direct, and others are there",
  collapsed: "the same channel again", over_cap: "over the longest path", later_conversion: "only first conversions count", forged: "forged", bot: "a bot",
};
function reasonText({ reason, kind }: Pick<PathTouch, "reason" | "kind">): string {
  if (kind === "view" && reason === "outside_lookback") return "seen before the view window";
  return reason ? (REASONS[reason] ?? word(reason).toLowerCase()) : "";
}

export function pathOf(details: Details): PathTouch[] {
  const path = details.why?.path ?? details.snapshot?.path ?? [];
  return path.map((touch) => ({ ...touch, eligible: touch.eligible ?? (touch.why ?? "none") === "none", reason: touch.reason ?? touch.why ?? "" }));
}

// Of the amount, after refunds: what is credited.
export const leftOf = (details: Pick<Details, "amount_minor" | "refunds">): number => details.refunds.reduce((left, refund) => left - refund.amount_minor, details.amount_minor);

const weightOf = (share: Share): string => percent(share.conversions_micro / 1e6);

// What a model gave, with the whole name that it is stored under: parameters too.
export function creditsOf(details: Details, model: string): [string, Share[]] {
  return Object.entries(details.credits).find(([name]) => name === model || name.split(":")[0] === model) ?? [model, []];
}

function facts(details: Details, zone: string): HTMLElement {
  const fact = (name: string, value: Child, isBig = false): HTMLElement => h("div", {}, h("dt", {}, name), h("dd", { class: isBig ? "big" : "" }, value));
  return h("section", { class: "card" }, h("dl", { class: "facts" },
    fact("Amount", details.amount_minor || details.kind === "purchase" ? money(details.amount_minor, details.currency) : NONE, true), fact("Status", h("span", {}, chip(stateOf(details)), details.bot ? " " : null, details.bot && botChip())),
    details.refunds.length > 0 ? fact("Refunded", `${money(details.amount_minor - leftOf(details), details.currency)}, ${money(leftOf(details), details.currency)} left`) : null,
    fact("When", time(details.occurred_at, zone)), fact("Matched by", details.match_type === "none" ? "Nothing: no visit is known" : word(details.match_type)),
    fact("Touches", String(details.touches)), fact("Time to convert", details.touches > 0 ? days(details.days_to_convert) : NONE),
    details.checkout_duration_s !== null ? fact("In the checkout", duration(details.checkout_duration_s)) : null, fact("From", word(details.provider)),
    details.order?.unreadable.length ? fact("Could not be read", `the buyer’s ${details.order.unreadable.map(word).join(", ").toLowerCase()}: the sale counts without`) : null,
    details.self_reported ? fact("“How did you hear about us?”", details.self_reported) : null,
    ...(details.order?.items ?? []).slice(0, 4).map((item) => fact("Item", `${item.quantity && item.quantity > 1 ? `${item.quantity} × ` : ""}${item.name ?? "–"}`))));
}

// Touches with credit, as they are counted: 1, 2 …
const counted = (details: Details): PathTouch[] => pathOf(details).filter((touch) => touch.eligible !== false);

// Lead and opportunity at their times, and which touch got them.
function milestones(details: Details): Knot[] {
  const touches = counted(details);
  return Object.entries(details.snapshot?.milestones ?? {}).map(([name, at]) => {
    const holder = touches.findIndex((touch) => touch.stages?.includes(name)) + 1;
    return { at, what: `${word(name)} made`, side: holder > 0 ? `milestone of touch ${holder}` : "milestone of no touch", className: "minor" };
  });
}

function line(details: Details, context: Context): HTMLElement {
  const path = pathOf(details);
  const [, share] = creditsOf(details, context.model);
  const knots: Knot[] = path.map((touch) => {
    const own = share.find((entry) => entry.touch === touch.touch);
    const isOut = touch.eligible === false;
    const base = touchKnot({ ...touch, source: touch.source ?? "", medium: touch.medium ?? "", campaign: touch.campaign ?? "", content: touch.content ?? "", landing_path: touch.landing_path ?? "", referrer_domain: touch.referrer_domain ?? "" });
    return { ...base, className: `${base.className ?? ""} ${isOut ? "out" : ""}`, side: isOut ? `not counted: ${reasonText(touch)}` : own ? (details.amount_minor > 0 ? `${money(own.net_minor, details.currency)}, ${weightOf(own)}` : weightOf(own)) : null };
  });
  const moment = ({ at }: Knot): number => new Date(at).getTime();
  knots.push(...milestones(details));
  knots.sort((a, b) => moment(a) - moment(b));
  knots.push({ at: details.occurred_at, what: details.kind === "purchase" ? `Paid ${money(details.amount_minor, details.currency)}` : word(details.kind), detail: details.order_id, className: "end" });
  let left = details.amount_minor;
  for (const { at, amount_minor } of details.refunds) {
    left -= amount_minor;
    knots.push({ at, what: `Refunded ${money(amount_minor, details.currency)}`, side: `${money(left, details.currency)} left` });
  }
  const first = details.why?.path_of;
  return card("Journey", `shares under ${modelName(context.model)}`, first ? h("p", { class: "small quiet" }, "A later payment of a subscription has the path of its first: ", h("a", { href: context.link("conversions", first.id) }, `order ${first.order_id}`), `, ${time(first.occurred_at, context.site.timezone)}.`) : null, path.length === 0 ? h("p", { class: "note calm" }, "No visit is known for this conversion: it came without ids, its visitor gave no consent, or came by a browser that nobody saw. All of it is unattributed.") : null, journey(knots, context.site.timezone, "From the first touch to the conversion"));
}

// The file of it has a line a model and touch.
interface Line {
  model: string;
  share: Share;
  number: number; // of the touch; 0: no eligible touch
  touch: PathTouch | undefined;
}
function linesOf(details: Details): Line[] {
  const touches = counted(details);
  return Object.entries(details.credits).flatMap(([model, shares]) => shares.map((share) => {
    const index = touches.findIndex((touch) => touch.touch === share.touch);
    return { model, share, number: index + 1, touch: touches[index] };
  }));
}
function lineColumns({ order_id, currency }: Details): Column<Line>[] {
  return [
    fileOnly("Order", () => order_id), fileOnly("Model", ({ model }) => modelName(model)), fileOnly("Touch", ({ number }) => number || null), fileOnly("Date", ({ touch }) => (touch ? new Date(touch.t).toISOString() : null)),
    fileOnly("Channel", ({ share }) => word(share.channel)), fileOnly("Source", ({ touch }) => touch?.source ?? null), fileOnly("Campaign", ({ touch }) => touch?.campaign ?? null), fileOnly("Milestones", ({ touch }) => touch?.stages?.map(word).join(", ") ?? null),
    amount("Credit", ({ share }) => share.net_minor, currency), currencyColumn(currency), figure("Share", ({ share }) => share.conversions_micro / 1e6), fileOnly("Note", ({ model }) => (isDataDriven(model) ? NOT_INCREMENTAL : null)),
  ];
}

function why(details: Details, context: Context): HTMLElement {
  const [shown] = creditsOf(details, context.model);
  const models = Object.keys(details.credits).sort((a, b) => Number(b === shown) - Number(a === shown));
  const path = counted(details).filter((touch) => models.some((model) => details.credits[model]?.some((share) => share.touch === touch.touch)));
  const unattributed = models.some((model) => details.credits[model]?.some((share) => share.touch === null));
  type Cell = { key: string | null; name: string; sub: string; stages?: string[] | undefined };
  const cells: Cell[] = path.map((touch, index) => ({ key: touch.touch, name: touch.channel, stages: touch.stages, sub: `${index + 1} · ${[touch.kind === "view" && "seen", touch.source, touch.campaign].filter(Boolean).join(" · ") || "no campaign"}` }));
  if (unattributed) cells.push({ key: null, name: "unattributed", sub: "no eligible touch" });
  const isMoney = details.amount_minor > 0;
  const columns: Column<string>[] = [
    { title: "Model", show: (model) => (model === shown ? h("b", {}, modelName(model)) : modelName(model)) },
    ...cells.map((cell) => ({ title: word(cell.name), head: h("span", {}, channel(cell.name), h("span", { class: "sub" }, h("span", { class: "cut", title: cell.sub }, cell.sub)), ...(cell.stages ?? []).map((stage) => h("span", { class: "sub" }, chip(stage)))), numeric: true, show: (model: string): Child => {
      const share = details.credits[model]?.find((entry) => entry.touch === cell.key);
      if (!share) return h("span", { class: "quiet" }, NONE);
      return h("span", { class: "cell-bar" }, h("span", {}, h("span", {}, isMoney ? money(share.net_minor, details.currency) : creditText(share.conversions_micro / 1e6)), isMoney ? h("span", { class: "small quiet" }, ` ${weightOf(share)}`) : null), thinBar(share.conversions_micro, 1e6, `ch ch-${cell.name}`));
    } })),
  ];
  const driven = models.some(isDataDriven), rewarding = models.filter((model) => ["w_shaped", "full_path"].includes(model)).map(modelName);
  const heading = "Why: the share of every touch under every model";
  if (models.length === 0) return card(heading, null, h("p", { class: "note calm" }, "No model credits it: the site's repeat rule is first_only, and this is not the person's first. It counts in the totals, under no channel."));
  const hint = details.refunds.length > 0 ? `of the ${money(leftOf(details), details.currency)} that refunds left; sums are exact` : "sums are exact";
  return flushCard(heading, saved(hint, { caption: "Shares by model and touch", columns: lineColumns(details), rows: linesOf(details), file: `throughline-why-${details.order_id}` }), table({ caption: "Shares by model and touch", columns, rows: models }),
    rewarding.length > 0 ? h("p", { class: "small quiet" }, `${rewarding.join(" and ")} weigh the first touch and those that hold a milestone (lead, opportunity) most${models.includes("full_path") ? `, ${modelName("full_path")} the last one too` : ""}.`) : null,
    driven ? h("p", { class: "small quiet" }, `Markov and Shapley: ${NOT_INCREMENTAL.toLowerCase()}`) : null);
}

export function conversion(root: HTMLElement, context: Context): void {
  const body = h("div", { class: "stack" });
  const crumbs = h("nav", { "aria-label": "Where you are" }, h("ol", { class: "crumbs" }, h("li", {}, h("a", { href: context.link("conversions") }, "Conversions")), h("li", { "aria-current": "location" }, "One conversion")));
  replace(root, crumbs, body);
  const load = (): void => void fillIn(body, context, async () => {
    const details = await get<Details>(`/api/conversions/${encodeURIComponent(context.state.id)}`, { site: context.site.id }, context.signal);
    const panel = h("section", { class: "card" });
    whatIfFor(panel, context, details);
    return [
      h("header", { class: "title" }, h("div", {}, h("h1", {}, details.order_id ? `${details.kind === "purchase" ? "Order" : word(details.kind)} ${details.order_id}` : word(details.kind))), details.session_id ? h("a", { class: "button", href: context.link("sessions", details.session_id) }, "Its session") : null),
      facts(details, context.site.timezone), line(details, context), why(details, context), personCard(context, details.why?.person, load), panel,
    ];
  });
  load();
}
