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

const lampOf = ({ mode, left }) => (mode === "ok" ? "up" : `${mode}${left === null ? "" : ` for ${left} more`}`);
const modeChoice = (target, mode) => `<select name="mode" aria-label="How">${modesOf(target).map((m) => `<option${m === mode ? " selected" : ""}>${m}</option>`).join("")}</select>`;

export function switchFor(target, state) {
  const { mode } = state[target];
  return `<form class="switch" method="post" action="/control"><input type="hidden" name="target" value="${target}">
<span class="lamp ${mode === "ok" ? "up" : "down"}">${escape(lampOf(state[target]))}</span>
<label>Fail with ${modeChoice(target, mode)}</label><button>Set</button></form>`;
}

// One switch for the webhooks of all providers: what is cut, and which to cut.
export function roadSwitch(state) {
  const cut = Object.entries(PROVIDER_TITLES).filter(([name]) => state[`${name}_webhook`].mode !== "ok");
  const lamps = cut.map(([name, title]) => `<span class="lamp down">${escape(title)}: ${escape(lampOf(state[`${name}_webhook`]))}</span>`).join("") || '<span class="lamp up">all up</span>';
  const choice = Object.entries(PROVIDER_TITLES).map(([name, title]) => `<option value="${name}_webhook"${name === cut[0]?.[0] ? " selected" : ""}>${escape(title)}</option>`).join("");
  return `<form class="switch" method="post" action="/control">${lamps}<label>Fail <select name="target" aria-label="Whose">${choice}</select> with ${modeChoice("stripe_webhook", "ok")}</label><button>Set</button></form>`;
}

export function webhookTable(attempts) {
  const rows = [...attempts].reverse().slice(0, LATEST).map((a) => {
    const ok = a.status !== null && a.status < 300;
    return `<tr><td><time>${clockTime(a.at)}</time></td><td>${escape(PROVIDER_TITLES[a.provider])}</td><td><b>${escape(a.type)}</b></td><td>${short(a.event_id)}</td><td class="delivery">copy ${a.copy}, try ${a.attempt}</td><td class="answer"><span class="lamp ${ok ? "up" : "down"}">${a.status ?? "none"}</span> ${a.ms} ms</td><td class="said"><small>${escape(a.answer.slice(0, 160))}</small></td></tr>`;
  });
  return table(["at", "provider", "event", "id", "delivery", "answer", "said"], rows, "No payment yet.");
}
