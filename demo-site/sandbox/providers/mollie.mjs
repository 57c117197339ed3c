// SPDX-License-Identifier: Apache-2.0
// Mollie: next-generation webhooks, signed, that name a payment; what it is worth its API tells
// (GET /v2/payments/<id>), refunds and chargebacks in it. Source: npm mollie-api-typescript 1.12.28;
// Mollie documentation "Webhooks", "Get payment".
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
  api({ method, path, headers, payments }) {
    const key = path.match(/^\/v2\/payments\/tr_([A-Za-z0-9]+)$/)?.[1];
    if (method !== "GET" || !key || headers.authorization !== `Bearer ${API_KEY}`) return null;
    const sale = salesOf(payments).find(({ charge }) => charge.key === key);
    return sale ? { type: "application/hal+json", text: JSON.stringify(told(sale)) } : null;
  },
  retries_s: doubling(10, 60),
};
