// SPDX-License-Identifier: Apache-2.0
// Shopify: HMAC of the raw body, the topic in a header only, cart attributes back as note_attributes.
// A refund is its transactions; renewals are orders of their own without the attributes. Its API lists
// orders with their refunds, from an id on. Source: npm
// @shopify/shopify-api 13.1.0; Shopify documentation "Verify webhook deliveries", "Create cart permalinks".
import { changedAt, page, paidSales, told } from "../order_lists.mjs";
import { decimal, evenly, freshKey, hmac, iso, pairs, total } from "../provider_wire.mjs";

const orderId = ({ charge }) => 5_820_000_000_000 + charge.number;
const event = (topic, body) => ({ id: `${freshKey(8)}-${freshKey(12)}`, type: topic, body });

function order({ payment, charge }, status) {
  const amount = decimal(charge.amount, charge.currency);
  const [first_name, ...rest] = payment.customer.name.split(" ");
  return {
    id: orderId({ charge }), admin_graphql_api_id: `gid://shopify/Order/${orderId({ charge })}`, name: `#${charge.number}`, created_at: iso(charge.at), processed_at: iso(charge.at), test: false,
    financial_status: status, total_price: amount, subtotal_price: amount, current_total_price: amount, total_tax: "0.00", total_discounts: "0.00", currency: charge.currency, presentment_currency: charge.currency,
    email: payment.customer.email, contact_email: payment.customer.email, phone: null, checkout_token: charge.period === 0 ? payment.key.toLowerCase() : null, source_name: charge.period === 0 ? "web" : "subscription_contract",
    customer: { id: 7_000_000_000_000 + payment.number, email: payment.customer.email, first_name, last_name: rest.join(" ") }, billing_address: { name: payment.customer.name, country_code: payment.customer.country },
    note_attributes: charge.period === 0 ? Object.entries(payment.carried).map(([name, value]) => ({ name, value })) : [],
    line_items: [{ id: 13_000_000_000_000 + charge.number, product_id: 42, title: payment.name, quantity: 1, price: amount, sku: "LIGHT" }],
  };
}
const refund = (sale) => ({
  id: sale.refund.number, order_id: orderId(sale), created_at: iso(sale.refund.at), processed_at: iso(sale.refund.at), note: "", transactions: [
    { id: sale.refund.number * 10, kind: "refund", status: "success", amount: decimal(sale.refund.amount, sale.charge.currency), currency: sale.charge.currency },
    { id: sale.refund.number * 10 + 1, kind: "refund", status: "failure", amount: decimal(sale.refund.amount, sale.charge.currency), currency: sale.charge.currency },
  ],
});
const dispute = (sale, status) => ({
  id: sale.dispute.number, order_id: orderId(sale), type: "chargeback", amount: decimal(sale.charge.amount, sale.charge.currency), currency: sale.charge.currency, reason: "fraudulent", status, initiated_at: iso(sale.dispute.at), finalized_on: status === "needs_response" ? null : iso(Date.now()),
});

const TOKEN = "shpat_sandbox";
const statusOf = ({ charge: { amount, refunds } }) => (refunds.length === 0 ? "paid" : total(refunds) === amount ? "refunded" : "partially_refunded");
function listed(search, payments, most) {
  const limit = Number(search.get("limit") ?? 50), since = search.get("updated_at_min"), after = Number(search.get("since_id") ?? 0);
  if (!(limit >= 1 && limit <= 250) || !(after >= 0)) return told({ errors: { limit: "must be from 1 to 250" } }, 400);
  if (search.get("status") !== "any") return told({ orders: [] });  // open ones alone, and those that are paid here are closed
  const all = paidSales(payments).filter((sale) => orderId(sale) > after && (!since || changedAt(sale) >= Date.parse(since)));
  return told({ orders: page(all, 0, Math.min(limit, most)).items.map((sale) => ({ ...order(sale, statusOf(sale)), refunds: sale.charge.refunds.map((made) => refund({ ...sale, refund: made })) })) });
}

export default {
  title: "Shopify", secret: "shpss_sandbox",
  settings: ({ secret, sandbox }) => ({ webhook_secrets: [secret], api_key: TOKEN, base_url: sandbox }),
  handOver: { link: "https://shop.thelonglight.example/cart/42:1", words: "attributes[…] of a cart permalink" },
  carries: (given) => pairs(given.attributes, { longest: 255 }),
  reference: (sale) => String(orderId(sale)),
  paid: (sale) => [
    event("orders/create", order(sale, "pending")), event("order_transactions/create", { id: 1, order_id: orderId(sale), kind: "sale", status: "success", amount: decimal(sale.charge.amount, sale.charge.currency) }),
    event("orders/paid", order(sale, "paid")), event("orders/updated", order(sale, "paid")),
  ],
  isRenewing: true,
  refunded: (sale) => [event("refunds/create", refund(sale))],
  disputed: (sale) => [event("disputes/create", dispute(sale, "needs_response"))],
  decided: (sale) => [event("disputes/update", dispute(sale, sale.dispute.state))],
  headers: ({ event: { id, type }, text, secret }) => ({
    "x-shopify-hmac-sha256": hmac(secret, text, "base64"), "x-shopify-topic": type, "x-shopify-webhook-id": id, "x-shopify-event-id": `${id}-event`, "x-shopify-triggered-at": iso(Date.now()),
    "x-shopify-shop-domain": "thelonglight.myshopify.com", "x-shopify-api-version": "2026-07",
  }),
  api({ method, path, search, headers, payments, most }) {
    if (method !== "GET" || !/^\/admin\/api\/\d{4}-\d{2}\/orders\.json$/.test(path)) return null;
    return headers["x-shopify-access-token"] === TOKEN ? listed(search, payments, most) : told({ errors: "[API] Invalid API key or access token (unrecognized login or wrong password)" }, 401);
  },
  retries_s: evenly(8, 4 * 3600),
};
