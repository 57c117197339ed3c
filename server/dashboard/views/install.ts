// SPDX-License-Identifier: Apache-2.0
// The snippet of this site as it is wanted, ready to copy, and a list of what is there and what is missing.

import { get } from "../api.ts";
import { card, fillIn, title, type Context } from "../context.ts";
import { copy, h, replace } from "../dom.ts";
import { word } from "../format.ts";

export interface Installation {
  site: string;
  name: string;
  write_key: string;
  endpoint: string;
  script: string;
  origins: string[];
  consent_default: string;
  session_timeout_minutes: number;
  session_max_minutes: number;
  rotate_on_campaign: boolean;
  affiliate_params: string[];
  coarse_handover: boolean;
  providers: { name: string; webhook: string }[];
  destinations: { name: string; state: string; reason: string; deliveries: Record<string, number> }[];
  checks: { id: string; state: "ok" | "missing" | "warn"; message: string }[];
}

const attribute = (text: string): string => text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");

// data-capture, word by word; docs/sdk.md tells all of it.
export const CAPTURES: Record<string, string> = {
  page: "page views and route changes", video: "videos marked with data-tl-video", scroll: "how far pages are read", outbound: "clicks to other sites", download: "clicks to files",
  form: "forms sent, never what is in them", signup: "forms marked as e-mail sign-up", checkout: "ids on payment links", players: "YouTube and Vimeo players",
};
const USUAL = ["page", "video"];
const CONSENT: Record<string, [string, string]> = {
  "": ["told by your own calls", "Until your banner grants storage there is no id and nothing is kept. Tell it with Throughline.q.push([\"consent\", { storage: true, marketing: true }])."],
  auto: ["read from the banner on the page", "Cookiebot, OneTrust, Usercentrics, Consent Mode, TCF and others are found and followed; until they say yes nothing is kept."],
  region: ["the banner, and the country where it is silent", "An open choice counts as a yes in the site's opt_out_countries, and as a no everywhere else."],
};
export interface Choices {
  consent: string; // a key of CONSENT
  capture: string[];
  domains: string;
}

// Only what differs from the script's own defaults is written.
export function snippet(facts: Installation, { consent, capture, domains }: Choices = { consent: "", capture: USUAL, domains: "" }): string {
  const more: string[] = [];
  const add = (name: string, value: string | number | boolean): void => void more.push(`\n        data-${name}="${attribute(String(value))}"`);
  if (consent) add("consent", "auto");
  if (consent === "region" || facts.consent_default === "granted") add("consent-default", consent === "region" ? consent : "granted");
  if (facts.session_timeout_minutes !== 30) add("session-timeout", facts.session_timeout_minutes);
  if (facts.session_max_minutes !== 1439) add("session-max", facts.session_max_minutes);
  if (!facts.rotate_on_campaign) add("rotate-on-campaign", false);
  if (facts.affiliate_params.length > 0) add("keep-query", facts.affiliate_params.join(" "));
  if (facts.coarse_handover) add("coarse-handover", true);
  const words = domains.split(/[\s,]+/).filter(Boolean).join(" ");
  if (words) add("link-domains", words);
  if (capture.join(" ") !== USUAL.join(" ")) add("capture", capture.join(" "));
  return `<script>window.Throughline = window.Throughline || { q: [] }</script>\n<script async src="${attribute(facts.script)}"\n        data-site="${attribute(facts.site)}" data-key="${attribute(facts.write_key)}"${more.join("")}></script>`;
}

function copyable(text: string, name: string): HTMLElement {
  const code = h("code", {}, text);
  const button = h("button", { type: "button", class: "tiny", "aria-label": `Copy ${name}`, onclick: () => void copy(code.textContent ?? "").then(() => {
    button.textContent = "Copied";
    setTimeout(() => (button.textContent = "Copy"), 1500);
  }) }, "Copy");
  return h("div", { class: "row" }, h("pre", { class: "field", tabindex: 0, "aria-label": name }, code), button);
}

