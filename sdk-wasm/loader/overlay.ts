// SPDX-License-Identifier: Apache-2.0
// The panel that data-debug shows: consent, ids, touches, and of each event what the server made of it. In a
// shadow tree, so that neither styles the other; made of elements and a constructed sheet, which a strict
// policy and Trusted Types permit.
import type { Throughline, Touch } from "./types.js";

const kRows = 30;
const kStyle = `
:host { all: initial; position: fixed; right: 8px; bottom: 8px; z-index: 2147483647; }
section { width: 340px; max-width: calc(100vw - 16px); max-height: 60vh; overflow: auto; box-sizing: border-box;
  padding: 10px 12px; border-radius: 8px; background: #14171c; color: #e8eaed; font: 12px/1.45 system-ui, sans-serif;
  box-shadow: 0 4px 24px #0008; }
header { display: flex; justify-content: space-between; align-items: center; }
h2, h3 { margin: 0; font-size: 13px; } h3 { margin-top: 8px; font-size: 12px; color: #aab2bd; }
button { min-width: 28px; min-height: 28px; border: 1px solid #5a6472; border-radius: 6px; background: none; color: inherit;
  font: inherit; cursor: pointer; }
button:focus-visible { outline: 2px solid #8ab4f8; }
dl { display: grid; grid-template-columns: 72px 1fr; gap: 2px 8px; margin: 6px 0 0; }
dt { color: #aab2bd; } dd { margin: 0; overflow-wrap: anywhere; }
ol { margin: 4px 0 0; padding: 0; list-style: none; }
li { display: flex; justify-content: space-between; gap: 8px; border-top: 1px solid #2a2f37; padding: 2px 0; }
.good { color: #81c995; } .bad { color: #f6aea9; } .open { color: #fdd663; }`;

const make = (name: string, text = "", kind = ""): HTMLElement => {
  const element = document.createElement(name);
  element.textContent = text;
  if (kind) element.className = kind;
  return element;
};

const kWords = new Map<boolean | null, string>([[true, "granted"], [false, "denied"], [null, "unknown"]]);

const touchText = (touch: Touch | null): string =>
  touch
    ? Object.entries(touch).flatMap(([name, value]) => (name == "t" ? [] : `${name}: ${value}`)).join(", ") || "direct"
    : "none";

interface Panel {
  /** An event, by a key of its own, is on its way. */
  queued(name: string, key: string, isCoarse: boolean): void;
  /** What the server made of it. */
  judged(key: string, verdict: string, kind: string): void;
  /** The endpoint gave no answer, and may give none to what follows. */
  unreached(): void;
  noted(sentence: string): void;
  end(): void;
}

/** Shows the panel, once a page. */
export const showOverlay = (api: Throughline): Panel => {
  const host = make("throughline-debug");
  const shadow = host.attachShadow({ mode: "open" });
  try {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(kStyle);
    shadow.adoptedStyleSheets = [sheet];
  } catch {} // an older browser shows it plainly
  const panel = make("section");
  panel.setAttribute("aria-label", "Throughline debug");
  const header = make("header");
  const close = make("button", "×");
  close.setAttribute("aria-label", "Close");
  const show = (): void => document.body.append(host);
  const end = (): void => {
    host.remove();
    document.removeEventListener("DOMContentLoaded", show);
  };
  close.addEventListener("click", end);
  panel.addEventListener("keydown", ({ key }) => key == "Escape" && end());
  header.append(make("h2", "Throughline"), close);
  const facts = make("dl");
  const rows = make("ol");
  const notes = make("ol");
  panel.append(header, facts, make("h3", "Events"), rows, make("h3", "Notes"), notes);
  shadow.append(panel);

  interface Row {
    verdict: HTMLElement;
    isCoarse: boolean;
    isJudged?: true;
  }
  const shown = new Map<string, Row>();
  const add = (list: HTMLElement, ...cells: HTMLElement[]): void => {
    const row = make("li");
    row.append(...cells);
    list.prepend(row);
    if (list.children.length <= kRows) return;
    const last = list.lastElementChild!;
    last.remove();
    for (const [key, { verdict }] of shown) if (verdict.parentNode == last) shown.delete(key);
  };
  const state = ({ verdict }: Row, text: string, kind: string): void => {
    verdict.textContent = text;
    verdict.className = kind;
  };
  let isDown = false;
  const stateOpen = (row: Row): void =>
    !isDown
      ? state(row, "on its way", "open")
      : state(row, row.isCoarse ? "no answer, not counted" : "no answer, will try again", "bad");

  const refresh = (): void => {
    const { storage, marketing } = api.consent();
    const { first, last } = api.getAttribution();
    const told: Record<string, string> = {
      storage: kWords.get(storage)!,
      marketing: kWords.get(marketing)!,
      session: api.getSessionId() || "none",
      visitor: api.getAnonymousId() || "none",
      "first touch": touchText(first),
      "last touch": touchText(last),
    };
    facts.replaceChildren(...Object.entries(told).flatMap(([name, value]) => [make("dt", name), make("dd", value)]));
  };

  api.on("consent", ({ storage }) => {
    if (storage === false)
      for (const row of shown.values())
        if (!row.isJudged && !row.isCoarse) state(row, "dropped, consent is gone", "bad");
    refresh();
  });
  api.on("ready", refresh);
  refresh();
  if (document.body) show();
  else document.addEventListener("DOMContentLoaded", show);

  return {
    queued: (name, key, isCoarse) => {
      if (shown.has(key)) return;
      const row = { verdict: make("span"), isCoarse };
      add(rows, make("span", isCoarse ? name + " (coarse count)" : name), row.verdict);
      shown.set(key, row);
      stateOpen(row);
      refresh();
    },
    judged: (key, verdict, kind) => {
      isDown = false;
      const row = shown.get(key);
      if (!row) return;
      row.isJudged = true;
      state(row, verdict, kind);
      refresh();
    },
    unreached: () => {
      isDown = true;
      for (const row of shown.values()) if (!row.isJudged) stateOpen(row);
    },
    noted: (sentence) => add(notes, make("span", sentence)),
    end,
  };
};
