// SPDX-License-Identifier: Apache-2.0
// WooCommerce: one resource, the order, with all its refunds in it, written as PHP writes JSON. The
// ids are hidden fields of the shop's own checkout form, saved as order meta. Subscriptions renews by orders
// that copy the meta and name what they renew. Never repeated. Its API lists orders by the number of the
// page. Source: repository woocommerce/woocommerce
// class-wc-webhook.php; REST API v3 orders.
import { changedAt, page, paidSales, told } from "../order_lists.mjs";
import { decimal, freshKey, gmt, hmac, short } from "../provider_wire.mjs";

function order({ payment, charge }, status, paidAt) {
  const [first_name, ...rest] = payment.customer.name.split(" ");
  const isRenewal = charge.period > 0;
  const meta = Object.entries({ ...payment.carried, ...(isRenewal && { _subscription_renewal: String(payment.number) }) });
  return {
    id: charge.number, number: String(charge.number), order_key: `wc_order_${charge.key}`, status, currency: charge.currency, total: decimal(charge.amount, charge.currency), total_tax: "0.00", discount_total: "0.00", shipping_total: "0.00",
    customer_id: 0, date_created_gmt: gmt(payment.opened_at), date_modified_gmt: gmt(changedAt({ charge })), date_paid_gmt: paidAt ? gmt(paidAt) : null, payment_method: "cod", transaction_id: "",
    billing: { first_name, last_name: rest.join(" "), email: payment.customer.email, phone: "", country: payment.customer.country ?? "" },
    created_via: isRenewal ? "subscription" : "checkout", meta_data: meta.map(([key, value], i) => ({ id: charge.number * 10 + i, key, value })),
    line_items: [{ id: 1, name: payment.name, product_id: 42, quantity: 1, total: decimal(charge.amount, charge.currency), price: Number(decimal(charge.amount, charge.currency)) }],
    refunds: charge.refunds.map((refund) => ({ id: refund.number, reason: "", total: `-${decimal(refund.amount, charge.currency)}` })),
  };
}
const event = (type, body) => ({ type, body });
const isGivenBack = ({ charge }) => charge.refunds.reduce((sum, { amount }) => sum + amount, 0) === charge.amount;

const API_KEY = "ck_sandbox:cs_sandbox";
const refusal = (status, code, message) => told({ code, message, data: { status } }, status);
function listed(search, payments, most) {
  const number = Number(search.get("page") ?? 1), perPage = Number(search.get("per_page") ?? 10), since = search.get("modified_after");
  if (!(number >= 1) || !(perPage >= 1 && perPage <= 100)) return refusal(400, "rest_invalid_param", "Invalid parameter(s): page, per_page");
  if (since && Number.isNaN(Date.parse(since))) return refusal(400, "rest_invalid_param", "Invalid parameter(s): modified_after");
  const all = paidSales(payments, { isNewestFirst: search.get("order") !== "asc" }).filter((sale) => !since || changedAt(sale) > Date.parse(since)), size = Math.min(perPage, most);
  return told(page(all, (number - 1) * size, size).items.map((sale) => order(sale, isGivenBack(sale) ? "refunded" : "completed", sale.charge.at)));
}

export default {
  title: "WooCommerce", secret: "woo-sandbox",
  settings: ({ secret, sandbox }) => ({ webhook_secrets: [secret], api_key: API_KEY, base_url: sandbox }),
  handOver: { isForm: true, words: "hidden fields of the checkout form, kept as order meta" },
  carries: (given) => Object.fromEntries(["anonymous_id", "session_id"].map((name) => [name, short(given[`tl_${name}`], `tl_${name}`, 255)]).filter(([, value]) => value)),
  reference: ({ charge }) => String(charge.number),
  paid: (sale) => [event("order.created", order(sale, "pending")), event("order.updated", order(sale, "processing", sale.charge.at)), event("order.updated", order(sale, "completed", sale.charge.at))],
  isRenewing: true,
  declined: (sale) => [event("order.created", order(sale, "pending")), event("order.updated", order(sale, "failed"))],
  refunded: (sale) => [event("order.updated", order(sale, isGivenBack(sale) ? "refunded" : "completed", sale.charge.at))],
  write: ({ body }) => JSON.stringify(body).replaceAll("/", "\\/").replace(/[\u0080-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`),
  headers: ({ event: { type }, text, secret }) => ({
    "x-wc-webhook-source": "https://shop.thelonglight.example/", "x-wc-webhook-topic": type, "x-wc-webhook-resource": "order", "x-wc-webhook-event": type.split(".")[1], "x-wc-webhook-id": "7",
    "x-wc-webhook-delivery-id": freshKey(32).toLowerCase(), "x-wc-webhook-signature": hmac(secret, text, "base64"), "user-agent": "WooCommerce/10.1 Hookshot (WordPress/6.9)",
  }),
  api({ method, path, search, headers, payments, most }) {
    if (method !== "GET" || path !== "/wp-json/wc/v3/orders") return null;
    return headers.authorization === `Basic ${Buffer.from(API_KEY).toString("base64")}` ? listed(search, payments, most) : refusal(401, "woocommerce_rest_cannot_view", "Sorry, you cannot list resources.");
  },
  retries_s: [],
  isTaken: (status) => status >= 200 && status < 303,
};
