// SPDX-License-Identifier: Apache-2.0
// What goes to destinations: the state of each, what is dead with the vendor's own answer, and a retry.
// Below, what was refused at our own door.

import { ApiError, get, send } from "../api.ts";
import { chip, destinationName, empty, fillIn, flushCard, saved, segments, title, type Context } from "../context.ts";
import { announce, h, replace, type Child } from "../dom.ts";
import { count, NONE, time, word } from "../format.ts";
import { pagedList, type Page } from "../list.ts";
import { fileOnly, table, type Column } from "../table.ts";
import type { Installation } from "./install.ts";

interface Delivery {
  id: number;
  destination: string;
  event_name: string;
  event_id: string;
  state: string;
  attempts: number;
  next_attempt_at: string | null;
  held: string | null;
  held_reason: string | null;
  last_status: number;
  last_error: string;
  ambiguous: boolean;
  occurred_at: string;
  session_id: string | null;
  history: { t: string; duration_ms: number; status: number; outcome: string; answer: string }[];
}
interface Reject {
  id: number;
  t: string;
  route: string;
  code: string;
  message: string;
  replayable: boolean;
  replayed_at: string | null;
  replay_result: string;
}

const MOST_DELIVERED = 10_000; // the server counts no further
// What waits and is not tried says what it waits for.
const HELD: Record<string, string> = { not_configured: "waits: its destination is not configured", disabled: "waits: its receiver wants no more; reload to try again", auth_failed: "waits: its receiver refuses our access" };
const STATES = ["", "queued", "sending", "accepted", "failed", "dead", "withheld", "delivered"];

// The lane may be in order and some of what went through it dead all the same.
export function statesOf({ state, deliveries: counts }: Pick<Installation["destinations"][number], "state" | "deliveries">): string[] {
  const hasDead = (counts.dead ?? 0) > 0;
  return [...(hasDead && state === "ok" ? [] : [state]), ...(hasDead ? ["dead_letters"] : [])];
}

function destinations(facts: Installation, context: Context): Child {
  if (facts.destinations.length === 0) return h("section", { class: "card" }, empty("No destination is configured", "Add [site.destination.meta] or another one to the configuration, and conversions go there, each counted once."));
  return h("div", { class: "columns" }, ...facts.destinations.map((entry) =>
    h("section", { class: "card" }, h("header", {}, h("h2", {}, destinationName(context, entry.name)), h("span", { class: "table-tools" }, ...statesOf(entry).map(chip))), entry.reason ? h("p", { class: "small quiet" }, entry.reason) : null,
      h("dl", { class: "facts tight" }, ...Object.entries(entry.deliveries).filter(([state, number]) => state === "delivered" || number > 0).map(([state, number]) => h("div", {}, h("dt", {}, h("a", { href: context.link("deliveries", "", { state, destination: entry.name }) }, word(state))), h("dd", { class: "big num" }, `${count(number)}${state === "delivered" && number >= MOST_DELIVERED ? "+" : ""}`)))))));
}

