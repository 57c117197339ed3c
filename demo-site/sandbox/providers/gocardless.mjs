// SPDX-License-Identifier: Apache-2.0
// GoCardless: signed deliveries of several events that only name payments and refunds; its API tells
// what they are worth and whose they are, and lists payments and refunds by cursor, newest first. Source: npm
// gocardless-nodejs 10.1.2; GoCardless API reference "Webhooks", "Payments", "Refunds", "Cursor pagination".
import { cursorAt, cursorOf, page, paidSales, refundsOf, told } from "../order_lists.mjs";
import { doubling, freshKey, hmac, iso, pairs, salesOf } from "../provider_wire.mjs";

const TOKEN = "live_sandbox_token";
const id = (prefix, { key }) => `${prefix}${key}`;
const named = (resource_type, action, links, at = Date.now(), key = freshKey(12)) => ({ id: `EV${key}`, created_at: iso(at), resource_type, action, links, metadata: {}, details: { origin: "gocardless", cause: `${resource_type}_${action}` } });
const delivery = (...events) => ({ type: events.map(({ resource_type, action }) => `${resource_type} ${action}`).join(", "), body: { events, meta: { webhook_id: `WB${freshKey(10)}` } } });
const of = (sale) => ({ payment: id("PM", sale.charge) });

const statusOf = ({ dispute, isDeclined }) => (isDeclined ? "failed" : dispute && dispute.state !== "won" ? "charged_back" : "paid_out");
// A billing request asks for the first month as a payment of its own, with metadata; the subscription that
// it begins makes the others, and copies none to them.
const isOwn = ({ period }) => period === 0;
const OBJECTS = {
  PM: ({ payment, charge }) => ({ payments: { id: id("PM", charge), created_at: iso(charge.at), amount: charge.amount, currency: charge.currency, status: statusOf(charge), metadata: (isOwn(charge) && payment.carried) || {}, links: { mandate: id("MD", payment), creditor: "CR1", ...(!isOwn(charge) && { subscription: id("SB", payment) }) } } }),
  RF: ({ charge, refund }) => ({ refunds: { id: id("RF", refund), created_at: iso(refund.at), amount: refund.amount, currency: charge.currency, status: "paid", links: { payment: id("PM", charge) } } }),
  MD: ({ payment }) => ({ mandates: { id: id("MD", payment), status: "active", links: { customer: id("CU", payment) } } }),
  CU: ({ payment: { customer, ...payment } }) => ({ customers: { id: id("CU", payment), email: customer.email, given_name: customer.name, family_name: "", country_code: customer.country } }),
};
// What happened to a payment, the latest first.
function historyOf(sale) {
  const { charge: { key, at, isDeclined, dispute } } = sale;
  const events = [named("payments", isDeclined ? "failed" : "confirmed", of(sale), at, `${key}1`)];
  if (dispute) events.unshift(named("payments", "charged_back", of(sale), dispute.at, `${key}2`));
  if (dispute?.state === "won") events.unshift(named("payments", "chargeback_cancelled", of(sale), dispute.at + 1, `${key}3`));
  return { events, meta: { cursors: { before: null, after: null }, limit: 500 } };
}
// The sale that an object of that kind and key belongs to.
function saleOf(kind, key, payments) {
  const sales = salesOf(payments);
  if (kind === "RF") return sales.flatMap((sale) => sale.charge.refunds.map((refund) => ({ ...sale, refund }))).find(({ refund }) => refund.key === key);
  return sales.find((sale) => (kind === "PM" ? sale.charge : sale.payment).key === key);
}

const LISTS = {
  payments: (sales) => sales.map((sale) => OBJECTS.PM(sale).payments),
  refunds: (sales) => refundsOf(sales).map((sale) => OBJECTS.RF(sale).refunds),
};
const refusal = (status, type, message) => told({ error: { message, type, code: status, errors: [], request_id: freshKey(20), documentation_url: "https://developer.gocardless.com/api-reference" } }, status);
function listed(name, search, payments, most) {
  const limit = Number(search.get("limit") ?? 50), since = search.get("created_at[gte]"), after = search.get("after");
  const first = after ? cursorAt(name, after) : 0;
  if (!(limit >= 1 && limit <= 500) || first === null || Number.isNaN(Date.parse(since ?? "1970"))) return refusal(400, "invalid_api_usage", "Invalid query parameters");
  const all = LISTS[name](paidSales(payments, { isNewestFirst: true })).filter(({ created_at }) => !since || Date.parse(created_at) >= Date.parse(since));
  const { items, next } = page(all, first, Math.min(limit, most));
  return told({ [name]: items, meta: { cursors: { before: first > 0 ? cursorOf(name, first) : null, after: next === null ? null : cursorOf(name, next) }, limit } });
}

export default {
  title: "GoCardless", secret: "gocardless-sandbox",
  settings: ({ secret, sandbox }) => ({ webhook_secrets: [secret], api_key: TOKEN, base_url: sandbox }),
  handOver: { field: "metadata", words: "metadata of the payment, three pairs at most" },
  carries: (given) => pairs(given.metadata, { most: 3 }),
  reference: (sale) => id("PM", sale.charge),
  paid: (sale) => [delivery(named("mandates", "active", { mandate: id("MD", sale.payment) }), named("payments", "submitted", of(sale))), delivery(named("payments", "confirmed", of(sale)), named("payments", "paid_out", of(sale)))],
  declined: (sale) => [delivery(named("payments", "submitted", of(sale))), delivery(named("payments", "failed", of(sale)))],
  isRenewing: true,
  refunded: (sale) => [delivery(named("refunds", "paid", { refund: id("RF", sale.refund) }))],
  disputed: (sale) => [delivery(named("payments", "charged_back", of(sale)))],
  decided: (sale) => (sale.dispute.state === "won" ? [delivery(named("payments", "chargeback_cancelled", of(sale)))] : [delivery(named("payments", "chargeback_settled", of(sale)))]),
  headers: ({ text, secret }) => ({ "webhook-signature": hmac(secret, text), origin: "https://api.gocardless.com" }),
  api({ method, path, search, headers, payments, most }) {
    const list = path.match(/^\/(payments|refunds)$/)?.[1];
    // Browsers, which have no key, find the sandbox's own page at that address.
    if (method === "GET" && list && headers.authorization) return headers.authorization === `Bearer ${TOKEN}` ? listed(list, search, payments, most) : refusal(401, "invalid_api_usage", "The access token you've used is not a valid sandbox API access token");
    const isHistory = path === "/events";
    const wanted = isHistory ? `/payments/${search.get("payment")}` : path;
    const [, kind, key] = wanted.match(/^\/(?:payments|refunds|mandates|customers)\/(PM|RF|MD|CU)([A-Za-z0-9]+)$/) ?? [];
    if (method !== "GET" || !kind || headers.authorization !== `Bearer ${TOKEN}`) return null;
    const sale = saleOf(kind, key, payments);
    return sale ? { type: "application/json", text: JSON.stringify(isHistory ? historyOf(sale) : OBJECTS[kind](sale)) } : null;
  },
  retries_s: doubling(8, 60),
};
