// SPDX-License-Identifier: Apache-2.0
// Polar: Standard Webhooks keyed with the UTF-8 of the whole secret, no event id in the body. Of a
// checkout link's query only reference_id and utm_* reach the metadata; renewals carry it on. Refunds
// come twice, as a refund without its tax and as the order's total. Its API lists orders, by the number of
// the page. Source: npm @polar-sh/sdk 0.49.0;
// repository polarsource/polar, checkout_link/endpoints.py, webhook/tasks.py.
import { page, paidSales, told } from "../order_lists.mjs";
import { freshKey, iso, pairs, standardHeaders, total } from "../provider_wire.mjs";

const KEPT = ["reference_id", "utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content"];
const event = (type, data) => ({ id: `${freshKey(8)}-polar-${freshKey(12)}`, type, body: { type, timestamp: iso(Date.now()), data } });
// Prices here include a fifth of tax, so that amounts without tax are seen to be added up.
const taxOf = (amount) => Math.round(amount / 6);

function order({ payment, charge }, status) {
  const refunded = total(charge.refunds), tax = taxOf(charge.amount);
  return {
    id: `or_${charge.key}`, status, total_amount: charge.amount, net_amount: charge.amount - tax, tax_amount: tax, discount_amount: 0, subtotal_amount: charge.amount - tax,
    refunded_amount: refunded - taxOf(refunded), refunded_tax_amount: taxOf(refunded), currency: charge.currency.toLowerCase(),
    billing_reason: !payment.interval ? "purchase" : charge.period === 0 ? "subscription_create" : "subscription_cycle",
    created_at: iso(charge.at), modified_at: iso(Date.now()), checkout_id: `co_${payment.key}`, subscription_id: payment.interval ? `sub_${payment.key}` : null,
    customer_id: `cus_${payment.key}`, customer: { id: `cus_${payment.key}`, email: payment.customer.email, name: payment.customer.name, external_id: null }, billing_address: { country: payment.customer.country },
    product: { id: "pr_light", name: payment.name }, items: [{ id: `oi_${charge.key}`, label: payment.name, amount: charge.amount - tax }], metadata: payment.carried,
  };
}

const TOKEN = "polar_oat_sandbox";
const statusOf = ({ charge: { amount, refunds } }) => (refunds.length === 0 ? "paid" : total(refunds) === amount ? "refunded" : "partially_refunded");
function listed(search, payments, most) {
  const number = Number(search.get("page") ?? 1), limit = Number(search.get("limit") ?? 10), sorting = search.get("sorting") ?? "-created_at";
  const wrong = [["page", number >= 1], ["limit", limit >= 1 && limit <= 100], ["sorting", /^-?created_at$/.test(sorting)]].filter(([, isRight]) => !isRight);
  if (wrong.length > 0) return told({ error: "RequestValidationError", detail: wrong.map(([name]) => ({ loc: ["query", name], msg: "Input is not valid", type: "value_error" })) }, 422);
  const all = paidSales(payments, { isNewestFirst: sorting.startsWith("-") }), size = Math.min(limit, most);
  return told({ items: page(all, (number - 1) * size, size).items.map((sale) => order(sale, statusOf(sale))), pagination: { total_count: all.length, max_page: Math.ceil(all.length / size) } });
}

export default {
  title: "Polar", secret: "whsec_polarSandboxSecret",
  settings: ({ secret, sandbox }) => ({ webhook_secrets: [secret], api_key: TOKEN, base_url: sandbox }),
  handOver: { link: "https://buy.polar.sh/polar_cl_TheLongLight", words: "reference_id of a checkout link, as one token" },
  carries: (given) => pairs(given.metadata ?? Object.fromEntries(KEPT.filter((name) => given[name]).map((name) => [name, given[name]]))),
  reference: ({ payment }) => `co_${payment.key}`,
  paid: (sale) => [
    event("checkout.updated", { id: `co_${sale.payment.key}`, status: "succeeded" }), event("order.created", order(sale, "pending")),
    event("order.updated", order(sale, "paid")), event("order.paid", order(sale, "paid")),
    ...(sale.payment.interval ? [event(sale.charge.period === 0 ? "subscription.active" : "subscription.cycled", { id: `sub_${sale.payment.key}`, status: "active" })] : []),
  ],
  isRenewing: true,
  refunded: (sale) => {
    const tax = taxOf(total(sale.charge.refunds)) - taxOf(total(sale.charge.refunds) - sale.refund.amount);
    const refund = { id: `re_${sale.refund.key}`, status: "succeeded", amount: sale.refund.amount - tax, tax_amount: tax, currency: sale.charge.currency.toLowerCase(), order_id: `or_${sale.charge.key}`, created_at: iso(sale.refund.at) };
    return [event("refund.created", refund), event("order.refunded", order(sale, statusOf(sale)))];
  },
  headers: (sending) => ({ ...standardHeaders(sending), "user-agent": "polar.sh webhooks" }),
  api({ method, path, search, headers, payments, most }) {
    if (method !== "GET" || path !== "/v1/orders/") return null;
    return headers.authorization === `Bearer ${TOKEN}` ? listed(search, payments, most) : told({ error: "invalid_token", error_description: "The access token provided is expired, revoked, malformed, or invalid for other reasons." }, 401);
  },
  retries_s: [1, 2, 4, 8, 16, 32, 64, 128, 256],
};
