// SPDX-License-Identifier: Apache-2.0
// Shopify: HMAC of the raw body, the topic in a header only, cart attributes back as note_attributes.
// A refund is its transactions; renewals are orders of their own without the attributes. Source: npm
// @shopify/shopify-api 13.1.0; Shopify documentation "Verify webhook deliveries", "Create cart permalinks".
import { decimal, evenly, freshKey, hmac, iso, pairs } from "../provider_wire.mjs";

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
const dispute = (sale, status) => ({
  id: sale.dispute.number, order_id: orderId(sale), type: "chargeback", amount: decimal(sale.charge.amount, sale.charge.currency), currency: sale.charge.currency, reason: "fraudulent", status, initiated_at: iso(sale.dispute.at), finalized_on: status === "needs_response" ? null : iso(Date.now()),
});

export default {
  title: "Shopify", secret: "shpss_sandbox",
  handOver: { link: "https://shop.thelonglight.example/cart/42:1", words: "attributes[…] of a cart permalink" },
  carries: (given) => pairs(given.attributes, { longest: 255 }),
  reference: (sale) => String(orderId(sale)),
  paid: (sale) => [
    event("orders/create", order(sale, "pending")), event("order_transactions/create", { id: 1, order_id: orderId(sale), kind: "sale", status: "success", amount: decimal(sale.charge.amount, sale.charge.currency) }),
    event("orders/paid", order(sale, "paid")), event("orders/updated", order(sale, "paid")),
  ],
  isRenewing: true,
  refunded: (sale) => [event("refunds/create", {
    id: sale.refund.number, order_id: orderId(sale), created_at: iso(sale.refund.at), processed_at: iso(sale.refund.at), note: "", transactions: [
      { id: sale.refund.number * 10, kind: "refund", status: "success", amount: decimal(sale.refund.amount, sale.charge.currency), currency: sale.charge.currency },
      { id: sale.refund.number * 10 + 1, kind: "refund", status: "failure", amount: decimal(sale.refund.amount, sale.charge.currency), currency: sale.charge.currency },
    ],
  })],
  disputed: (sale) => [event("disputes/create", dispute(sale, "needs_response"))],
  decided: (sale) => [event("disputes/update", dispute(sale, sale.dispute.state))],
  headers: ({ event: { id, type }, text, secret }) => ({
    "x-shopify-hmac-sha256": hmac(secret, text, "base64"), "x-shopify-topic": type, "x-shopify-webhook-id": id, "x-shopify-event-id": `${id}-event`, "x-shopify-triggered-at": iso(Date.now()),
    "x-shopify-shop-domain": "thelonglight.myshopify.com", "x-shopify-api-version": "2026-07",
  }),
  retries_s: evenly(8, 4 * 3600),
};
