// SPDX-License-Identifier: Apache-2.0
// Paddle Billing: Paddle-Signature ts=…;h1=…, amounts as text of whole numbers, no e-mail address in
// transactions, custom_data carried on by the subscription, refunds and chargebacks as adjustments. Its API
// lists transactions and adjustments after an id, and shows a transaction, with its customer if asked to.
// Source: npm @paddle/paddle-node-sdk 3.10.0; Paddle documentation "Custom data", "Handle webhook delivery".
import { changedAt, disputesOf, page, paidSales, refundsOf, told } from "../order_lists.mjs";
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
const adjustment = (sale, key, action, status, amount, at = Date.now()) => ({
  id: `adj_${key.toLowerCase()}`, action, status, type: amount === sale.charge.amount ? "full" : "partial", transaction_id: transactionId(sale), customer_id: `ctm_${sale.payment.key.toLowerCase()}`,
  reason: "requested_by_customer", currency_code: sale.charge.currency, totals: { subtotal: String(amount), tax: "0", total: String(amount), currency_code: sale.charge.currency }, created_at: iso(at),
});

const API_KEY = "pdl_live_apikey_sandbox";
const bought = (sale, search) => ({
  ...transaction(sale, "completed"), ...(search.get("include") === "customer" && { customer: { id: `ctm_${sale.payment.key.toLowerCase()}`, email: sale.payment.customer.email, name: sale.payment.customer.name, locale: "en", status: "active" } }),
});
const LISTS = {
  transactions: (sales, search, since) => sales.filter((sale) => !since || changedAt(sale) >= Date.parse(since)).map((sale) => bought(sale, search)),
  adjustments: (sales) => [
    ...refundsOf(sales).map((sale) => adjustment(sale, sale.refund.key, "refund", "approved", sale.refund.amount, sale.refund.at)),
    ...disputesOf(sales).flatMap((sale) => [["", "chargeback"], ["r", "chargeback_reverse"]].slice(0, sale.dispute.state === "won" ? 2 : 1).map(([end, action], i) => adjustment(sale, sale.dispute.key + end, action, "approved", sale.charge.amount, sale.dispute.at + i))),
  ],
};
const refusal = (status, code, detail) => told({ error: { type: "request_error", code, detail, documentation_url: `https://developer.paddle.com/v1/errors/shared/${code}` }, meta: { request_id: freshKey(36) } }, status);
function listed(name, search, payments, most) {
  const count = Number(search.get("per_page") ?? 30), since = search.get("updated_at[GTE]"), after = search.get("after");
  if (!(count >= 1)) return refusal(400, "invalid_field", "per_page must be a positive number.");
  if (since && Number.isNaN(Date.parse(since))) return refusal(400, "invalid_time_query_parameter", "updated_at is no RFC 3339 time.");
  const all = LISTS[name](paidSales(payments), search, since).sort((a, b) => (a.id < b.id ? -1 : 1));
  const at = after ? all.findIndex(({ id }) => id === after) : -1;
  if (after && at < 0) return refusal(400, "invalid_field", "after is the id of nothing in this list.");
  const { items, next } = page(all, at + 1, Math.min(count, most));
  return told({ data: items, meta: { request_id: freshKey(36), pagination: { per_page: count, next: `https://api.paddle.com/${name}?after=${items[items.length - 1]?.id ?? after}`, has_more: next !== null, estimated_total: all.length } } });
}
function shown(id, search, payments) {
  const sale = paidSales(payments).find((one) => transactionId(one) === id);
  return sale ? told({ data: bought(sale, search), meta: { request_id: freshKey(36) } }) : refusal(404, "entity_not_found", "The transaction was not found.");
}

export default {
  title: "Paddle", secret: "pdl_ntfset_sandbox",
  settings: ({ secret, sandbox }) => ({ webhook_secrets: [secret], api_key: API_KEY, base_url: sandbox }),
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
  api({ method, path, search, headers, payments, most }) {
    const [, list, id] = path.match(/^\/(transactions|adjustments)(?:\/(txn_[a-z0-9]+))?$/) ?? [];
    if (method !== "GET" || !list) return null;
    if (headers.authorization !== `Bearer ${API_KEY}`) return refusal(403, "forbidden", "You aren't permitted to perform this request.");
    return id ? shown(id, search, payments) : listed(list, search, payments, most);
  },
  retries_s: [...evenly(20, HOUR_S), ...evenly(27, 23 * HOUR_S), ...evenly(13, 48 * HOUR_S)],
  isTaken: (status) => status === 200,
};
