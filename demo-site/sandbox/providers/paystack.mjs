// SPDX-License-Identifier: Apache-2.0
// Paystack: HMAC-SHA512 keyed with the secret API key, hundredths in every currency, no event id, refund
// amounts as text. Source: Paystack documentation "Webhooks", and its AsyncAPI description.
import { evenly, HOUR_S, hmac, hundredths, iso, pairs } from "../provider_wire.mjs";

const event = (name, data) => ({ type: name, body: { event: name, data: { domain: "live", ...data } } });
const reference = ({ charge }) => `ref${charge.key}`;
const amountOf = ({ charge }) => hundredths(charge.amount, charge.currency);

const charge = (sale, status) => ({
  id: sale.charge.number, status, reference: reference(sale), amount: amountOf(sale), fees: 0, currency: sale.charge.currency, paid_at: status === "success" ? iso(sale.charge.at) : null, created_at: iso(sale.payment.opened_at), channel: "card", metadata: sale.payment.carried,
  customer: { id: sale.payment.number, customer_code: `CUS_${sale.payment.key}`, email: sale.payment.customer.email, phone: null, first_name: sale.payment.customer.name, last_name: "" },
});
const refund = (sale, status) => ({
  status, transaction_reference: reference(sale), refund_reference: `TRF_${sale.refund.key}`, amount: String(hundredths(sale.refund.amount, sale.charge.currency)), currency: sale.charge.currency, refunded_at: iso(sale.refund.at),
});
const dispute = (sale, status, resolution) => ({
  id: sale.dispute.number, status, resolution, refund_amount: amountOf(sale), currency: sale.charge.currency, created_at: iso(sale.dispute.at), resolvedAt: resolution ? iso(Date.now()) : null, transaction: { id: sale.charge.number, reference: reference(sale), amount: amountOf(sale), currency: sale.charge.currency },
});

export default {
  title: "Paystack", secret: "sk_live_paystacksandbox",
  handOver: { field: "metadata", words: "metadata of the inline script" },
  carries: (given) => pairs(given.metadata),
  reference,
  paid: (sale) => [event("charge.success", charge(sale, "success"))],
  declined: (sale) => [event("charge.failed", charge(sale, "failed"))],
  refunded: (sale) => ["pending", "processed"].map((status) => event(`refund.${status}`, refund(sale, status))),
  disputed: (sale) => [event("charge.dispute.create", dispute(sale, "awaiting-merchant-feedback", null))],
  decided: (sale) => [event("charge.dispute.resolve", dispute(sale, "resolved", sale.dispute.state === "won" ? "declined" : "merchant-accepted"))],
  headers: ({ text, secret }) => ({ "x-paystack-signature": hmac(secret, text, "hex", "sha512") }),
  retries_s: [...evenly(4, 720), ...evenly(72, 72 * HOUR_S)],
  isTaken: (status) => status === 200,
};
