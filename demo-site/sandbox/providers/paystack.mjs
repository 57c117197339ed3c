// SPDX-License-Identifier: Apache-2.0
// Paystack: HMAC-SHA512 keyed with the secret API key, hundredths in every currency, no event id, refund
// amounts as text; a subscription's charges name its plan, and only the first what the page gave along. Source: Paystack documentation "Webhooks", its AsyncAPI description. Its API lists
// transactions and disputes by page; repository PaystackOSS/openapi.
import { disputesOf, page, paidSales, told } from "../order_lists.mjs";
import { evenly, HOUR_S, hmac, hundredths, iso, pairs } from "../provider_wire.mjs";

const event = (name, data) => ({ type: name, body: { event: name, data: { domain: "live", ...data } } });
const reference = ({ charge }) => `ref${charge.key}`;
const amountOf = ({ charge }) => hundredths(charge.amount, charge.currency);

const charge = (sale, status) => ({
  id: sale.charge.number, status, reference: reference(sale), amount: amountOf(sale), fees: 0, currency: sale.charge.currency, paid_at: status === "success" ? iso(sale.charge.at) : null, created_at: iso(sale.payment.opened_at), channel: "card", metadata: sale.charge.period > 0 ? { invoice_action: "update" } : sale.payment.carried, plan: sale.payment.interval ? { id: 1, name: sale.payment.name, plan_code: "PLN_thelonglight", interval: "monthly" } : {},
  customer: { id: sale.payment.number, customer_code: `CUS_${sale.payment.key}`, email: sale.payment.customer.email, phone: null, first_name: sale.payment.customer.name, last_name: "" },
});
const refund = (sale, status) => ({
  status, transaction_reference: reference(sale), refund_reference: `TRF_${sale.refund.key}`, amount: String(hundredths(sale.refund.amount, sale.charge.currency)), currency: sale.charge.currency, refunded_at: iso(sale.refund.at),
});
const dispute = (sale, status, resolution) => ({
  id: sale.dispute.number, status, resolution, refund_amount: amountOf(sale), currency: sale.charge.currency, created_at: iso(sale.dispute.at), resolvedAt: resolution ? iso(Date.now()) : null, transaction: { id: sale.charge.number, reference: reference(sale), amount: amountOf(sale), currency: sale.charge.currency },
});

const API_KEY = "sk_live_paystacksandbox";
const RESOLUTIONS = { open: null, won: "declined", lost: "merchant-accepted" };
const LISTS = {
  transaction: (sales) => sales.map((sale) => ({ at: sale.charge.at, item: { domain: "live", ...charge(sale, "success") } })),
  dispute: (sales) => disputesOf(sales).map((sale) => ({ at: sale.dispute.at, item: { domain: "live", ...dispute(sale, sale.dispute.state === "open" ? "awaiting-merchant-feedback" : "resolved", RESOLUTIONS[sale.dispute.state]) } })),
};
function listed(name, search, payments, most) {
  const from = search.get("from"), number = Number(search.get("page") ?? 1);
  if (from && Number.isNaN(Date.parse(from))) return told({ status: false, message: "from is not a valid date" }, 400);
  if (!Number.isInteger(number) || number < 1) return told({ status: false, message: "page must be at least 1" }, 400);
  const all = LISTS[name](paidSales(payments, { isNewestFirst: true })).filter(({ at }) => !from || at >= Date.parse(from));
  const perPage = Math.min(50, most);
  const { items } = page(all, (number - 1) * perPage, perPage);
  return told({ status: true, message: "Retrieved", data: items.map(({ item }) => item), meta: { total: all.length, skipped: (number - 1) * perPage, perPage, page: number, pageCount: Math.ceil(all.length / perPage) } });
}

export default {
  title: "Paystack", secret: API_KEY,
  settings: ({ secret, sandbox }) => ({ webhook_secrets: [secret], api_key: API_KEY, base_url: sandbox }),
  handOver: { field: "metadata", words: "metadata of the inline script" },
  carries: (given) => pairs(given.metadata),
  reference,
  paid: (sale) => [event("charge.success", charge(sale, "success"))],
  isRenewing: true,
  declined: (sale) => [event("charge.failed", charge(sale, "failed"))],
  refunded: (sale) => ["pending", "processed"].map((status) => event(`refund.${status}`, refund(sale, status))),
  disputed: (sale) => [event("charge.dispute.create", dispute(sale, "awaiting-merchant-feedback", null))],
  decided: (sale) => [event("charge.dispute.resolve", dispute(sale, "resolved", sale.dispute.state === "won" ? "declined" : "merchant-accepted"))],
  headers: ({ text, secret }) => ({ "x-paystack-signature": hmac(secret, text, "hex", "sha512") }),
  api({ method, path, search, headers, payments, most }) {
    const list = path.match(/^\/(transaction|dispute)$/)?.[1];
    if (method !== "GET" || !list) return null;
    return headers.authorization === `Bearer ${API_KEY}` ? listed(list, search, payments, most) : told({ status: false, message: "Invalid key" }, 401);
  },
  retries_s: [...evenly(4, 720), ...evenly(72, 72 * HOUR_S)],
  isTaken: (status) => status === 200,
};
