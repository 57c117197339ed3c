// SPDX-License-Identifier: Apache-2.0
// Whop, current webhooks: Standard Webhooks keyed with the whole ws_… secret, amounts as JSON numbers,
// metadata of the checkout configuration on payments and refunds. Source: npm @whop/sdk 0.0.42;
// docs.whop.com webhooks guide.
import { freshKey, iso, number, pairs, standardHeaders } from "../provider_wire.mjs";

const event = (type, data, at = Date.now()) => {
  const id = `msg_${freshKey(20)}`;
  return { id, type, body: { id, api_version: "v1", type, timestamp: iso(at), company_id: "biz_thelonglight", data } };
};
const reference = ({ payment, charge }) => ({ id: `pay_${charge.key}`, metadata: payment.carried });

function paymentData({ payment, charge }, status) {
  const amount = number(charge.amount, charge.currency);
  return {
    ...reference({ payment, charge }), status, billing_reason: !payment.interval ? "one_time" : charge.period === 0 ? "subscription_create" : "subscription_cycle",
    total: amount, subtotal: amount, tax_amount: 0, settlement_amount: amount, amount_after_fees: amount, currency: charge.currency.toLowerCase(),
    created_at: iso(payment.opened_at), paid_at: status === "paid" ? iso(charge.at) : null, checkout_configuration_id: `ch_${payment.key}`,
    user: { id: `user_${payment.key}`, name: payment.customer.name, username: "keeper", email: payment.customer.email }, member: { id: `mber_${payment.key}`, phone: null },
    membership: { id: `mem_${payment.key}`, status: "active" }, billing_address: { country: payment.customer.country }, product: { id: "prod_thelonglight", title: payment.name }, plan: { id: "plan_thelonglight" },
  };
}
const refundData = (sale, status) => ({
  id: `rfnd_${sale.refund.key}`, amount: number(sale.refund.amount, sale.charge.currency), currency: sale.charge.currency.toLowerCase(), status, created_at: iso(sale.refund.at), payment: reference(sale),
});
const disputeData = (sale, status) => ({
  id: `dspt_${sale.dispute.key}`, amount: number(sale.charge.amount, sale.charge.currency), currency: sale.charge.currency.toLowerCase(), status, created_at: iso(sale.dispute.at), payment: reference(sale),
});

export default {
  title: "Whop", secret: "ws_5a4d0b17sandbox",
  handOver: { field: "metadata", words: "metadata of a checkout configuration" },
  carries: (given) => pairs(given.metadata),
  reference: ({ charge }) => `pay_${charge.key}`,
  paid: (sale) => [
    event("payment.created", paymentData(sale, "open")), event("payment.succeeded", paymentData(sale, "paid"), sale.charge.at),
    event("membership.activated", { id: `mem_${sale.payment.key}`, status: "active", metadata: sale.payment.carried }),
  ],
  declined: (sale) => [event("payment.created", paymentData(sale, "open")), event("payment.failed", paymentData(sale, "open"))],
  isRenewing: true,
  refunded: (sale) => [event("refund.created", refundData(sale, "pending")), event("refund.updated", refundData(sale, "succeeded"))],
  disputed: (sale) => [event("dispute.created", disputeData(sale, "needs_response"))],
  decided: (sale) => [event("dispute.updated", disputeData(sale, sale.dispute.state))],
  headers: (sending) => ({ ...standardHeaders(sending), "user-agent": "Whop-Webhooks/1.0" }),
  retries_s: [10, 20, 40],
};
