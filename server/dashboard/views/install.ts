// SPDX-License-Identifier: Apache-2.0
// The snippet of this site, ready to copy, and a list of what is there and what is missing.

import { get } from "../api.ts";
import { card, fillIn, title, type Context } from "../context.ts";
import { copy, h, replace } from "../dom.ts";

export interface Installation {
  site: string;
  name: string;
  write_key: string;
  endpoint: string;
  origins: string[];
  consent_default: string;
  session_timeout_minutes: number;
  session_max_minutes: number;
  rotate_on_campaign: boolean;
  providers: { name: string; webhook: string }[];
  destinations: { name: string; state: string; reason: string; deliveries: Record<string, number> }[];
  checks: { id: string; state: "ok" | "missing" | "warn"; message: string }[];
}

const attribute = (text: string): string => text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");

// Only what differs from the script's own defaults is written.
export function snippet(facts: Installation): string {
  const more: string[] = [];
  if (facts.consent_default === "granted") more.push('data-consent-default="granted"');
  if (facts.session_timeout_minutes !== 30) more.push(`data-session-timeout="${facts.session_timeout_minutes}"`);
  if (facts.session_max_minutes !== 1439) more.push(`data-session-max="${facts.session_max_minutes}"`);
  if (!facts.rotate_on_campaign) more.push('data-rotate-on-campaign="false"');
  const tail = more.length > 0 ? `\n        ${more.join(" ")}` : "";
  return `<script>window.Throughline = window.Throughline || { q: [] }</script>\n<script async src="${attribute(facts.endpoint)}/throughline.js"\n        data-site="${attribute(facts.site)}" data-key="${attribute(facts.write_key)}"${tail}></script>`;
}

function copyable(text: string, name: string): HTMLElement {
  const button = h("button", { type: "button", class: "tiny", "aria-label": `Copy ${name}`, onclick: () => void copy(text).then(() => {
    button.textContent = "Copied";
    setTimeout(() => (button.textContent = "Copy"), 1500);
  }) }, "Copy");
  return h("div", { class: "row" }, h("pre", { class: "field", tabindex: 0, "aria-label": name }, h("code", {}, text)), button);
}

// What the endpoint has to be subscribed to; the README names the same.
const EVENTS: Record<string, string> = {
  stripe: "checkout.session.completed, checkout.session.async_payment_succeeded, checkout.session.async_payment_failed, checkout.session.expired, payment_intent.succeeded, invoice.paid, invoice_payment.paid, charge.refunded, refund.created, refund.updated, refund.failed, charge.dispute.created, charge.dispute.closed",
};

const SIGNS = { ok: ["✓", "in order"], warn: ["!", "look at this"], missing: ["×", "missing"] } as const;

export function install(root: HTMLElement, context: Context): void {
  const body = h("div", { class: "stack" });
  const load = (): void => void fillIn(body, context, async () => {
    const facts = await get<Installation>("/api/install", { site: context.site.id }, context.signal);
    const open = facts.checks.filter((check) => check.state !== "ok").length;
    return [
      card("1. Put this into every page", "before the end of <head>", copyable(snippet(facts), "the snippet"), h("p", { class: "small quiet" }, "Until your banner grants storage there is no id and nothing is kept. Tell it with Throughline.q.push([\"consent\", { storage: true, marketing: true }]).")),
      card("2. Carry the ids into the checkout", null, copyable('location = Throughline.checkoutStarted?.({ url: pay }).url ?? pay', "the checkout call")),
      card("3. Let your payment provider tell us", null, ...(facts.providers.length > 0 ? facts.providers.map((provider) => h("div", { class: "field" }, h("h3", {}, provider.name), copyable(provider.webhook, `the webhook address of ${provider.name}`), EVENTS[provider.name] ? h("p", { class: "small quiet" }, `With the events ${EVENTS[provider.name]}.`) : null)) : [h("p", {}, "No provider is configured. Add ", h("code", {}, "[site.payment.stripe]"), " to the configuration, or state orders from your server with ", h("code", {}, "POST /api/conversions"), ".")])),
      card("What is there, what is missing", open === 0 ? "all in order" : `${open} to look at`, h("ul", { class: "checks" }, ...facts.checks.map((check) => h("li", {}, h("span", { class: `sign ${check.state}`, role: "img", "aria-label": SIGNS[check.state][1] }, SIGNS[check.state][0]), h("span", {}, check.message)))),
        h("div", { class: "table-tools" }, h("button", { type: "button", onclick: load }, "Check again"), h("a", { class: "button", href: context.link("live") }, "Watch live"))),
    ];
  });
  replace(root, title("Install", "From the first page to the first counted order."), body);
  load();
}
