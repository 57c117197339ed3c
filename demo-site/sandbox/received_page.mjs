// SPDX-License-Identifier: Apache-2.0
// The page that shows what arrived: per destination the events taken, the duplicates that it refused
// to count twice, and what it refused outright; and the failure switches.
import { clockTime, escape, page } from "./page_layout.mjs";
import { details, facts, LATEST, short, switchFor, table, webhookTable } from "./page_parts.mjs";
import { VENDORS } from "./vendors/index.mjs";

const warnings = (record) => record.warnings.map((w) => `<span class="warn">${escape(w)}</span>`).join("");

function metaSection(meta, switches) {
  const rows = [...meta.accepted].reverse().slice(0, LATEST).map((record) => {
    const { event } = record;
    const data = event.custom_data ?? {};
    const value = data.value === undefined ? "" : `${escape(data.value)} ${escape(data.currency)}`;
    return `<tr><td><time>${clockTime(record.received_at)}</time></td><td><b>${escape(event.event_name)}</b>${warnings(record)}${details(record)}</td><td>${short(event.event_id)}</td><td>${value}</td><td class="by">${Object.keys(event.user_data).map(escape).join(" ")}</td></tr>`;
  });
  return `<section class="card"><h2>Meta <small>Conversions API</small></h2>${switchFor("meta", switches)}
${facts([["requests", meta.requests], ["events counted", meta.accepted.length, "good"], ["duplicates not counted", meta.duplicates.length], ["requests refused", meta.refused.length, meta.refused.length ? "bad" : ""]])}
${table(["at", "event", "event id", "value", "matched by"], rows, "Nothing yet. Accept the cookies on the demo site and look around.")}
${refusals(meta.refused)}</section>`;
}

function refusals(refused) {
  if (refused.length === 0) return "";
  const rows = [...refused].reverse().slice(0, 10).map((r) => `<li><time>${clockTime(r.received_at)}</time> <b>${r.status}${r.code ? ` / ${r.code}${r.subcode ? `.${r.subcode}` : ""}` : ""}</b> ${escape(r.message)}</li>`);
  return `<details class="refused"><summary>Refused requests</summary><ul>${rows.join("")}</ul></details>`;
}

function posthogSection(posthog, switches) {
  const rows = [...posthog.accepted].reverse().slice(0, LATEST).map((record) => {
    const { event } = record;
    const p = event.properties ?? {};
    return `<tr><td><time>${clockTime(record.received_at)}</time></td><td><b>${escape(event.event)}</b>${warnings(record)}${details(record)}</td><td>${short(event.uuid)}</td><td>${short(p.$session_id)}</td><td class="by">${escape(p.revenue ?? p.$pathname ?? "")}</td></tr>`;
  });
  return `<section class="card"><h2>PostHog <small>capture</small></h2>${switchFor("posthog", switches)}
${facts([["requests", posthog.requests], ["events counted", posthog.accepted.length, "good"], ["duplicates not counted", posthog.duplicates.length], ["dropped silently", posthog.dropped.length, posthog.dropped.length ? "bad" : ""], ["requests refused", posthog.refused.length, posthog.refused.length ? "bad" : ""]])}
${table(["at", "event", "uuid", "session", "page, revenue"], rows, "Nothing yet.")}
${refusals(posthog.refused)}</section>`;
}

// The destinations that are rules alone: a card each once something was sent to them, a line until then.
function vendorSection(name, vendor, switches) {
  const rows = [...vendor.accepted].reverse().slice(0, LATEST).map((record) => `<tr><td><time>${clockTime(record.received_at)}</time></td><td><b>${escape(record.label)}</b>${details(record)}</td></tr>`);
  return `<section class="card"><h2>${escape(VENDORS[name].TITLE)}</h2>${switchFor(name, switches)}
${facts([["requests", vendor.requests], ["events counted", vendor.accepted.length, "good"], ["duplicates not counted", vendor.duplicates.length], ...(vendor.restated.length > 0 ? [["values restated", vendor.restated.length]] : []), ["refused", vendor.refused.length, vendor.refused.length ? "bad" : ""]])}
${table(["at", "event"], rows, "Nothing yet.")}
${refusals(vendor.refused)}</section>`;
}
function quietSection(names, switches) {
  if (names.length === 0) return "";
  const rows = names.map((name) => `<tr><td><b>${escape(VENDORS[name].TITLE)}</b></td><td>${switchFor(name, switches)}</td></tr>`);
  return `<section class="card"><h2>Nothing yet <small>some are told of sales and leads alone</small></h2>${table(["destination", ""], rows, "")}</section>`;
}

// What the providers told the shop; their payments have a page of their own.
function webhookSection({ payments, attempts, events }, switches) {
  const good = attempts.filter((a) => a.status !== null && a.status < 300).length;
  return `<section class="card wide"><h2>Payment providers <small>webhooks sent to the shop; <a href="/payments">payments and what goes wrong with them</a></small></h2>
<div class="switches"><p>Stripe's API</p>${switchFor("stripe_api", switches)}</div>
${facts([["checkouts opened", payments.opened], ["paid", payments.paid, "good"], ["events", events], ["deliveries", attempts.length], ["answered 2xx", good, "good"]])}
${webhookTable(attempts)}</section>`;
}

export function receivedPage({ meta, posthog, webhooks, switches, ...others }) {
  const names = Object.keys(VENDORS), isTold = (name) => others[name].requests > 0;
  const vendors = names.filter(isTold).map((name) => vendorSection(name, others[name], switches));
  return page({
    title: "What arrived", current: "/", isLive: true,
    body: `<h1>What arrived</h1><div class="grid">${metaSection(meta, switches)}${posthogSection(posthog, switches)}${vendors.join("")}${quietSection(names.filter((name) => !isTold(name)), switches)}${webhookSection(webhooks, switches)}</div>`,
  });
}
