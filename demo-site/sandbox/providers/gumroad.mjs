// SPDX-License-Identifier: Apache-2.0
// Gumroad: form posts without a signature to an address that holds a token. Parameters of the
// product's link come back as url_params; refunds and disputes repeat the sale with another
// resource_name. Its API lists sales, ten a page, newest first, and shows one, without those parameters. Source: Gumroad
// help "Ping"; Gumroad API "Sales", "Resource subscriptions"; repository antiwork/gumroad
// sales_controller.rb.
import { cursorAt, cursorOf, page, paidSales, told } from "../order_lists.mjs";
import { HOUR_S, hundredths, iso, pairs, total } from "../provider_wire.mjs";

const API_TOKEN = "gumroad_sandbox_api_token";
const PAGE = 10;

function event({ payment, charge }, resource_name, more = {}) {
  const { customer } = payment;
  return { type: resource_name, body: {
    resource_name, sale_id: `${charge.key}==`, order_number: String(charge.number), seller_id: "thelonglight", product_id: "light==", product_permalink: "keep", product_name: payment.name, email: customer.email, full_name: customer.name, purchaser_id: String(payment.number),
    price: String(hundredths(charge.amount, charge.currency)), currency: charge.currency.toLowerCase(), quantity: "1", ip_country: customer.country ?? "", sale_timestamp: iso(charge.at), refunded: "false", disputed: "false",
    ...(payment.interval && { subscription_id: `${payment.key}==`, recurrence: "monthly", is_recurring_charge: String(charge.period > 0) }), ...more,
  }, params: payment.carried };
}

function listed({ payment, charge }) {
  const { customer } = payment;
  const isWhole = total(charge.refunds) === charge.amount;
  return {
    id: `${charge.key}==`, email: customer.email, purchase_email: customer.email, full_name: customer.name, purchaser_id: String(payment.number), created_at: iso(charge.at), product_name: payment.name, product_id: "light==", price: hundredths(charge.amount, charge.currency), currency_symbol: "€", order_id: charge.number, quantity: 1,
    refunded: isWhole, partially_refunded: charge.refunds.length > 0 && !isWhole, chargedback: Boolean(charge.dispute) && charge.dispute.state !== "won", disputed: Boolean(charge.dispute), dispute_won: charge.dispute?.state === "won",
    ...(payment.interval && { subscription_id: `${payment.key}==`, recurring_charge: charge.period > 0 }),
  };
}
function sales(search, payments, most) {
  const after = search.get("after"), key = search.get("page_key");
  if (after && !/^\d{4}-\d{2}-\d{2}$/.test(after)) return told({ status: 400, error: "Invalid date format provided in field 'after'. Dates must be in the format YYYY-MM-DD." }, 400);
  const first = key ? cursorAt("sales", key) : 0;
  if (first === null) return told({ status: 400, error: "Invalid page_key." }, 400);
  const all = paidSales(payments, { isNewestFirst: true }).filter(({ charge }) => !after || charge.at >= Date.parse(after));
  const { items, next } = page(all, first, Math.min(PAGE, most));
  return told({ success: true, ...(next !== null && { next_page_key: cursorOf("sales", next), next_page_url: `/v2/sales?page_key=${cursorOf("sales", next)}` }), sales: items.map(listed) });
}
function one(id, payments) {
  const sale = paidSales(payments).find(({ charge }) => `${charge.key}==` === id);
  return sale ? told({ success: true, sale: listed(sale) }) : told({ success: false, message: "The sale was not found." }, 404);
}

export default {
  title: "Gumroad", secret: "gumroad-sandbox-token-0123456789",
  settings: ({ secret, sandbox }) => ({ webhook_secrets: [secret], api_key: API_TOKEN, base_url: sandbox }),
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
  api({ method, path, search, headers, payments, most }) {
    const [, id] = path.match(/^\/v2\/sales(?:\/([^/]+))?$/) ?? [null, null];
    if (method !== "GET" || id === null) return null;
    if (headers.authorization !== `Bearer ${API_TOKEN}`) return told({ error: "invalid_token", error_description: "The access token is invalid" }, 401);
    return id === undefined ? sales(search, payments, most) : one(decodeURIComponent(id), payments);
  },
  retries_s: [HOUR_S, HOUR_S, HOUR_S],
  isTaken: (status) => status === 200,
};
