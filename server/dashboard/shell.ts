// SPDX-License-Identifier: Apache-2.0
// The frame: the rail of views, the bar of what is asked (site, days, model, currency, basis), the
// keyboard's shortcuts.

import { get, send } from "./api.ts";
import type { Context } from "./context.ts";
import { announce, h, s } from "./dom.ts";
import { modelName } from "./format.ts";
import { DEFAULT_RANGE } from "./state.ts";
import { dayCount, isDay, PRESETS } from "./ranges.ts";

// The models that the site's reports know; by site, asked once.
const modelsOf = new Map<string, Promise<string[]>>();
function knownModels(context: Context): Promise<string[]> {
  const { id } = context.site;
  if (!modelsOf.has(id)) modelsOf.set(id, get<{ models: string[] }>("/api/analytics/attribution/compare", { site: id, startDate: context.range.to, endDate: context.range.to, limit: 1 }).then((answer) => answer.models));
  return modelsOf.get(id) as Promise<string[]>;
}

interface Item {
  view: string;
  name: string;
  key: string;
  icon: string;
}
const GROUPS: [string, Item[]][] = [
  ["Results", [
    { view: "overview", name: "Overview", key: "o", icon: "M3 12l9-8 9 8M6 10v10h12V10" },
    { view: "models", name: "Models", key: "m", icon: "M4 20V9M10 20V4M16 20v-8M21 20H2" },
    { view: "paths", name: "Paths", key: "p", icon: "M4 5h5a4 4 0 014 4v6a4 4 0 004 4h3M4 19h4" },
    { view: "campaigns", name: "Campaigns", key: "c", icon: "M4 10v4h4l8 5V5L8 10H4zM19 9v6" },
  ]],
  ["Records", [
    { view: "conversions", name: "Conversions", key: "v", icon: "M4 12l5 5L20 6" },
    { view: "sessions", name: "Sessions", key: "s", icon: "M12 12a4 4 0 100-8 4 4 0 000 8zM4 21c0-4 4-6 8-6s8 2 8 6" },
    { view: "deliveries", name: "Deliveries", key: "d", icon: "M3 11l18-8-7 18-3-7-8-3z" },
  ]],
  ["Setup", [
    { view: "live", name: "Live", key: "l", icon: "M3 12h4l3-8 4 16 3-8h4" },
    { view: "install", name: "Install", key: "i", icon: "M12 3v12M7 10l5 5 5-5M4 20h16" },
    { view: "team", name: "Team", key: "t", icon: "M9 11a3 3 0 100-6 3 3 0 000 6zM3 19c0-3 3-5 6-5s6 2 6 5M16 5a3 3 0 010 6M17 14c3 0 4 2 4 5" },
    { view: "privacy", name: "Privacy", key: "y", icon: "M12 3l8 3v6c0 5-4 8-8 9-4-1-8-4-8-9V6z" },
  ]],
];

export function brand(): SVGElement {
  return s("svg", { viewBox: "0 0 32 32", "aria-hidden": "true" }, s("path", { d: "M6 7v9a6 6 0 0 0 6 6h14" }), s("circle", { cx: 26, cy: 22, r: 4.2 }));
}

function rail(context: Context, onLogout: () => void): HTMLElement {
  const made = h("header", { class: "rail" });
  const toggle = h("button", { type: "button", class: "menu-button", "aria-expanded": "false", "aria-controls": "views", onclick: () => {
    const isOpen = made.classList.toggle("open");
    toggle.setAttribute("aria-expanded", String(isOpen));
  } }, "Menu");
  const views = h("nav", { id: "views", "aria-label": "Views" }, ...GROUPS.map(([name, items]) =>
    h("div", {}, h("p", {}, name), ...items.map((item) =>
      h("a", { href: context.link(item.view), "aria-current": context.state.view === item.view ? "page" : null },
        s("svg", { viewBox: "0 0 24 24", "aria-hidden": "true" }, s("path", { d: item.icon })), item.name)))));
  const theme = h("button", { type: "button", class: "plain tiny", onclick: toggleTheme }, "Theme");
  const out = h("button", { type: "button", class: "plain tiny", onclick: () => void send("POST", "/api/logout").then(onLogout, onLogout) }, "Log out");
  const keys = h("button", { type: "button", class: "plain tiny", onclick: showKeys }, "Keys");
  const { me, site } = context;
  const choice = me.sites.length > 1 ? picker("Site", site.id, me.sites.map((entry) => [entry.id, entry.name] as const), (id) => context.go(context.link(context.state.view, "", { site: id, currency: null, model: null })), "site") : h("b", { class: "site" }, site.name);
  made.append(h("a", { class: "brand", href: context.link("overview") }, brand(), "Throughline"), choice, toggle, views,
    h("div", { class: "rail-foot" }, h("p", { class: "quiet", title: context.me.user.email }, context.me.user.email), h("div", {}, theme, keys, out)));
  return made;
}

function picker(label: string, value: string, options: readonly (readonly [string, string])[], onPick: (value: string) => void, className = ""): HTMLSelectElement {
  const known = options.some(([name]) => name === value) ? options : [...options, [value, value] as const];
  return h("select", { class: className, "aria-label": label, onchange: (event) => onPick((event.target as HTMLSelectElement).value) },
    ...known.map(([name, text]) => h("option", { value: name, selected: name === value }, text)));
}

// Which of the questions a view answers to; the others' controls are left out.
const ASKS: Record<string, string> = {
  overview: "days compare model currency basis", models: "days currency basis", paths: "days model currency basis", campaigns: "days compare model currency basis",
  conversions: "days", sessions: "days",
};

