// SPDX-License-Identifier: Apache-2.0
// The status page's script: asks for a secret key once, keeps it in this tab's sessionStorage, reads
// the API every five seconds while the tab is visible. All text enters the page as text, never HTML.
"use strict";

(() => {
  const STORE = "throughline-key";
  const EVERY_MS = 5000;
  const byId = (id) => document.getElementById(id);
  let key = sessionStorage.getItem(STORE) || "";
  let timer = 0;

  const element = (tag, text, className) => {
    const made = document.createElement(tag);
    if (text !== undefined && text !== null) made.textContent = String(text);
    if (className) made.className = className;
    return made;
  };

  class Refused extends Error {}

  const get = async (path) => {
    const answer = await fetch(path, { headers: { Authorization: `Bearer ${key}` }, cache: "no-store" });
    const body = await answer.json();
    if (answer.status === 401 || answer.status === 403) throw new Refused(body.error.message);
    if (!answer.ok) throw new Error(body.error.message);
    return body;
  };

  const time = (text) => {
    if (!text) return "";
    const moment = new Date(text);
    const today = new Date().toDateString() === moment.toDateString();
    const options = today ? { timeStyle: "medium" } : { dateStyle: "medium", timeStyle: "short" };
    return new Intl.DateTimeFormat(undefined, options).format(moment);
  };
  const money = (minor, currency) => {
    if (!currency) return "";
    const format = new Intl.NumberFormat(undefined, { style: "currency", currency });
    return format.format(minor / 10 ** format.resolvedOptions().maximumFractionDigits);
  };
  const duration = (seconds) => {
    if (typeof seconds !== "number") return "";
    return seconds < 90 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
  };
  const touch = (value) => (value ? [value.channel, value.source, value.campaign].filter(Boolean).join(" · ") : "");

  const TONES = {
    delivered: "good", paid: "good", verified: "good", queued: "", sending: "", pending: "",
    failed: "warn", withheld: "warn", partially_refunded: "warn", refunded: "warn", disputed: "bad", dead: "bad",
  };
  const chip = (word) => element("span", word, `chip ${TONES[word] || ""}`);

  const TABLES = {
    conversions: {
      path: "/api/conversions?limit=15",
      empty: "No conversion yet. The first signed webhook or POST /api/conversions will show here.",
      columns: [
        ["Time", (row) => time(row.occurred_at)],
        ["Kind", (row) => row.kind],
        ["Order", (row) => row.order_id, "long"],
        ["Amount", (row) => money(row.amount_minor, row.currency), "number"],
        ["Status", (row) => chip(row.status)],
        ["Matched by", (row) => row.match_type],
        ["First touch", (row) => touch(row.first_touch), "long"],
        ["Last touch", (row) => touch(row.last_touch), "long"],
        ["Touches", (row) => row.touches, "number"],
      ],
    },
    sessions: {
      path: "/api/sessions?limit=15",
      empty: "No session yet. Put the script tag into a page and open it.",
      columns: [
        ["Started", (row) => time(row.started_at)],
        ["First touch", (row) => touch(row.first_touch), "long"],
        ["Last touch", (row) => touch(row.last_touch), "long"],
        ["Duration", (row) => duration(row.duration_s), "number"],
        ["Device", (row) => row.device],
        ["Country", (row) => row.country],
        ["Ended", (row) => row.end_reason],
        ["Value", (row) => (row.converted ? money(row.conversion_value_minor, row.currency) : ""), "number"],
      ],
    },
    deliveries: {
      path: "/api/deliveries?limit=15",
      empty: "Nothing to send. Configure a destination under [site.destination.…].",
      columns: [
        ["Destination", (row) => row.destination],
        ["Event", (row) => row.event_name],
        ["State", (row) => chip(row.state)],
        ["Attempts", (row) => row.attempts, "number"],
        ["Next", (row) => (row.state === "queued" || row.state === "failed" ? time(row.next_attempt_at) : "")],
        ["Status", (row) => row.last_status || "", "number"],
        ["Last error", (row) => row.last_error, "long"],
      ],
    },
    rejects: {
      path: "/api/rejects?limit=15",
      empty: "Nothing was refused.",
      columns: [
        ["Time", (row) => time(row.t || row.received_at)],
        ["Route", (row) => row.route],
        ["Code", (row) => row.code],
        ["Why", (row) => row.message, "long"],
        ["Replayed", (row) => row.replay_result || ""],
      ],
    },
  };

  const fill = (id, rows) => {
    const { columns, empty } = TABLES[id];
    const head = element("thead");
    const titles = head.appendChild(element("tr"));
    for (const [title, , className] of columns) titles.appendChild(element("th", title, className)).scope = "col";
    const body = element("tbody");
    for (const row of rows) {
      const line = body.appendChild(element("tr"));
      for (const [, show, className] of columns) {
        const shown = show(row);
        const cell = line.appendChild(element("td", undefined, className));
        if (shown instanceof Node) cell.append(shown);
        else cell.textContent = shown ?? "";
        if (className === "long") cell.title = cell.textContent;
      }
    }
    if (rows.length === 0) {
      const cell = body.appendChild(element("tr")).appendChild(element("td", empty, "empty"));
      cell.colSpan = columns.length;
    }
    byId(id).replaceChildren(head, body);
  };

  const fillCounters = (status) => {
    byId("site").textContent = status.name;
    const tiles = Object.entries(status.counters).filter(([name]) => !name.endsWith("_bytes")).map(([name, total]) => {
      const tile = element("div");
      tile.append(element("dt", name.replaceAll("_", " ")), element("dd", total.toLocaleString()));
      return tile;
    });
    if (tiles.length === 0) tiles.push(element("div", "Nothing has come in yet."));
    byId("counters").replaceChildren(...tiles);
  };

  const show = (isOpen) => {
    byId("door").hidden = isOpen;
    byId("board").hidden = !isOpen;
    byId("leave").hidden = !isOpen;
    if (!isOpen) {
      byId("site").textContent = "";
      byId("state").textContent = "";
      byId("key").focus();
    }
  };

  const forget = (why) => {
    key = "";
    sessionStorage.removeItem(STORE);
    byId("refused").textContent = why;
    show(false);
  };

  const refresh = async () => {
    clearTimeout(timer);
    if (!key) return;
    try {
      fillCounters(await get("/api/status"));
      await Promise.all(Object.keys(TABLES).map(async (id) => fill(id, (await get(TABLES[id].path)).items)));
      sessionStorage.setItem(STORE, key);
      show(true);
      byId("state").textContent = `updated ${new Date().toLocaleTimeString()}`;
    } catch (error) {
      if (error instanceof Refused) return forget(error.message);
      byId("state").textContent = `not updated: ${error.message}`;
    }
    if (!document.hidden) timer = setTimeout(refresh, EVERY_MS);
  };

  byId("door").addEventListener("submit", (event) => {
    event.preventDefault();
    key = byId("key").value.trim();
    byId("key").value = "";
    byId("refused").textContent = "";
    refresh();
  });
  byId("leave").addEventListener("click", () => forget(""));
  document.addEventListener("visibilitychange", () => document.hidden || refresh());

  if (key) refresh();
  else show(false);
})();
