// SPDX-License-Identifier: Apache-2.0
// The list of payments at all providers, as a shop sees it in a provider's dashboard: refund in full
// or in part, dispute and its end, the next month, the webhooks once more.
import { money } from "./money.mjs";
import { clockTime, escape, page } from "./page_layout.mjs";
import { roadSwitch, webhookTable } from "./page_parts.mjs";
import { total } from "./provider_wire.mjs";

// One card: {id, vendor, at, amount, currency, interval, status: [words, tone], what, buyer, reference, ids: [[name, value]], left, isWhole, buttons: [[action, words]]}.
function cardOfStripe({ id, session, params, intent, charge, invoice, dispute }) {
  const back = charge?.amount_refunded ?? 0;
  const isPaid = session.status === "complete";
  const left = charge ? charge.amount - back : 0;
  const buttons = charge ? disputeButtons(dispute && (dispute.status === "needs_response" ? "open" : dispute.status)) : [];
  if (session.subscription) buttons.push(["renew", "Next month"]);
  if (isPaid) buttons.push(["resend", "Resend webhooks"]);
  if (session.status === "open") buttons.push(["decline", "Payment fails"]);
  return {
    id, vendor: "Stripe", at: (charge ?? session).created * 1000, amount: session.amount_total, currency: session.currency, interval: session.mode === "subscription" ? "month" : null,
    status: statusOf({ dispute: dispute && `dispute ${dispute.status === "needs_response" ? "open" : dispute.status}`, back, left, currency: session.currency, unpaid: isPaid ? null : intent ? "declined" : session.status, period: invoice?.billing_reason === "subscription_cycle" ? 1 : 0 }),
    what: params.items.map((item) => item.name).join(", "), buyer: session.customer_details?.email, reference: intent?.id ?? session.id, ids: Object.entries(session.metadata), left, isWhole: false, buttons,
  };
}

// state: of the dispute, or nothing.
const disputeButtons = (state) => ({ open: [["win", "Win the dispute"], ["lose", "Lose it"]], won: [], lost: [] })[state] ?? [["dispute", "Dispute"]];

const idsOf = (carried) => (carried === null ? [] : typeof carried === "string" ? [["one field", carried]] : Object.entries(carried));

function cardsOfProvider(account) {
  const { provider } = account;
  const common = (payment) => ({ vendor: provider.title, currency: payment.currency, amount: payment.amount, interval: payment.interval, what: payment.name, ids: idsOf(payment.carried), isWhole: provider.isRefundedWhole });
  return account.payments().flatMap((payment) => (payment.charges.length === 0
    ? [{ ...common(payment), id: payment.id, at: payment.at, status: statusOf({ unpaid: payment.declined.length > 0 ? "declined" : "open" }), buyer: null, reference: payment.id, left: 0, buttons: [["decline", "Payment fails"]] }]
    : payment.charges.map((charge) => {
      const back = total(charge.refunds), left = charge.amount - back, { dispute } = charge;
      const buttons = provider.disputed ? disputeButtons(dispute?.state) : [];
      if (payment.interval && charge === payment.charges[payment.charges.length - 1]) buttons.push(["renew", "Next month"]);
      return {
        ...common(payment), id: charge.id, at: charge.at, status: statusOf({ dispute: dispute && `dispute ${dispute.state}`, back, left, currency: charge.currency, period: charge.period }), buyer: payment.customer.email,
        reference: account.reference({ payment, charge }), left, buttons: [...buttons, ["resend", "Resend webhooks"]],
      };
    })));
}

// `dispute`: words, or nothing; `unpaid`: what it is until it is paid.
function statusOf({ dispute, back, left, currency, unpaid, period = 0 }) {
  if (unpaid) return [unpaid, unpaid === "declined" ? "bad" : "quiet"];
  if (dispute) return [dispute, dispute === "dispute won" ? "good" : "bad"];
  if (back > 0) return [left === 0 ? "refunded" : `${money(back, currency)} refunded`, "quiet"];
  return [period > 0 ? "renewed" : "paid", "good"];
}

function actions({ id, currency, left, isWhole, amount, buttons }) {
  const button = (action, text, value = "") => `<form method="post" action="/payments/${id}/${action}">${value}<button>${text}</button></form>`;
  const half = Math.ceil(left / 2);
  const refunds = [];
  if (left > 0 && (!isWhole || left === amount)) refunds.push(button("refund", "Refund all"));
  if (left > 1 && !isWhole) refunds.push(button("refund", `Refund ${money(half, currency)}`, `<input type="hidden" name="amount" value="${half}">`));
  return [...refunds, ...buttons.map(([action, text]) => button(action, text))].join("");
}

function card(payment) {
  const { id, vendor, at, amount, currency, interval, status: [label, tone], what, buyer, reference, ids } = payment;
  const list = ids.map(([key, value]) => `<dt>${escape(key)}</dt><dd><code>${escape(value)}</code></dd>`).join("");
  return `<article class="payment" id="${id}"><div><p class="amount">${money(amount, currency)}${interval ? ` <small>each ${escape(interval)}</small>` : ""} <span class="tag ${tone}">${escape(label)}</span></p>
<p><b>${escape(vendor)}</b> · ${escape(what)} · ${escape(buyer ?? "no buyer yet")}</p>
<p class="ids"><time>${clockTime(at)}</time> <code title="${escape(reference)}">${escape(reference.length > 26 ? `${reference.slice(0, 24)}…` : reference)}</code></p></div>
<details><summary>ids it carries</summary><dl>${list || "<dt>none</dt><dd>the buyer gave no consent, or the page sent nothing</dd>"}</dl></details>
<div class="actions">${actions(payment)}</div></article>`;
}

export function paymentsPage({ stripe, accounts, attempts, switches }) {
  const cards = [...stripe.payments.map(cardOfStripe), ...accounts.flatMap(cardsOfProvider)].sort((a, b) => b.at - a.at);
  return page({
    title: "Payments", current: "/payments", isLive: true,
    body: `<h1>Payments</h1>${cards.map(card).join("") || '<p class="empty">No checkout has been opened yet. Donate something on the demo site.</p>'}
<section class="card wide"><h2>Webhook deliveries</h2>${roadSwitch(switches)}${webhookTable(attempts)}</section>`,
  });
}
