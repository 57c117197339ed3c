// SPDX-License-Identifier: Apache-2.0
// Gumroad: form posts without a signature to an address that holds a token. Parameters of the
// product's link come back as url_params; refunds and disputes repeat the sale with another
// resource_name. Source: Gumroad help "Ping"; Gumroad API "Resource subscriptions".
import { HOUR_S, hundredths, iso, pairs } from "../provider_wire.mjs";

function event({ payment, charge }, resource_name, more = {}) {
  const { customer } = payment;
  return { type: resource_name, body: {
    resource_name, sale_id: `${charge.key}==`, order_number: String(charge.number), seller_id: "thelonglight", product_id: "light==", product_permalink: "keep", product_name: payment.name, email: customer.email, full_name: customer.name, purchaser_id: String(payment.number),
    price: String(hundredths(charge.amount, charge.currency)), currency: charge.currency.toLowerCase(), quantity: "1", ip_country: customer.country ?? "", sale_timestamp: iso(charge.at), refunded: "false", disputed: "false",
    ...(payment.interval && { subscription_id: `${payment.key}==`, recurrence: "monthly", is_recurring_charge: String(charge.period > 0) }), ...more,
  }, params: payment.carried };
}

export default {
  title: "Gumroad", secret: "gumroad-sandbox-token-0123456789",
  handOver: { link: "https://thelonglight.gumroad.com/l/keep", of: "metadata", words: "parameters of the product's link" },
  carries: (given) => pairs(Object.fromEntries(Object.entries(given).filter(([, value]) => typeof value === "string"))),
  reference: ({ charge }) => `${charge.key}==`,
  paid: (sale) => [event(sale, "sale")],
  isRenewing: true,
  isRefundedWhole: true,
  refunded: (sale) => [event(sale, "refund", { refunded: "true" })],
  disputed: (sale) => [event(sale, "dispute", { disputed: "true" })],
  decided: (sale) => (sale.dispute.state === "won" ? [event(sale, "dispute_won", { disputed: "true", dispute_won: "true" })] : []),
  write: ({ body, params }) => new URLSearchParams([...Object.entries(body), ...Object.entries(params).map(([name, value]) => [`url_params[${name}]`, value])]).toString(),
  contentType: "application/x-www-form-urlencoded",
  address: (url, secret) => `${url}?token=${encodeURIComponent(secret)}`,
  headers: () => ({}),
  retries_s: [HOUR_S, HOUR_S, HOUR_S],
  isTaken: (status) => status === 200,
};
