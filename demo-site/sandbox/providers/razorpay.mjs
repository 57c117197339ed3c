// SPDX-License-Identifier: Apache-2.0
// Razorpay: HMAC of the raw body, the event's id in a header, payment.captured and order.paid for one
// sale, notes of at most 15 pairs (an empty list when there are none). Source: npm razorpay 2.9.8;
// Razorpay documentation "Webhooks", "Validate and test", "Best practices".
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

export default {
  title: "Razorpay", secret: "razorpay-sandbox",
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
  retries_s: doubling(11, 60, 6 * 3600),
};