function days(context: Context): HTMLElement {
  const { query } = context.state;
  const isOwn = query.has("from") && query.has("to");
  const own = (): void => {
    if (isDay(from.value) && isDay(to.value) && from.value <= to.value) context.change({ from: from.value, to: to.value, range: null });
  };
  const from = h("input", { type: "date", "aria-label": "From", value: context.range.from, onchange: own });
  const to = h("input", { type: "date", "aria-label": "To", value: context.range.to, onchange: own });
  const pick = (value: string): void => {
    if (value === "own") context.change({ from: context.range.from, to: context.range.to, range: null });
    else context.change({ range: value, from: null, to: null });
  };
  return h("span", { class: "days" }, picker("Days", isOwn ? "own" : (query.get("range") ?? DEFAULT_RANGE), [...PRESETS, ["own", "Dates"]], pick), ...(isOwn ? [from, to] : []));
}

function topBar(context: Context): HTMLElement | null {
  const asked = context.state.id && context.state.view !== "campaigns" ? "" : ASKS[context.state.view];
  if (!asked) return null;
  const asks = asked.split(" ");
  const made = h("section", { class: "bar-top", "aria-label": "What is shown" }, days(context));
  const { site, currency, basis, model } = context;
  if (asks.includes("compare"))
    made.append(h("label", { class: "pick", title: `With the ${dayCount(context.range)} days before` }, h("input", { type: "checkbox", checked: context.compares, onchange: (event) => context.change({ compare: (event.target as HTMLInputElement).checked ? null : "0" }) }), "Compare"));
  made.append(h("span", { class: "gap" }));
  if (asks.includes("model")) {
    const slot = h("span", { class: "models" });
    const draw = (names: string[]): void => slot.replaceChildren(picker("Model", model, names.map((name) => [name, modelName(name) + (name === site.model ? " (default)" : "")] as const), (value) => context.change({ model: value === site.model ? null : value })));
    draw([model]);
    knownModels(context).then((names) => context.signal.aborted || draw(names.includes(model) ? names : [model, ...names]), () => modelsOf.delete(site.id));
    made.append(slot);
  }
  if (asks.includes("basis") && context.isMoney) made.append(picker("Basis of refunds", basis, [["accrual", "By order day"], ["cash", "By refund day"]], (value) => context.change({ basis: value === "accrual" ? null : value })));
  if (asks.includes("currency")) made.append(h("span", { class: "currencies" }, picker("Currency", currency, [[site.currency, site.currency] as const], (value) => context.change({ currency: value === site.currency ? null : value }))));
  return made;
}

// The reports know which currencies have money in the range.
export function offerCurrencies(context: Context, currencies: readonly string[] | undefined): void {
  const slot = document.querySelector(".currencies");
  const all = [...new Set([context.site.currency, context.currency, ...(currencies ?? [])])];
  slot?.replaceChildren(picker("Currency", context.currency, all.map((name) => [name, name] as const), (value) => context.change({ currency: value === context.site.currency ? null : value })));
}

function toggleTheme(): void {
  const root = document.documentElement;
  const isDark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = isDark ? "light" : "dark";
  localStorage.setItem("throughline-theme", root.dataset.theme);
}

export function recallTheme(): void {
  const theme = localStorage.getItem("throughline-theme");
  if (theme === "dark" || theme === "light") document.documentElement.dataset.theme = theme;
}

function showKeys(): void {
  const row = (keys: string[], text: string): HTMLElement[] => [h("dt", {}, ...keys.flatMap((key, index) => [index > 0 ? " " : "", h("kbd", {}, key)])), h("dd", {}, text)];
  const dialog = h("dialog", { "aria-label": "Keyboard shortcuts" }, h("h2", {}, "Keyboard shortcuts"),
    h("dl", {}, ...GROUPS.flatMap(([, items]) => items.flatMap((item) => row(["g", item.key], item.name))), ...row(["["], "The period before"), ...row(["]"], "The period after"), ...row(["?"], "This list")),
    h("form", { method: "dialog" }, h("button", { class: "main-button" }, "Close")));
  document.body.append(dialog);
  dialog.addEventListener("close", () => dialog.remove());
  dialog.showModal();
}

// "g" and then a letter goes to a view. Returns how to stop.
export function listenToKeys(current: () => Context | null, shift: (periods: number) => void): void {
  let isGoing = false;
  addEventListener("keydown", (event) => {
    const context = current();
    const target = event.target as HTMLElement;
    if (!context || event.ctrlKey || event.metaKey || event.altKey || target.closest("input, select, textarea, dialog")) return;
    if (isGoing) {
      isGoing = false;
      const item = GROUPS.flatMap(([, items]) => items).find((entry) => entry.key === event.key);
      if (item) {
        event.preventDefault();
        context.go(context.link(item.view));
        announce(item.name);
      }
      return;
    }
    if (event.key === "g") {
      isGoing = true;
      setTimeout(() => (isGoing = false), 1500);
    } else if (event.key === "[") shift(-1);
    else if (event.key === "]") shift(1);
    else if (event.key === "?") showKeys();
  });
}

export function frame(context: Context, main: HTMLElement, onLogout: () => void): HTMLElement[] {
  const skip = h("a", { class: "skip", href: "#main", onclick: (event) => {
    event.preventDefault();
    main.focus();
  } }, "Skip to the content");
  return [skip, h("div", { class: "frame" }, rail(context, onLogout), h("div", { class: "stage" }, topBar(context), main))];
}

export function nameOf(view: string): string {
  return GROUPS.flatMap(([, items]) => items).find((item) => item.view === view)?.name ?? "Not found";
}

