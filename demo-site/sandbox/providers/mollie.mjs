// SPDX-License-Identifier: Apache-2.0
// Mollie: next-generation webhooks, signed, that name a payment; what it is worth its API tells
// (GET /v2/payments/<id>), refunds and chargebacks in it, or the list of all, newest first, without
// them. Source: npm mollie-api-typescript 1.12.28; Mollie documentation "Webhooks", "Get payment", "List payments".
import { page, paidSales, told as answer } from "../order_lists.mjs";
import { decimal, doubling, freshKey, hmac, iso, pairs, salesOf, total } from "../provider_wire.mjs";

const API_KEY = "live_sandbox";
const paymentId = ({ charge }) => `tr_${charge.key}`;
const money = (minor, currency) => ({ currency, value: decimal(minor, currency) });
const event = (sale, type, entity) => ({ type, body: { resource: "event", id: `event_${freshKey(22)}`, type, entityId: entity.id, createdAt: iso(Date.now()), _embedded: { entity } } });
const about = (sale, id, resource) => ({ id, resource, mode: "live", paymentId: paymentId(sale) });
const payment = (sale) => ({ id: paymentId(sale), resource: "payment", mode: "live" });

function told(sale) {
  const { payment: { customer, carried, interval, key }, charge } = sale;
  const refunds = charge.refunds.map((refund) => ({ resource: "refund", id: `re_${refund.key}`, amount: money(refund.amount, charge.currency), status: "refunded", createdAt: iso(refund.at) }));
  const chargebacks = charge.dispute ? [{ resource: "chargeback", id: `chb_${charge.dispute.key}`, amount: money(charge.amount, charge.currency), createdAt: iso(charge.dispute.at), reversedAt: charge.dispute.state === "won" ? iso(Date.now()) : null }] : [];
  return {
    ...payment(sale), status: charge.isDeclined ? "failed" : "paid", amount: money(charge.amount, charge.currency), amountRefunded: money(total(charge.refunds), charge.currency), createdAt: iso(charge.at), ...(charge.isDeclined ? { failedAt: iso(charge.at) } : { paidAt: iso(charge.at) }),
    sequenceType: interval ? (charge.period === 0 ? "first" : "recurring") : "oneoff", ...(interval && { mandateId: `mdt_${key}`, customerId: `cst_${key}` }),
    billingAddress: { email: customer.email, givenName: customer.name, familyName: "", country: customer.country }, ...(carried && { metadata: carried }), _embedded: { refunds, chargebacks },
  };
}

const hal = (body, status) => ({ ...answer(body, status), type: "application/hal+json" });
const refusal = (status, title, detail) => hal({ status, title, detail, _links: { documentation: { href: "https://docs.mollie.com/reference/handling-errors", type: "text/html" } } }, status);
function listed(search, payments, most) {
  const limit = Number(search.get("limit") ?? 50), from = search.get("from");
  if (!(limit >= 1 && limit <= 250)) return refusal(400, "Bad Request", "Invalid limit");
  const all = paidSales(payments, { isNewestFirst: true });
  const first = from ? all.findIndex((sale) => paymentId(sale) === from) : 0;
  if (first < 0) return refusal(400, "Bad Request", "Invalid cursor value");
  const { items, next } = page(all, first, Math.min(limit, most));
  const shown = items.map((sale) => ({ ...told(sale), _embedded: undefined }));
  return hal({ count: shown.length, _embedded: { payments: shown }, _links: { previous: null, next: next === null ? null : { href: `https://api.mollie.com/v2/payments?from=${paymentId(all[next])}&limit=${limit}`, type: "application/hal+json" } } });
}

export default {
  title: "Mollie", secret: "mollie-sandbox",
  settings: ({ secret, sandbox }) => ({ webhook_secrets: [secret], api_key: API_KEY, base_url: sandbox }),
  handOver: { field: "metadata", words: "metadata of the payment that the shop's server makes" },
  carries: (given) => pairs(given.metadata),
  reference: paymentId,
  paid: (sale) => [event(sale, "payment.paid", payment(sale)), event(sale, "balance-transaction.created", { id: `baltr_${freshKey(8)}` })],
  declined: (sale) => [event(sale, "payment.failed", payment(sale))],
  isRenewing: true,
  refunded: (sale) => [event(sale, "refund.refunded", about(sale, `re_${sale.refund.key}`, "refund"))],
  disputed: (sale) => [event(sale, "chargeback.received", about(sale, `chb_${sale.dispute.key}`, "chargeback"))],
  decided: (sale) => [event(sale, sale.dispute.state === "won" ? "chargeback.reversed" : "chargeback.received", about(sale, `chb_${sale.dispute.key}`, "chargeback"))],
  headers: ({ text, secret }) => ({ "x-mollie-signature": `sha256=${hmac(secret, text)}` }),
  api({ method, path, search, headers, payments, most }) {
    // Square's payments have the same address here; its keys begin otherwise.
    const [, key] = path.match(/^\/v2\/payments(?:\/tr_([A-Za-z0-9]+))?$/) ?? [null, null];
    if (method !== "GET" || key === null || !/^Bearer (live|test)_/.test(headers.authorization ?? "")) return null;
    if (headers.authorization !== `Bearer ${API_KEY}`) return refusal(401, "Unauthorized Request", "Missing authentication, or failed to authenticate");
    if (key === undefined) return listed(search, payments, most);
    const sale = salesOf(payments).find(({ charge }) => charge.key === key);
    return sale ? hal(told(sale)) : refusal(404, "Not Found", "No payment exists with this token.");
  },
  retries_s: doubling(10, 60),
};
