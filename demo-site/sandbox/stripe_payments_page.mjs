// SPDX-License-Identifier: Apache-2.0
// The list of payments, as a shop sees it in its provider's dashboard: refund in full or in part,
// dispute, send the webhooks once more.
import { clockTime, escape, money, page } from "./page_layout.mjs";
import { webhookTable } from "./received_page.mjs";

function statusOf({ session, charge, dispute }) {
  if (dispute) return ["disputed", "bad"];
  if (charge?.refunded) return ["refunded", "quiet"];
  if (charge && charge.amount_refunded > 0) return [`${money(charge.amount_refunded, charge.currency)} refunded`, "quiet"];
  if (session.status === "complete") return ["paid", "good"];
  return [session.status, "quiet"];
}

function actions({ session, charge, dispute }) {
  if (session.status !== "complete") return "";
  const button = (action, text, value = "") =>
    `<form method="post" action="/payments/${session.id}/${action}">${value}<button>${text}</button></form>`;
  const left = charge ? charge.amount - charge.amount_refunded : 0;
  const list = [button("resend", "Resend webhooks")];
  if (left > 1) {
    const half = Math.ceil(left / 2);
    list.unshift(button("refund", `Refund ${money(half, session.currency)}`, `<input type="hidden" name="amount" value="${half}">`));
  }
  if (left > 0) list.unshift(button("refund", "Refund all"));
  if (charge && !dispute) list.push(button("dispute", "Dispute"));
  return list.join("");
}

export function paymentsPage({ payments, attempts }) {
  const rows = payments.map((payment) => {
    const { session, params } = payment;
    const [label, tone] = statusOf(payment);
    const ids = Object.entries(session.metadata).map(([key, value]) => `<dt>${escape(key)}</dt><dd><code>${escape(value)}</code></dd>`).join("");
    return `<article class="payment"><div><p class="amount">${money(session.amount_total, session.currency)} <span class="tag ${tone}">${escape(label)}</span></p>
<p>${escape(params.items.map((item) => item.name).join(", "))} · ${escape(session.customer_details?.email ?? "no buyer yet")}</p>
<p class="ids"><time>${clockTime(session.created * 1000)}</time> <code title="${session.id}">${session.id.slice(0, 16)}…</code>${payment.intent ? ` <code>${payment.intent.id.slice(0, 14)}…</code>` : ""}</p></div>
<details><summary>metadata</summary><dl>${ids || "<dt>none</dt><dd>the buyer gave no consent, or the page sent nothing</dd>"}</dl></details>
<div class="actions">${actions(payment)}</div></article>`;
  });
  return page({
    title: "Payments", current: "/payments", isLive: true,
    body: `<h1>Payments</h1>${rows.join("") || '<p class="empty">No checkout has been opened yet. Donate something on the demo site.</p>'}
<section class="card wide"><h2>Webhook deliveries</h2>${webhookTable(attempts)}</section>`,
  });
}
