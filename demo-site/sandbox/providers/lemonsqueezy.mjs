// SPDX-License-Identifier: Apache-2.0
// Lemon Squeezy: HMAC of the raw body in X-Signature, JSON:API, no event id, refunds as cumulative
// totals, subscription invoices with keys of their own, the first of which repeats the order. Source:
// npm @lemonsqueezy/lemonsqueezy.js 4.0.0; documentation "Passing custom data", "Webhook requests".
import { hmac, iso, pairs, total } from "../provider_wire.mjs";

const isRenewal = ({ charge }) => charge.period > 0;

function resource(sale, type, id, more) {
  const { payment, charge } = sale;
  const refunded = total(charge.refunds), refunds = charge.refunds;
  return {
    type, id: String(id), attributes: {
      store_id: 1, customer_id: payment.number, user_name: payment.customer.name, user_email: payment.customer.email, currency: charge.currency, subtotal: charge.amount, tax: 0, discount_total: 0, total: charge.amount,
      status: refunded === charge.amount ? "refunded" : refunded > 0 ? "partial_refund" : "paid", refunded: refunded > 0, refunded_amount: refunded, refunded_at: refunds.length > 0 ? iso(refunds[refunds.length - 1].at) : null,
      test_mode: false, created_at: iso(charge.at), updated_at: iso(Date.now()), ...more,
    },
  };
}
const order = (sale) => resource(sale, "orders", sale.charge.number, { identifier: sale.charge.key.toLowerCase(), order_number: sale.charge.number, first_order_item: { product_name: sale.payment.name, price: sale.charge.amount } });
const invoice = (sale) => resource(sale, "subscription-invoices", sale.charge.number, { subscription_id: sale.payment.number, billing_reason: isRenewal(sale) ? "renewal" : "initial" });

function event(sale, event_name, data) {
  return { type: event_name, body: { meta: { event_name, test_mode: false, webhook_id: `${event_name}-${sale.charge.key}`, ...(Object.keys(sale.payment.carried).length > 0 && { custom_data: sale.payment.carried }) }, data } };
}

export default {
  title: "Lemon Squeezy", secret: "lemon-sandbox",
  handOver: { link: "https://thelonglight.lemonsqueezy.com/checkout/buy/42", words: "checkout[custom][…] of a checkout link" },
  carries: (given) => pairs(given.checkout?.custom ?? given.checkout_data?.custom, { longest: Infinity }),
  reference: (sale) => (isRenewal(sale) ? `subscription-invoices/${sale.charge.number}` : String(sale.charge.number)),
  paid(sale) {
    if (isRenewal(sale)) return [event(sale, "subscription_payment_success", invoice(sale))];
    const first = [event(sale, "order_created", order(sale))];
    if (sale.payment.interval) first.push(event(sale, "subscription_created", { type: "subscriptions", id: String(sale.payment.number), attributes: { status: "active", order_id: sale.charge.number, customer_id: sale.payment.number, test_mode: false, created_at: iso(sale.charge.at), updated_at: iso(Date.now()) } }), event(sale, "subscription_payment_success", invoice(sale)));
    return first;
  },
  isRenewing: true,
  refunded: (sale) => (isRenewal(sale) ? [event(sale, "subscription_payment_refunded", invoice(sale))] : [event(sale, "order_refunded", order(sale))]),
  headers: ({ event: { type }, text, secret }) => ({ "x-event-name": type, "x-signature": hmac(secret, text) }),
  retries_s: [5, 25, 125],
  isTaken: (status) => status === 200,
};
