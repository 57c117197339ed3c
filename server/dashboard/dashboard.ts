// SPDX-License-Identifier: Apache-2.0
// Entry: who is logged in, which view the address names, and going from one to the next without
// loading the page again.

import { ApiError, get, setCsrf, whenOver, type Me } from "./api.ts";
import { linkTo, type Context, type View } from "./context.ts";
import { h, replace } from "./dom.ts";
import { addDays, dayCount } from "./ranges.ts";
import { frame, listenToKeys, nameOf, recallTheme } from "./shell.ts";
import { rangeOf, readState } from "./state.ts";
import { campaigns } from "./views/campaigns.ts";
import { conversion } from "./views/conversion.ts";
import { conversions } from "./views/conversions.ts";
import { deliveries } from "./views/deliveries.ts";
import { install } from "./views/install.ts";
import { live } from "./views/live.ts";
import { login } from "./views/login.ts";
import { models } from "./views/models.ts";
import { overview } from "./views/overview.ts";
import { paths } from "./views/paths.ts";
import { privacy } from "./views/privacy.ts";
import { session } from "./views/session.ts";
import { sessions } from "./views/sessions.ts";
import { team } from "./views/team.ts";

const VIEWS: Record<string, View> = { overview, models, paths, campaigns, conversions, sessions, deliveries, live, install, team, privacy };
const ITEMS: Record<string, View> = { conversions: conversion, sessions: session };

const app = document.getElementById("app") as HTMLElement;
let me: Me | null = null;
let leaving: (() => void)[] = [];
let current: Context | null = null;

function leave(): void {
  for (const action of leaving) action();
  leaving = [];
  current = null;
}

function showLogin(): void {
  leave();
  me = null;
  document.title = "Log in · Throughline";
  login(app, (who) => {
    me = who;
    show();
  });
}

function go(href: string, keepsScroll = false): void {
  history.pushState(null, "", href);
  show(keepsScroll);
}

function show(keepsScroll = false): void {
  if (!me) return;
  leave();
  setCsrf(me.csrf);
  const state = readState(location.pathname, location.search);
  const site = me.sites.find((entry) => entry.id === state.query.get("site")) ?? me.sites[0];
  const main = h("main", { id: "main", tabindex: -1 });
  if (!site) {
    replace(app, h("div", { class: "login" }, h("form", {}, h("h1", {}, "No site"), h("p", {}, "Your account has no access to any site. An owner can give it: throughline user add."))));
    return;
  }
  const controller = new AbortController();
  leaving.push(() => controller.abort());
  const link = linkTo(state);
  const kind = state.query.get("kind") ?? "purchase";
  const context: Context = {
    me, site, state, link, signal: controller.signal, range: rangeOf(state.query, site.timezone),
    model: state.query.get("model") ?? site.model, currency: state.query.get("currency") ?? site.currency, basis: state.query.get("basis") ?? "accrual", kind, isMoney: kind === "purchase", compares: state.query.get("compare") !== "0",
    go, change: (changes) => go(link(state.view, state.id, changes, true), true), onLeave: (action) => leaving.push(action),
    may: (role) => site.role === "owner" || site.role === role,
  };
  current = context;
  const view = state.id && ITEMS[state.view] ? ITEMS[state.view] : VIEWS[state.view];
  document.title = `${nameOf(state.view)} · ${site.name} · Throughline`;
  const scroll = scrollY;
  replace(app, ...frame(context, main, showLogin));
  if (view) void view(main, context);
  else replace(main, h("h1", {}, "There is no such view"), h("p", {}, h("a", { href: link("overview") }, "To the overview")));
  scrollTo(0, keepsScroll ? scroll : 0);
}

document.addEventListener("click", (event) => {
  const anchor = (event.target as Element).closest?.("a[href^='/dashboard']");
  if (!anchor || event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  go(anchor.getAttribute("href") as string);
  document.getElementById("main")?.focus({ preventScroll: true });
});
addEventListener("popstate", () => show());

listenToKeys(() => current, (periods) => {
  if (!current) return;
  const { from, to } = current.range;
  const step = dayCount(current.range) * periods;
  current.change({ from: addDays(from, step), to: addDays(to, step), range: null });
});

recallTheme();
whenOver(showLogin);
get<Me>("/api/me").then((who) => {
  me = who;
  show();
}, (error: unknown) => {
  if (!(error instanceof ApiError)) replace(app, h("p", { class: "boot" }, "The server cannot be reached. Reload to try again."));
  else if (error.status !== 401) replace(app, h("p", { class: "boot" }, error.message));
});
