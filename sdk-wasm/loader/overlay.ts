// SPDX-License-Identifier: Apache-2.0
// The panel that data-debug shows: consent, ids, touches, and of each event what the server made of it. In a
// shadow tree, so that neither styles the other; made of elements and a constructed sheet, which a strict
// policy and Trusted Types permit.
import type { Throughline, Touch } from "./types.js";

/** An answer to a batch, or what stands for one. */
export interface Told {
  /** The HTTP status; 0 where there was no answer. */
  status: number;
  /** X-Throughline: what the server dropped or found to differ. */
  code: string;
  answer: { rejected?: { index: number; code: string }[]; duplicate?: number };
  items: string[];
}

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
  answered(told: Told): void;
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

  const verdicts = new Map<string, HTMLElement>(); // of the rows that have an id
  const add = (list: HTMLElement, ...cells: HTMLElement[]): void => {
    const row = make("li");
    row.append(...cells);
    list.prepend(row);
    if (list.children.length <= kRows) return;
    const last = list.lastElementChild!;
    last.remove();
    for (const [id, verdict] of verdicts) if (verdict.parentNode == last) verdicts.delete(id);
  };
  const rowOf = (name: string, id?: string | null): HTMLElement => {
    const known = verdicts.get(id || "");
    if (known) return known;
    const verdict = make("span", "on its way", "open");
    add(rows, make("span", name), verdict);
    if (id) verdicts.set(id, verdict);
    return verdict;
  };

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

  api.on("consent", refresh);
  api.on("ready", refresh);
  api.on("event", ({ name, id }) => {
    rowOf(name, id);
    refresh();
  });
  refresh();
  if (document.body) show();
  else document.addEventListener("DOMContentLoaded", show);

  return {
    answered: ({ status, code, answer, items }) => {
      items.forEach((item, i) => {
        const { n, id } = JSON.parse(item.slice(1));
        const verdict = rowOf(n, id);
        const rejected = answer.rejected?.find(({ index }) => index == i);
        const isKept = status == 202 && !rejected;
        verdict.textContent = rejected
          ? `rejected: ${rejected.code}`
          : isKept
            ? [answer.duplicate == items.length ? "duplicate" : "accepted", code].filter(Boolean).join(", ")
            : `${status || "no answer"} ${code}`;
        verdict.className = isKept ? "good" : "bad";
      });
      refresh();
    },
    noted: (sentence) => add(notes, make("span", sentence)),
    end,
  };
};