// The snippet, and what it may be told besides; it follows every choice at once. `chosen` outlives a reload of the list.
function maker(facts: Installation, chosen: Choices): HTMLElement {
  const shown = copyable(snippet(facts, chosen), "the snippet"), hint = h("p", { class: "small quiet", "aria-live": "polite" }, CONSENT[chosen.consent]?.[1]);
  const draw = (): void => {
    (shown.querySelector("code") as HTMLElement).textContent = snippet(facts, chosen);
    hint.textContent = CONSENT[chosen.consent]?.[1] ?? "";
  };
  const consent = h("select", { id: "consent", onchange: () => {
    chosen.consent = consent.value;
    draw();
  } }, ...Object.entries(CONSENT).map(([value, [text]]) => h("option", { value, selected: value === chosen.consent }, text)));
  const domains = h("input", { id: "domains", value: chosen.domains, placeholder: facts.origins.length > 1 ? facts.origins.map((origin) => origin.replace(/^.*\/\//, "")).join(" ") : "shop.example pay.example", spellcheck: "false", autocapitalize: "none", oninput: () => {
    chosen.domains = domains.value;
    draw();
  } });
  const words = Object.entries(CAPTURES).map(([word, text]) => h("label", {}, h("input", { type: "checkbox", value: word, checked: chosen.capture.includes(word), onchange: () => {
    chosen.capture = Object.keys(CAPTURES).filter((each) => (captured.querySelector(`[value=${each}]`) as HTMLInputElement).checked);
    draw();
  } }), h("span", {}, h("code", {}, word), ` ${text}`)));
  const captured = h("fieldset", { class: "choices" }, h("legend", {}, "Captured without a call"), ...words);
  return h("div", { class: "stack" }, h("div", { class: "row" }, h("div", { class: "field" }, h("label", { for: "consent" }, "Consent is"), consent), h("div", { class: "field" }, h("label", { for: "domains" }, "Domains that share a visit, if several"), domains)), captured, shown, hint);
}

// What the endpoint has to be subscribed to; the README names the same.
const EVENTS: Record<string, string> = {
  stripe: "checkout.session.completed, checkout.session.async_payment_succeeded, checkout.session.async_payment_failed, checkout.session.expired, payment_intent.succeeded, invoice.paid, invoice_payment.paid, charge.refunded, refund.created, refund.updated, refund.failed, charge.dispute.created, charge.dispute.closed",
};

const SIGNS = { ok: ["✓", "in order"], warn: ["!", "look at this"], missing: ["×", "missing"] } as const;

export function install(root: HTMLElement, context: Context): void {
  const body = h("div", { class: "stack" });
  const chosen: Choices = { consent: "", capture: USUAL, domains: "" };
  const load = (): void => void fillIn(body, context, async () => {
    const facts = await get<Installation>("/api/install", { site: context.site.id }, context.signal);
    const open = facts.checks.filter((check) => check.state !== "ok").length;
    return [
      card("1. Put this into every page", "before the end of <head>", maker(facts, chosen)),
      card("2. Carry the ids into the checkout", null, copyable('location = Throughline.checkoutStarted?.({ url: pay }).url ?? pay', "the checkout call")),
      card("3. Let your payment provider tell us", null, ...(facts.providers.length > 0 ? facts.providers.map((provider) => h("div", { class: "hook" }, h("h3", {}, word(provider.name)), copyable(provider.webhook, `the webhook address of ${provider.name}`), EVENTS[provider.name] ? h("p", { class: "small quiet" }, `With the events ${EVENTS[provider.name]}.`) : null)) : [h("p", {}, "No provider is configured. Add ", h("code", {}, "[site.payment.stripe]"), " to the configuration, or state orders from your server with ", h("code", {}, "POST /api/conversions"), ".")])),
      card("What is there, what is missing", open === 0 ? "all in order" : `${open} to look at`, h("ul", { class: "checks" }, ...facts.checks.map((check) => h("li", {}, h("span", { class: `sign ${check.state}`, role: "img", "aria-label": SIGNS[check.state][1] }, SIGNS[check.state][0]), h("span", {}, check.message)))),
        h("div", { class: "table-tools" }, h("button", { type: "button", onclick: load }, "Check again"), h("a", { class: "button", href: context.link("live") }, "Watch live"))),
    ];
  });
  replace(root, title("Install", "From the first page to the first counted order."), body);
  load();
}
