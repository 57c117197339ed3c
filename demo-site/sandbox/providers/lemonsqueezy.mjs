// SPDX-License-Identifier: Apache-2.0
// Lemon Squeezy: HMAC of the raw body in X-Signature, JSON:API, no event id, refunds as cumulative
// totals, subscription invoices with keys of their own, the first of which repeats the order. Its API lists
// all three by the number of the page, newest first, without the custom data. Source:
// npm @lemonsqueezy/lemonsqueezy.js 4.0.0; documentation "Passing custom data", "Webhook requests".
import { page, paidSales, told } from "../order_lists.mjs";
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

const subscription = ({ payment, charge }) => ({
  type: "subscriptions", id: String(payment.number), attributes: { status: "active", order_id: charge.number, customer_id: payment.number, user_name: payment.customer.name, user_email: payment.customer.email, test_mode: false, created_at: iso(charge.at), updated_at: iso(Date.now()) },
});

function event(sale, event_name, data) {
  return { type: event_name, body: { meta: { event_name, test_mode: false, webhook_id: `${event_name}-${sale.charge.key}`, ...(Object.keys(sale.payment.carried).length > 0 && { custom_data: sale.payment.carried }) }, data } };
}

const API_KEY = "lemon-sandbox-api-key";
const LISTS = {
  orders: (sales) => sales.filter((sale) => !isRenewal(sale)).map(order),
  subscriptions: (sales) => sales.filter((sale) => sale.payment.interval && !isRenewal(sale)).map(subscription),
  "subscription-invoices": (sales) => sales.filter((sale) => sale.payment.interval).map(invoice),
};
const answer = (body, status) => ({ ...told({ jsonapi: { version: "1.0" }, ...body }, status), type: "application/vnd.api+json" });
const refusal = (status, title, detail) => answer({ errors: [{ status: String(status), title, detail }] }, status);
function listed(name, search, payments, most) {
  const number = Number(search.get("page[number]") ?? 1), size = Number(search.get("page[size]") ?? 10);
  if (!(number >= 1) || !(size >= 1 && size <= 100)) return refusal(400, "Bad Request", "page[size] is from 1 to 100, page[number] from 1.");
  const all = LISTS[name](paidSales(payments, { isNewestFirst: true })), perPage = Math.min(size, most);
  const { items } = page(all, (number - 1) * perPage, perPage);
  return answer({ meta: { page: { currentPage: number, from: items.length > 0 ? (number - 1) * perPage + 1 : null, lastPage: Math.max(1, Math.ceil(all.length / perPage)), perPage, to: items.length > 0 ? (number - 1) * perPage + items.length : null, total: all.length } }, data: items });
}

export default {
  title: "Lemon Squeezy", secret: "lemon-sandbox",
  settings: ({ secret, sandbox }) => ({ webhook_secrets: [secret], api_key: API_KEY, base_url: sandbox }),
  handOver: { link: "https://thelonglight.lemonsqueezy.com/checkout/buy/42", words: "checkout[custom][…] of a checkout link" },
  carries: (given) => pairs(given.checkout?.custom ?? given.checkout_data?.custom, { longest: Infinity }),
  reference: (sale) => (isRenewal(sale) ? `subscription-invoices/${sale.charge.number}` : String(sale.charge.number)),
  paid(sale) {
    if (isRenewal(sale)) return [event(sale, "subscription_payment_success", invoice(sale))];
    const first = [event(sale, "order_created", order(sale))];
    if (sale.payment.interval) first.push(event(sale, "subscription_created", subscription(sale)), event(sale, "subscription_payment_success", invoice(sale)));
    return first;
  },
  isRenewing: true,
  refunded: (sale) => (isRenewal(sale) ? [event(sale, "subscription_payment_refunded", invoice(sale))] : [event(sale, "order_refunded", order(sale))]),
  headers: ({ event: { type }, text, secret }) => ({ "x-event-name": type, "x-signature": hmac(secret, text) }),
  api({ method, path, search, headers, payments, most }) {
    const list = path.match(/^\/v1\/(orders|subscriptions|subscription-invoices)$/)?.[1];
    if (method !== "GET" || !list) return null;
    return headers.authorization === `Bearer ${API_KEY}` ? listed(list, search, payments, most) : refusal(401, "Unauthorized", "Unauthenticated.");
  },
  retries_s: [5, 25, 125],
  isTaken: (status) => status === 200,
};
