// SPDX-License-Identifier: Apache-2.0
// Razorpay: HMAC of the raw body, the event's id in a header, payment.captured and order.paid for one
// sale, notes of at most 15 pairs (an empty list when there are none). Its API lists payments, refunds
// and disputes, newest first, a hundred at most from a number of them on. Source: npm razorpay 2.9.8;
// Razorpay documentation "Webhooks", "Validate and test", "Best practices", "Fetch all payments".
import { disputesOf, page, paidSales, refundsOf, told } from "../order_lists.mjs";
import { doubling, freshKey, hmac, inSeconds, pairs } from "../provider_wire.mjs";

const paymentId = ({ charge }) => `pay_${charge.key}`;
const orderId = ({ charge }) => `order_${charge.key}`;
const notes = ({ payment }) => (Object.keys(payment.carried).length > 0 ? payment.carried : []);
const payment = (sale, status) => ({
  id: paymentId(sale), entity: "payment", order_id: orderId(sale), amount: sale.charge.amount, currency: sale.charge.currency, status, captured: status === "captured", amount_refunded: 0, method: "card",
  email: sale.payment.customer.email, contact: null, customer_id: `cust_${sale.payment.key}`, notes: notes(sale), created_at: inSeconds(sale.charge.at),
});
const order = (sale) => ({ id: orderId(sale), entity: "order", amount: sale.charge.amount, amount_paid: sale.charge.amount, currency: sale.charge.currency, status: "paid", notes: notes(sale) });
const subscription = (sale) => ({ id: `sub_${sale.payment.key}`, entity: "subscription", status: "active", paid_count: sale.charge.period + 1, customer_id: `cust_${sale.payment.key}`, notes: notes(sale) });
const refund = (sale, status) => ({ id: `rfnd_${sale.refund.key}`, entity: "refund", payment_id: paymentId(sale), amount: sale.refund.amount, currency: sale.charge.currency, status, created_at: inSeconds(sale.refund.at) });
const dispute = (sale, status) => ({ id: `disp_${sale.dispute.key}`, entity: "dispute", payment_id: paymentId(sale), amount: sale.charge.amount, currency: sale.charge.currency, status, created_at: inSeconds(sale.dispute.at) });

function event(name, entities) {
  const payload = Object.fromEntries(Object.entries(entities).map(([kind, entity]) => [kind, { entity }]));
  return { id: freshKey(14), type: name, body: { entity: "event", account_id: "acc_TheLongLight", event: name, contains: Object.keys(entities), payload, created_at: inSeconds(Date.now()) } };
}

const API_KEY = "rzp_live_sandbox:razorpay-sandbox-key";
const LISTS = {
  payments: (sales) => sales.map((sale) => ({ at: sale.charge.at, entity: payment(sale, "captured") })),
  refunds: (sales) => refundsOf(sales).map((sale) => ({ at: sale.refund.at, entity: refund(sale, "processed") })),
  disputes: (sales) => disputesOf(sales).map((sale) => ({ at: sale.dispute.at, entity: dispute(sale, sale.dispute.state) })),
};
const refusal = (status, description) => told({ error: { code: "BAD_REQUEST_ERROR", description, source: "business", step: "payment_initiation", reason: "input_validation_failed", metadata: {} } }, status);
function collection(name, search, payments, most) {
  const count = Number(search.get("count") ?? 10), skip = Number(search.get("skip") ?? 0), from = Number(search.get("from") ?? 946684800);
  if (!Number.isInteger(count) || count < 1 || count > 100) return refusal(400, "The count must be between 1 and 100.");
  if (!Number.isInteger(skip) || skip < 0) return refusal(400, "The skip must be at least 0.");
  if (!(from >= 946684800 && from <= 4765046400)) return refusal(400, "from must be between 946684800 and 4765046400");
  const all = LISTS[name](paidSales(payments, { isNewestFirst: true })).filter(({ at }) => inSeconds(at) >= from);
  const { items } = page(all, skip, Math.min(count, most));
  return told({ entity: "collection", count: items.length, items: items.map(({ entity }) => entity) });
}

export default {
  title: "Razorpay", secret: "razorpay-sandbox",
  settings: ({ secret, sandbox }) => ({ webhook_secrets: [secret], api_key: API_KEY, base_url: sandbox }),
  handOver: { field: "notes", words: "notes of the checkout script" },
  carries: (given) => pairs(given.notes, { most: 15, longest: 256 }),
  reference: (sale) => orderId(sale),
  paid: (sale) => [
    event("payment.authorized", { payment: payment(sale, "authorized") }), event("payment.captured", { payment: payment(sale, "captured") }), event("order.paid", { payment: payment(sale, "captured"), order: order(sale) }),
    ...(sale.payment.interval ? [event("subscription.charged", { subscription: subscription(sale), payment: payment(sale, "captured") })] : []),
  ],
  declined: (sale) => [event("payment.failed", { payment: payment(sale, "failed") })],
  isRenewing: true,
  refunded: (sale) => [event("refund.created", { refund: refund(sale, "pending"), payment: payment(sale, "captured") }), event("refund.processed", { refund: refund(sale, "processed"), payment: payment(sale, "captured") })],
  disputed: (sale) => [event("payment.dispute.created", { dispute: dispute(sale, "open"), payment: payment(sale, "captured") })],
  decided: (sale) => [event(`payment.dispute.${sale.dispute.state}`, { dispute: dispute(sale, sale.dispute.state), payment: payment(sale, "captured") })],
  headers: ({ event: { id }, text, secret }) => ({ "x-razorpay-signature": hmac(secret, text), "x-razorpay-event-id": id }),
  api({ method, path, search, headers, payments, most }) {
    const list = path.match(/^\/v1\/(payments|refunds|disputes)$/)?.[1];
    // Refunds and disputes of Stripe's, whose keys come as a Bearer, have the same addresses here.
    if (method !== "GET" || !list || !(headers.authorization ?? "Basic").startsWith("Basic")) return null;
    if (headers.authorization !== `Basic ${Buffer.from(API_KEY).toString("base64")}`) return refusal(401, "Authentication failed");
    return collection(list, search, payments, most);
  },
  retries_s: doubling(11, 60, 6 * 3600),
};
