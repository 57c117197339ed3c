// SPDX-License-Identifier: Apache-2.0
// Who was here, newest first; fresh every few seconds while today is among the days.

import { get } from "../api.ts";
import { channel, empty, fillIn, title, type Context } from "../context.ts";
import { h, replace, type Child } from "../dom.ts";
import { count, duration, NONE, readable, span, time, word } from "../format.ts";
import type { Touch } from "../journey.ts";
import { asked, pagedList, type Page } from "../list.ts";
import { today } from "../ranges.ts";
import { amount, currencyColumn, exportButton, figure, fileOnly, table, type Column } from "../table.ts";

export interface Session {
  id: string;
  anonymous_id: string;
  started_at: string;
  last_activity_at: string;
  ended_at: string | null;
  end_reason: string | null;
  duration_s: number;
  page_views: number;
  events_count: number;
  entry_path: string;
  exit_path: string;
  converted: boolean;
  conversion_value_minor: number;
  currency: string;
  first_touch: Touch | null;
  last_touch: Touch | null;
  device: string;
  browser: string;
  os: string;
  country: string;
  bot: boolean;
}

const EVERY_MS = 5000;

export function sessions(root: HTMLElement, context: Context): void {
  const zone = context.site.timezone;
  const body = h("div");
  const isLive = context.range.to >= today(zone);
  replace(root, title("Sessions", `${span(context.range.from, context.range.to)}, newest first.`, isLive && h("span", { class: "pulse on small quiet" }, h("i", { "aria-hidden": "true" }), "fresh every 5 s")), body);
  const state = (row: Session): Child => (row.ended_at ? word(row.end_reason) : h("span", { class: "chip good" }, "Open"));
  const currencyOf = (row: Session): string => row.currency || context.site.currency;
  const columns: Column<Session>[] = [
    { title: "Started", show: (row) => h("a", { href: context.link("sessions", row.id) }, time(row.started_at, zone)), value: (row) => row.started_at },
    { title: "From", show: (row) => (row.first_touch ? h("span", {}, channel(row.first_touch.channel), h("span", { class: "sub" }, h("span", { class: "cut" }, [row.first_touch.source, row.first_touch.campaign].filter(Boolean).join(" · ") || NONE))) : NONE), value: (row) => row.first_touch?.channel ?? null },
    { title: "Entry", show: (row) => h("span", { class: "cut" }, readable(row.entry_path) || NONE), value: (row) => row.entry_path },
    { title: "Pages", show: (row) => h("span", {}, count(row.page_views), h("span", { class: "sub" }, `${count(row.events_count)} ${row.events_count === 1 ? "event" : "events"}`)), value: (row) => row.page_views, numeric: true },
    fileOnly("Events", (row) => row.events_count),
    figure("Duration", (row) => row.duration_s, duration),
    { title: "Device", show: (row) => h("span", {}, [word(row.device), row.country].filter(Boolean).join(", "), row.browser ? h("span", { class: "sub" }, [row.browser, row.os].filter((name) => name && name !== "unknown").map(word).join(", ")) : null, row.bot && row.device !== "bot" ? h("span", { class: "chip warn" }, "Bot") : null), value: (row) => row.device },
    fileOnly("Country", (row) => row.country),
    { title: "State", show: state, value: (row) => row.end_reason ?? "open" },
    amount("Value", (row) => (row.converted ? row.conversion_value_minor : null), currencyOf),
    currencyColumn(currencyOf),
  ];
  const read = (cursor: string | null, limit = 50): Promise<Page<Session>> => get("/api/sessions", { ...asked(context), limit, cursor }, context.signal);

  void fillIn(body, context, async () => {
    const { root: list, refresh } = await pagedList(read, (row) => row.id, (rows, hasMore, every) => {
      const options = { caption: "Sessions", columns, rows, stacks: true, file: `throughline-sessions-${context.range.from}-${context.range.to}` };
      return [
        h("header", {}, h("h2", {}, `${count(rows.length)} ${hasMore ? "newest" : "sessions"}`), exportButton(options, every)),
        rows.length > 0 ? table(options) : empty("No session in these days", "Put the snippet into a page, open it, and accept the banner: a session needs consent to storage.", h("a", { class: "button", href: context.link("install") }, "Install")),
      ];
    }, "card flush");
    const timer = isLive ? setInterval(() => {
      if (!document.hidden && !list.contains(document.activeElement)) refresh().catch(() => undefined);
    }, EVERY_MS) : 0;
    context.onLeave(() => clearInterval(timer));
    return list;
  });
}
