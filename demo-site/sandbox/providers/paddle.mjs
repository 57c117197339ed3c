// SPDX-License-Identifier: Apache-2.0
// Paddle Billing: Paddle-Signature ts=…;h1=…, amounts as text of whole numbers, no e-mail address in
// transactions, custom_data carried on by the subscription, refunds and chargebacks as adjustments.
// Source: npm @paddle/paddle-node-sdk 3.10.0; Paddle documentation "Custom data", "Handle webhook delivery".
import { evenly, freshKey, HOUR_S, hmac, iso, pairs } from "../provider_wire.mjs";

const event = (event_type, data, at = Date.now()) => {
  const id = `evt_${freshKey(20).toLowerCase()}`;
  return { id, type: event_type, body: { event_id: id, event_type, occurred_at: iso(at), notification_id: `ntf_${freshKey(20).toLowerCase()}`, data } };
};
const transactionId = ({ charge }) => `txn_${charge.key.toLowerCase()}`;

function transaction({ payment, charge }, status) {
  const amount = String(charge.amount);
  const totals = { subtotal: amount, discount: "0", tax: "0", total: amount, grand_total: amount, fee: status === "completed" ? "50" : null, currency_code: charge.currency };
  return {
    id: transactionId({ charge }), status, origin: charge.period === 0 ? "web" : "subscription_recurring", customer_id: `ctm_${payment.key.toLowerCase()}`, address_id: null,
    subscription_id: payment.interval ? `sub_${payment.key.toLowerCase()}` : null, invoice_id: `inv_${charge.key.toLowerCase()}`, currency_code: charge.currency, custom_data: payment.carried, created_at: iso(payment.opened_at), billed_at: iso(charge.at),
    details: { totals, line_items: [{ id: `txnitm_${charge.key}`, price_id: "pri_light", quantity: 1, totals, unit_totals: totals, product: { id: "pro_light", name: payment.name } }] },
  };
}
const adjustment = (sale, key, action, status, amount) => ({
  id: `adj_${key.toLowerCase()}`, action, status, type: amount === sale.charge.amount ? "full" : "partial", transaction_id: transactionId(sale), customer_id: `ctm_${sale.payment.key.toLowerCase()}`,
  reason: "requested_by_customer", currency_code: sale.charge.currency, totals: { subtotal: String(amount), tax: "0", total: String(amount), currency_code: sale.charge.currency }, created_at: iso(Date.now()),
});

export default {
  title: "Paddle", secret: "pdl_ntfset_sandbox",
  handOver: { field: "custom_data", words: "customData of Paddle.js" },
  carries(given) {
    const data = pairs(given.custom_data, { longest: Infinity });
    return Object.keys(data).length > 0 ? data : null;
  },
  reference: (sale) => transactionId(sale),
  paid: (sale) => [
    event("transaction.paid", transaction(sale, "paid"), sale.charge.at), event("transaction.updated", transaction(sale, "paid")),
    ...(sale.payment.interval && sale.charge.period === 0 ? [event("subscription.created", { id: `sub_${sale.payment.key.toLowerCase()}`, status: "active", custom_data: sale.payment.carried })] : []),
    event("transaction.completed", transaction(sale, "completed"), sale.charge.at),
  ],
  declined: (sale) => [event("transaction.payment_failed", transaction(sale, "ready"))],
  isRenewing: true,
  refunded: (sale) => ["pending_approval", "approved"].map((status, i) => event(i === 0 ? "adjustment.created" : "adjustment.updated", adjustment(sale, sale.refund.key, "refund", status, sale.refund.amount))),
  disputed: (sale) => [event("adjustment.created", adjustment(sale, sale.dispute.key, "chargeback", "approved", sale.charge.amount))],
  // A lost chargeback is told no further: the adjustment stands.
  decided: (sale) => (sale.dispute.state === "won" ? [event("adjustment.created", adjustment(sale, `${sale.dispute.key}r`, "chargeback_reverse", "approved", sale.charge.amount))] : []),
  headers: ({ text, seconds, secret }) => ({ "paddle-signature": `ts=${seconds};h1=${hmac(secret, `${seconds}:${text}`)}`, "user-agent": "Paddle" }),
  retries_s: [...evenly(20, HOUR_S), ...evenly(27, 23 * HOUR_S), ...evenly(13, 48 * HOUR_S)],
  isTaken: (status) => status === 200,
};
