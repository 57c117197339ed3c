// SPDX-License-Identifier: Apache-2.0
// Parts of the sandbox's pages: tables, figures, failure switches, what was sent to the shop.
import { modesOf } from "./failure_switch.mjs";
import { clockTime, escape } from "./page_layout.mjs";
import * as PROVIDERS from "./providers/index.mjs";

export const PROVIDER_TITLES = { stripe: "Stripe", ...Object.fromEntries(Object.entries(PROVIDERS).map(([name, { title }]) => [name, title])) };

export const short = (id) => (id ? `<code title="${escape(id)}">${escape(String(id).slice(0, 8))}…${escape(String(id).slice(-4))}</code>` : "–");
export const LATEST = 40;

export function table(head, rows, empty) {
  if (rows.length === 0) return `<p class="empty">${empty}</p>`;
  return `<div class="scroll"><table><thead><tr>${head.map((h) => `<th scope="col">${h}</th>`).join("")}</tr></thead><tbody>${rows.join("")}</tbody></table></div>`;
}

export function facts(list) {
  return `<dl class="facts">${list.map(([name, value, tone]) => `<div${tone ? ` class="${tone}"` : ""}><dt>${name}</dt><dd>${value}</dd></div>`).join("")}</dl>`;
}

export function details(record) {
  return `<details><summary>body</summary><pre>${escape(JSON.stringify(record.event, null, 2))}</pre></details>`;
}

export function switchFor(target, state) {
  const { mode, left } = state[target];
  const options = modesOf(target).map((m) => `<option${m === mode ? " selected" : ""}>${m}</option>`).join("");
  const label = mode === "ok" ? "up" : `${mode}${left === null ? "" : ` for ${left} more`}`;
  return `<form class="switch" method="post" action="/control"><input type="hidden" name="target" value="${target}">
<span class="lamp ${mode === "ok" ? "up" : "down"}">${escape(label)}</span>
<label>Fail with <select name="mode">${options}</select></label><button>Set</button></form>`;
}

export function webhookTable(attempts) {
  const rows = [...attempts].reverse().slice(0, LATEST).map((a) => {
    const ok = a.status !== null && a.status < 300;
    return `<tr><td><time>${clockTime(a.at)}</time></td><td>${escape(PROVIDER_TITLES[a.provider])}</td><td><b>${escape(a.type)}</b></td><td>${short(a.event_id)}</td><td>copy ${a.copy}, try ${a.attempt}</td><td class="answer"><span class="lamp ${ok ? "up" : "down"}">${a.status ?? "none"}</span> ${a.ms} ms</td><td class="said"><small>${escape(a.answer.slice(0, 160))}</small></td></tr>`;
  });
  return table(["at", "provider", "event", "id", "delivery", "answer", "said"], rows, "No payment yet.");
}
