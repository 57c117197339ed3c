// SPDX-License-Identifier: Apache-2.0
// Orders and leads, newest first, each with what it is matched by and where it came from.

import { get } from "../api.ts";
import { channel, chip, empty, fillIn, segments, title, type Context } from "../context.ts";
import { h, replace, type Child } from "../dom.ts";
import { count, days, money, NONE, readable, span, time, word } from "../format.ts";
import type { Touch } from "../journey.ts";
import { asked, pagedList, type Page } from "../list.ts";
import { amount, currencyColumn, exportButton, fileOnly, table, type Column } from "../table.ts";

export interface Conversion {
  id: string | null;
  kind: string;
  provider: string;
  order_id: string;
  amount_minor: number;
  refunded_minor: number;
  currency: string;
  occurred_at: string;
  live: boolean;
  subscription: string;
  match_type: string;
  session_id: string | null;
  first_touch: Touch | null;
  last_touch: Touch | null;
  touches: number;
  bot: boolean; // all its visits are a bot's
  days_to_convert: number | null;
  checkout_duration_s: number | null;
  status: string;
  self_reported: string | null;
  form_type?: string;
  stage?: string;
}

export const botChip = (): HTMLElement => h("span", { class: "chip warn", title: "All its visits are a bot's: the order counts, and no channel gets credit" }, "Bot");

// An order's state; how far a lead has come.
export const stateOf = (row: Conversion): string => (row.kind === "purchase" ? row.status : row.stage || row.kind);

const from = (row: Conversion, touch: Touch | null): Child => (row.bot ? botChip() : touch ? h("span", {}, channel(touch.channel), h("span", { class: "sub" }, h("span", { class: "cut" }, [touch.source, touch.campaign].filter(Boolean).join(" · ") || readable(touch.landing_path)))) : NONE);

export function conversions(root: HTMLElement, context: Context): void {
  const kind = context.state.query.get("kind") ?? "";
  const zone = context.site.timezone;
  const body = h("div");
  const kinds: [string, string][] = [["", "All"], ["purchase", "Orders"], ["lead", "Leads"]];
  const pick = segments("Kind", kinds, kind, (value) => context.change({ kind: value || null }));
  replace(root, title("Conversions", `${span(context.range.from, context.range.to)}. Open one to see its journey and why each touch got its share.`, pick), body);

  const columns: Column<Conversion>[] = [
    { title: "Order", show: (row) => h("span", {}, row.id ? h("a", { href: context.link("conversions", row.id) }, h("span", { class: "cut" }, row.provider === "lead" ? row.form_type || word(row.kind) : row.order_id || word(row.kind))) : row.order_id, h("span", { class: "sub" }, time(row.occurred_at, zone))), value: (row) => row.order_id },
    fileOnly("Date", (row) => row.occurred_at),
    fileOnly("Kind", (row) => row.kind),
    amount("Amount", (row) => row.amount_minor, (row) => row.currency, { show: (row) => (row.amount_minor || row.kind === "purchase" ? h("span", {}, money(row.amount_minor, row.currency), row.refunded_minor ? h("span", { class: "sub" }, `−${money(row.refunded_minor, row.currency)} refunded`) : null) : NONE) }),
    amount("Refunded", (row) => row.refunded_minor, (row) => row.currency, { isFileOnly: true }),
    currencyColumn((row) => row.currency),
    { title: "Status", show: (row) => h("span", {}, chip(stateOf(row)), row.subscription === "renewal" || !row.live ? ` ${row.live ? "renewal" : "test mode"}` : null, h("span", { class: "sub" }, row.match_type === "none" ? "not matched" : `matched by ${word(row.match_type).toLowerCase()}`)), value: stateOf },
    fileOnly("Matched by", (row) => row.match_type),
    { title: "First touch", show: (row) => from(row, row.first_touch), value: (row) => row.first_touch?.channel ?? null },
    { title: "Last touch", show: (row) => from(row, row.last_touch), value: (row) => row.last_touch?.channel ?? null },
    { title: "Journey", show: (row) => (row.touches > 0 ? h("span", {}, `${count(row.touches)} ${row.touches === 1 ? "touch" : "touches"}`, h("span", { class: "sub" }, days(row.days_to_convert))) : NONE), value: (row) => row.touches, numeric: true },
    fileOnly("Bot", (row) => (row.bot ? "yes" : "no")),
    fileOnly("Heard of us by", (row) => row.self_reported),
    fileOnly("Days to convert", (row) => row.days_to_convert),
  ];
  const read = (cursor: string | null, limit = 100): Promise<Page<Conversion>> => get(kind === "lead" ? "/api/leads" : "/api/conversions", { ...asked(context), limit, cursor, kind: kind === "lead" ? null : kind || null }, context.signal);

  void fillIn(body, context, async () => {
    const list = await pagedList(read, (row) => row.id ?? `${row.provider} ${row.order_id}`, (rows, hasMore, every) => {
      const options = { caption: "Conversions", columns, rows, stacks: true, file: `throughline-${kind === "lead" ? "leads" : kind === "purchase" ? "orders" : "conversions"}-${context.range.from}-${context.range.to}` };
      return [
        h("header", {}, h("h2", {}, `${count(rows.length)} ${hasMore ? "newest" : rows.length === 1 ? "conversion" : "conversions"}`), exportButton(options, every)),
        rows.length > 0 ? table(options) : empty(kind === "lead" ? "No lead in these days" : "No conversion in these days", kind === "lead" ? "The first form sent to /api/webhook/lead will show here." : "The first signed webhook of your payment provider, or POST /api/conversions from your server, will show here.", h("a", { class: "button", href: context.link("install") }, "See what is missing")),
      ];
    }, "card flush");
    return list.root;
  });
}
