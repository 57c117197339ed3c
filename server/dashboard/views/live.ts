// SPDX-License-Identifier: Apache-2.0
// What arrives, as it arrives, with the server's verdict and reason.

import { get } from "../api.ts";
import { chip, channel, title, type Context } from "../context.ts";
import { h, replace, type Child } from "../dom.ts";
import { clock, NONE, readable, word } from "../format.ts";

interface Entry {
  t: string;
  kind: string;
  name: string;
  verdict?: string;
  why?: string;
  mismatch?: string;
  code?: string;
  message?: string;
  url?: string;
  session_id?: string;
  order_id?: string;
  channel?: string;
  bot?: boolean;
  touch?: { channel: string; source: string; campaign: string };
}

// Some that arrived were not kept for us: nobody watched for long, or very many came at once.
const GAP = "gap";
type Arrival = Entry | typeof GAP;

const MAX_ROWS = 300;
const AGAIN_MS = 3000;

const VERDICTS: Record<string, string> = {
  verified: "The server's replay agrees with the browser.", bootstrap: "First event: nothing to compare with yet.", server: "The page sent evidence only; the server decided.",
  mismatch: "The server's own values count.", forged: "The token does not belong to this session; not in reports.", counted: "No consent: counted coarsely, no id.", duplicate: "Seen before: nothing changed.",
};

function reason(entry: Entry): string {
  if (entry.message) return entry.message;
  if (entry.code && entry.code !== "duplicate" && entry.code !== "no_consent") return entry.code;
  const verdict = VERDICTS[entry.verdict ?? ""] ?? "";
  const session = entry.why && entry.why !== "same" && entry.why !== "none" ? `New session: ${word(entry.why).toLowerCase()}. ` : "";
  return `${session}${entry.mismatch ? `Differs in ${entry.mismatch}. ` : ""}${entry.bot ? "A bot. " : ""}${verdict}`;
}

const pathOf = (url: string): string => url.replace(/^https?:\/\/[^/]+/, "") || "/";

export function live(root: HTMLElement, context: Context): void {
  const lamp = h("span", { class: "pulse small quiet", role: "status" }, h("i", { "aria-hidden": "true" }), h("span", {}, "connecting"));
  const told = (text: string, isOn: boolean): void => {
    lamp.classList.toggle("on", isOn);
    (lamp.lastChild as HTMLElement).textContent = text;
  };
  let isPaused = false;
  const held: Arrival[] = [];
  const pause = h("button", { type: "button", "aria-pressed": "false", onclick: () => {
    isPaused = !isPaused;
    pause.setAttribute("aria-pressed", String(isPaused));
    pause.textContent = isPaused ? "Go on" : "Pause";
    if (!isPaused) held.splice(0).forEach(add);
  } }, "Pause");
  const rows = h("tbody", { "aria-live": "off" });
  const waiting = h("div", { class: "empty" }, h("b", {}, "Waiting for the first event"), h("p", {}, "Open a page with the snippet, send a test webhook, or play the demo: it appears here within a second."), h("a", { class: "button", href: context.link("install") }, "Install"));
  const head = ["When", "What", "Where", "Verdict", "Why"].map((name) => h("th", { scope: "col" }, name));
  const list = h("div", { class: "wide", tabindex: 0, role: "region", "aria-label": "Events as they arrive", hidden: true }, h("table", { class: "stream" }, h("caption", { class: "unseen" }, "Events as they arrive, newest first"), h("thead", {}, h("tr", {}, ...head)), rows));
  replace(root, title("Live", "Every event, webhook and refusal of this site, the moment it arrives.", lamp, pause), h("section", { class: "card flush" }, waiting, list));

  function add(entry: Arrival): void {
    waiting.hidden = true;
    list.hidden = false;
    if (entry === GAP) {
      rows.prepend(h("tr", {}, h("td", { colspan: head.length, class: "quiet small" }, "Some that arrived in between are not shown: nobody watched, or too many came at once. Sessions and Conversions have them.")));
      return;
    }
    const origin = entry.touch ? channel(entry.touch.channel) : entry.channel ? channel(entry.channel) : null;
    const where: Child = entry.url ? h("span", { class: "cut", title: entry.url }, readable(pathOf(entry.url))) : entry.order_id ? h("code", {}, entry.order_id) : NONE;
    const what = entry.session_id ? h("a", { href: context.link("sessions", entry.session_id) }, word(entry.name)) : h("span", {}, word(entry.name));
    rows.prepend(h("tr", { class: "fresh" }, h("th", { scope: "row" }, clock(entry.t, context.site.timezone)),
      h("td", {}, what, h("span", { class: "sub" }, entry.kind === "event" && origin ? origin : word(entry.kind))), h("td", {}, where), h("td", {}, chip(entry.verdict || "accepted")), h("td", { class: "wrap" }, reason(entry))));
    while (rows.childElementCount > MAX_ROWS) rows.lastChild?.remove();
  }

  const take = (arrival: Arrival): void => {
    if (!isPaused) return add(arrival);
    held.push(arrival);
    if (held.length > MAX_ROWS) held.shift();
  };
  let source: EventSource, last = "", timer = 0;
  // The browser comes back by itself to a server that went away, not to one that answered with an error.
  function listen(): void {
    source = new EventSource(`/api/live?site=${encodeURIComponent(context.site.id)}${last && `&after=${last}`}`);
    source.onopen = () => told("listening", true);
    source.onerror = () => {
      told("reconnecting", false);
      if (source.readyState !== EventSource.CLOSED) return;
      get("/api/me", {}, context.signal).catch(() => undefined); // to the login, when that is over
      timer = setTimeout(listen, AGAIN_MS);
    };
    source.onmessage = (event) => {
      last = event.lastEventId;
      take(JSON.parse(event.data as string) as Entry);
    };
    source.addEventListener(GAP, (event) => {
      last = event.lastEventId;
      take(GAP);
    });
  }
  listen();
  context.onLeave(() => {
    clearTimeout(timer);
    source.close();
  });
}
