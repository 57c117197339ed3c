// SPDX-License-Identifier: Apache-2.0
// Whop, current webhooks: Standard Webhooks keyed with the whole ws_… secret, amounts as JSON numbers,
// metadata of the checkout configuration on payments and refunds. Its API lists payments, refunds and
// disputes of a company by cursor. Source: npm @whop/sdk 0.0.42; docs.whop.com webhooks guide.
import { changedAt, cursorAt, cursorOf, disputesOf, page, paidSales, refundsOf, told } from "../order_lists.mjs";
import { freshKey, iso, number, pairs, standardHeaders } from "../provider_wire.mjs";

const event = (type, data, at = Date.now()) => {
  const id = `msg_${freshKey(20)}`;
  return { id, type, body: { id, api_version: "v1", type, timestamp: iso(at), company_id: "biz_thelonglight", data } };
};
const reference = ({ payment, charge }) => ({ id: `pay_${charge.key}`, metadata: payment.carried });

function paymentData({ payment, charge }, status) {
  const amount = number(charge.amount, charge.currency);
  return {
    ...reference({ payment, charge }), status, billing_reason: !payment.interval ? "one_time" : charge.period === 0 ? "subscription_create" : "subscription_cycle",
    total: amount, subtotal: amount, tax_amount: 0, settlement_amount: amount, amount_after_fees: amount, currency: charge.currency.toLowerCase(),
    created_at: iso(payment.opened_at), paid_at: status === "paid" ? iso(charge.at) : null, checkout_configuration_id: `ch_${payment.key}`,
    user: { id: `user_${payment.key}`, name: payment.customer.name, username: "keeper", email: payment.customer.email }, member: { id: `mber_${payment.key}`, phone: null },
    membership: { id: `mem_${payment.key}`, status: "active" }, billing_address: { country: payment.customer.country }, product: { id: "prod_thelonglight", title: payment.name }, plan: { id: "plan_thelonglight" },
  };
}
const refundData = (sale, status) => ({
  id: `rfnd_${sale.refund.key}`, amount: number(sale.refund.amount, sale.charge.currency), currency: sale.charge.currency.toLowerCase(), status, created_at: iso(sale.refund.at), payment: reference(sale),
});
const disputeData = (sale, status) => ({
  id: `dspt_${sale.dispute.key}`, amount: number(sale.charge.amount, sale.charge.currency), currency: sale.charge.currency.toLowerCase(), status, created_at: iso(sale.dispute.at), payment: reference(sale),
});

const API_KEY = "apik_whop_sandbox", COMPANY = "biz_thelonglight";
const STATES = { open: "needs_response", won: "won", lost: "lost" };
const LISTS = {
  payments: (sales) => sales.map((sale) => ({ at: changedAt(sale), data: paymentData(sale, "paid") })),
  refunds: (sales) => refundsOf(sales).map((sale) => ({ at: sale.refund.at, data: refundData(sale, "succeeded") })),
  disputes: (sales) => disputesOf(sales).map((sale) => ({ at: sale.dispute.at, data: disputeData(sale, STATES[sale.dispute.state]) })),
};
const refusal = (status, type, message) => told({ error: { type, message } }, status);
function listed(name, search, payments, most) {
  const since = search.get("updated_after") ?? search.get("created_after"), cursor = search.get("after"), count = Number(search.get("first") ?? 20);
  if (search.get("company_id") !== COMPANY) return refusal(404, "not_found", "Company was not found");
  if (since && Number.isNaN(Date.parse(since))) return refusal(400, "bad_request", "updated_after is no ISO 8601 time");
  const first = cursor ? cursorAt(name, cursor) : 0;
  if (first === null || !(count >= 1 && count <= 100)) return refusal(400, "bad_request", "The cursor or the number of items is invalid");
  const all = LISTS[name](paidSales(payments, { isNewestFirst: search.get("direction") !== "asc" })).filter(({ at }) => !since || at > Date.parse(since));
  const { items, next } = page(all, first, Math.min(count, most));
  return told({ data: items.map(({ data }) => data), page_info: { start_cursor: items.length > 0 ? cursorOf(name, first) : null, end_cursor: items.length > 0 ? cursorOf(name, first + items.length) : null, has_next_page: next !== null, has_previous_page: first > 0 } });
}

export default {
  title: "Whop", secret: "ws_5a4d0b17sandbox",
  settings: ({ secret, sandbox }) => ({ webhook_secrets: [secret], api_key: API_KEY, account_id: COMPANY, base_url: sandbox }),
  handOver: { field: "metadata", words: "metadata of a checkout configuration" },
  carries: (given) => pairs(given.metadata),
  reference: ({ charge }) => `pay_${charge.key}`,
  paid: (sale) => [
    event("payment.created", paymentData(sale, "open")), event("payment.succeeded", paymentData(sale, "paid"), sale.charge.at),
    event("membership.activated", { id: `mem_${sale.payment.key}`, status: "active", metadata: sale.payment.carried }),
  ],
  declined: (sale) => [event("payment.created", paymentData(sale, "open")), event("payment.failed", paymentData(sale, "open"))],
  isRenewing: true,
  refunded: (sale) => [event("refund.created", refundData(sale, "pending")), event("refund.updated", refundData(sale, "succeeded"))],
  disputed: (sale) => [event("dispute.created", disputeData(sale, "needs_response"))],
  decided: (sale) => [event("dispute.updated", disputeData(sale, sale.dispute.state))],
  headers: (sending) => ({ ...standardHeaders(sending), "user-agent": "Whop-Webhooks/1.0" }),
  api({ method, path, search, headers, payments, most }) {
    const list = path.match(/^\/api\/v1\/(payments|refunds|disputes)$/)?.[1];
    if (method !== "GET" || !list) return null;
    return headers.authorization === `Bearer ${API_KEY}` ? listed(list, search, payments, most) : refusal(401, "unauthorized", "The API key is not valid");
  },
  retries_s: [10, 20, 40],
};