export function deliveries(root: HTMLElement, context: Context): void {
  const { query } = context.state;
  const site = context.site.id, zone = context.site.timezone;
  const top = h("div"), body = h("section", { class: "card flush" }), refused = h("div");
  const state = query.get("state") ?? "", destination = query.get("destination");
  const pick = segments("State", STATES.map((name) => [name, name ? word(name) : "All"]), state, (name) => context.change({ state: name || null }));
  replace(root, title("Deliveries", "Conversions on their way to ad platforms and tools. Each has one event id, so that a repeat is never counted twice."), top, body, refused);

  const retry = async (row: Delivery, isForced: boolean, again: () => void): Promise<void> => {
    try {
      await send("POST", `/api/deliveries/${row.id}/retry?site=${encodeURIComponent(site)}${isForced ? "&force=1" : ""}`);
      announce("Queued again");
      again();
    } catch (error) {
      if (error instanceof ApiError && error.code === "may_count_twice" && confirm(`${error.message}\n\nSend it all the same?`)) return retry(row, true, again);
      announce(error instanceof Error ? error.message : "Not queued");
      alert(error instanceof Error ? error.message : "Not queued");
    }
  };
  const load = (): void => void fillIn(body, context, async () => {
    const save = h("span");
    const columns: Column<Delivery>[] = [
      { title: "Event", show: (row) => h("span", {}, word(row.event_name), h("span", { class: "sub" }, time(row.occurred_at, zone))), value: (row) => row.event_name },
      fileOnly("Date", (row) => row.occurred_at),
      fileOnly("Event id", (row) => row.event_id),
      { title: "Destination", show: (row) => destinationName(context, row.destination), value: (row) => row.destination },
      { title: "State", show: (row) => chip(row.state), value: (row) => row.state },
      { title: "Attempts", show: (row) => count(row.attempts), value: (row) => row.attempts, numeric: true },
      { title: "Next", wrap: true, show: (row) => (row.held ? (HELD[row.held] ?? word(row.held)) : row.next_attempt_at ? time(row.next_attempt_at, zone) : NONE), value: (row) => row.next_attempt_at },
      { title: "Vendor's answer", wrap: true, show: (row) => {
        const last = row.history[row.history.length - 1];
        if (!last) return row.last_error || row.held_reason || NONE;
        return h("span", {}, h("b", { class: "num" }, String(last.status || "no answer")), ` ${row.last_error}`, last.answer ? h("details", { class: "as-table" }, h("summary", {}, "Answer"), h("pre", { tabindex: 0 }, last.answer)) : null);
      }, value: (row) => row.last_error || row.held_reason },
      fileOnly("Status", (row) => row.last_status || null),
      { title: "", show: (row) => (["dead", "failed", "withheld"].includes(row.state) && context.may("analyst") ? h("button", { type: "button", class: "tiny", "aria-label": `Retry ${row.event_name} to ${destinationName(context, row.destination)}`, onclick: () => void retry(row, false, load) }, "Retry") : null) },
    ];
    const read = (cursor: string | null, limit = 100): Promise<Page<Delivery>> => get("/api/deliveries", { site, state: state || null, destination, limit, cursor }, context.signal);
    const list = await pagedList(read, (row) => row.id, (rows, _hasMore, every) => {
      const options = { caption: "Deliveries", columns, rows, stacks: true, file: ["throughline-deliveries", destination, state].filter(Boolean).join("-") };
      replace(save, saved("", options, every));
      return [rows.length > 0 ? table(options) : empty(state ? `Nothing is ${word(state).toLowerCase()}` : "Nothing to send yet", state === "dead" ? "Every vendor took what it was sent." : "As soon as a conversion arrives, what goes to each destination stands here.")];
    });
    return [h("header", {}, h("h2", {}, destination ? destinationName(context, destination) : "All destinations"), h("div", { class: "table-tools" }, pick, save)), list.root];
  });
  load();
  void fillIn(top, context, async () => destinations(await get<Installation>("/api/install", { site }, context.signal), context));
  const replay = async (row: Reject): Promise<void> => {
    await send("POST", `/api/rejects/${row.id}/replay?site=${encodeURIComponent(site)}`).catch((error: unknown) => alert(error instanceof Error ? error.message : "Not replayed"));
    loadRejects();
  };
  const loadRejects = (): void => void fillIn(refused, context, async () => {
    const save = h("span");
    const columns: Column<Reject>[] = [
      { title: "When", show: (row) => time(row.t, zone, true), value: (row) => row.t },
      { title: "Where", show: (row) => h("code", {}, row.route), value: (row) => row.route },
      { title: "Code", show: (row) => h("code", {}, row.code), value: (row) => row.code },
      { title: "Why", show: (row) => row.message, value: (row) => row.message, wrap: true },
      { title: "Replayed", show: (row) => row.replay_result || NONE, value: (row) => row.replay_result },
      { title: "", show: (row) => (context.may("analyst") && row.replayable && !row.replayed_at ? h("button", { type: "button", class: "tiny", "aria-label": `Replay ${row.code} of ${row.route}`, onclick: () => void replay(row) }, "Replay") : null) },
    ];
    const read = (cursor: string | null, limit = 50): Promise<Page<Reject>> => get("/api/rejects", { site, limit, cursor }, context.signal);
    const list = await pagedList(read, (row) => row.id, (rows, _hasMore, every) => {
      const options = { caption: "Refused input", columns, rows, stacks: true, file: "throughline-refused" };
      replace(save, saved("kept 14 days, can be replayed after the cause is gone", options, every));
      return [rows.length > 0 ? table(options) : empty("Nothing was refused", "What the server does not take is kept here with its reason.")];
    });
    return flushCard("Refused input", save, list.root);
  });
  loadRejects();
}
