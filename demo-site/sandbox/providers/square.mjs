// SPDX-License-Identifier: Apache-2.0
// Square: HMAC of the registered address and the raw body. reference_id has 40 characters, so the
// anonymous id travels alone. The payment comes as APPROVED, then twice as COMPLETED; that a subscription asked
// for it only its invoice says, and none but the first has the reference. Source: npm
// square 46.0.0 WebhooksHelper; Square documentation "Payment webhooks", "Dispute webhooks". Its API lists
// payments, refunds and disputes of a location by cursor, and answers {} where there are none; repository
// square/connect-api-specification.
import { cursorAt, cursorOf, disputesOf, page, paidSales, refundsOf, told } from "../order_lists.mjs";
import { freshKey, HOUR_S, hmac, iso, short } from "../provider_wire.mjs";

const paymentId = ({ charge }) => `sq${charge.key}`;
const money = (amount, currency) => ({ amount, currency });
function event(type, kind, object) {
  const event_id = `${freshKey(8)}-${freshKey(12)}`.toLowerCase();
  return { id: event_id, type, body: { merchant_id: "MLTHELONGLIGHT", type, event_id, created_at: iso(Date.now()), data: { type: kind, id: object.id, object: { [kind]: object } } } };
}
const payment = (sale, status) => ({
  id: paymentId(sale), status, created_at: iso(sale.charge.at), updated_at: iso(Date.now()), amount_money: money(sale.charge.amount, sale.charge.currency), total_money: money(sale.charge.amount, sale.charge.currency), order_id: `od${sale.charge.key}`, location_id: "L1",
  customer_id: `cu${sale.payment.key}`, buyer_email_address: sale.payment.customer.email, billing_address: { country: sale.payment.customer.country }, ...(sale.payment.carried && sale.charge.period === 0 && { reference_id: sale.payment.carried }),
});
const invoice = ({ payment, charge }) => ({ id: `inv:${charge.key}`, status: "PAID", order_id: `od${charge.key}`, subscription_id: `sub${payment.key}`, location_id: "L1", created_at: iso(charge.at) });
const refund = (sale, status) => ({ id: `${paymentId(sale)}_${sale.refund.key}`, status, payment_id: paymentId(sale), amount_money: money(sale.refund.amount, sale.charge.currency), created_at: iso(sale.refund.at) });
const dispute = (sale, state) => ({ id: `dp${sale.dispute.key}`, state, reason: "NO_KNOWLEDGE", amount_money: money(sale.charge.amount, sale.charge.currency), disputed_payment: { payment_id: paymentId(sale) }, created_at: iso(sale.dispute.at), updated_at: iso(Date.now()) });

const TOKEN = "square_sandbox_token", LOCATION = "L1";
const STATES = { open: "EVIDENCE_REQUIRED", won: "WON", lost: "LOST" };
const LISTS = {
  payments: (sales) => sales.map((sale) => ({ at: sale.charge.at, object: payment(sale, "COMPLETED") })),
  refunds: (sales) => refundsOf(sales).map((sale) => ({ at: sale.refund.at, object: refund(sale, "COMPLETED") })),
  disputes: (sales) => disputesOf(sales).map((sale) => ({ at: 0, object: dispute(sale, STATES[sale.dispute.state]) })),
};
const refusal = (status, category, code, detail) => told({ errors: [{ category, code, detail }] }, status);
function listed(name, search, payments, most) {
  const since = search.get("updated_at_begin_time"), cursor = search.get("cursor"), location = search.get("location_id");
  if (location && location !== LOCATION) return refusal(404, "INVALID_REQUEST_ERROR", "NOT_FOUND", `Location ${location} not found.`);
  if (since && Number.isNaN(Date.parse(since))) return refusal(400, "INVALID_REQUEST_ERROR", "INVALID_TIME", "updated_at_begin_time is no RFC 3339 time.");
  const first = cursor ? cursorAt(name, cursor) : 0;
  if (first === null) return refusal(400, "INVALID_REQUEST_ERROR", "INVALID_CURSOR", "The pagination cursor is invalid.");
  const all = LISTS[name](paidSales(payments)).filter(({ at }) => !since || at === 0 || at >= Date.parse(since));
  const { items, next } = page(all, first, Math.min(Number(search.get("limit") ?? 100), 100, most));
  return told(items.length === 0 ? {} : { [name]: items.map(({ object }) => object), ...(next !== null && { cursor: cursorOf(name, next) }) });
}

export default {
  title: "Square", secret: "square-sandbox",
  settings: ({ secret, url, sandbox }) => ({ webhook_secrets: [secret], notification_url: url, api_key: TOKEN, account_id: LOCATION, base_url: sandbox }),
  handOver: { field: "reference_id", of: "anonymous_id", words: "reference_id, which has room for the visitor's id alone" },
  carries: (given) => short(given.reference_id, "reference_id", 40),
  reference: (sale) => paymentId(sale),
  paid: (sale) => [event("payment.created", "payment", payment(sale, "APPROVED")), event("payment.updated", "payment", payment(sale, "COMPLETED")), event("payment.updated", "payment", payment(sale, "COMPLETED")), ...(sale.payment.interval ? [event("invoice.payment_made", "invoice", invoice(sale))] : [])],
  isRenewing: true,
  declined: (sale) => [event("payment.created", "payment", payment(sale, "FAILED"))],
  refunded: (sale) => [event("refund.created", "refund", refund(sale, "PENDING")), event("refund.updated", "refund", refund(sale, "COMPLETED"))],
  disputed: (sale) => [event("dispute.created", "dispute", dispute(sale, "EVIDENCE_REQUIRED"))],
  decided: (sale) => [event("dispute.state.updated", "dispute", dispute(sale, sale.dispute.state.toUpperCase()))],
  headers: ({ text, secret, url }) => ({ "x-square-hmacsha256-signature": hmac(secret, url + text, "base64") }),
  api({ method, path, search, headers, payments, most }) {
    const list = path.match(/^\/v2\/(payments|refunds|disputes)$/)?.[1];
    if (method !== "GET" || !list) return null;
    return headers.authorization === `Bearer ${TOKEN}` ? listed(list, search, payments, most) : refusal(401, "AUTHENTICATION_ERROR", "UNAUTHORIZED", "This request could not be authorized.");
  },
  retries_s: [...[1, 2, 4, 8, 16, 32].map((minutes) => minutes * 60), ...Array(71).fill(HOUR_S)],
};
