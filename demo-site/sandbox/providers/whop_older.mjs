// SPDX-License-Identifier: Apache-2.0
// Whop, older webhooks: X-Whop-Signature over time and body with the same ws_… secret, {action, data}
// without an id of the delivery, flat names. Its buy link takes metadata as public buy buttons write
// it, best effort. Source: npm @whop/api 0.0.51 makeWebhookValidator.
import { hmac, inSeconds, number, pairs } from "../provider_wire.mjs";
import whop from "./whop.mjs";

const event = (action, data) => ({ type: action, body: { api_version: "v2", action, data } });
const paymentId = ({ charge }) => `pay_${charge.key}`;

const paymentData = (sale, status) => ({
  id: paymentId(sale), status, final_amount: number(sale.charge.amount, sale.charge.currency), currency: sale.charge.currency.toLowerCase(),
  billing_reason: !sale.payment.interval ? "one_time" : sale.charge.period === 0 ? "subscription_create" : "subscription_cycle",
  created_at: inSeconds(sale.payment.opened_at), paid_at: inSeconds(sale.charge.at), user_id: `user_${sale.payment.key}`, user_email: sale.payment.customer.email,
  membership_id: `mem_${sale.payment.key}`, metadata: sale.payment.carried,
});

export default {
  ...whop,
  title: "Whop (older webhooks)", endpoint: "whop",
  handOver: { link: "https://whop.com/checkout/plan_thelonglight", words: "checkout_session_metadata[…] of a buy link" },
  carries: (given) => pairs(given.checkout_session_metadata),
  paid: (sale) => [event("payment.pending", paymentData(sale, "pending")), event("payment.succeeded", paymentData(sale, "paid")), event("membership.went_valid", { id: `mem_${sale.payment.key}`, valid: true })],
  declined: (sale) => [event("payment.failed", paymentData(sale, "failed"))],
  refunded: (sale) => [event("refund.created", { id: `rf_${sale.refund.key}`, amount: number(sale.refund.amount, sale.charge.currency), currency: sale.charge.currency.toLowerCase(), status: "succeeded", payment_id: paymentId(sale), created_at: inSeconds(sale.refund.at) })],
  disputed: (sale) => [event("dispute.created", { id: `dp_${sale.dispute.key}`, status: "needs_response", payment_id: paymentId(sale) })],
  decided: (sale) => [event("dispute.updated", { id: `dp_${sale.dispute.key}`, status: sale.dispute.state, payment_id: paymentId(sale) })],
  headers: ({ text, seconds, secret }) => ({ "x-whop-signature": `t=${seconds},v1=${hmac(secret, `${seconds}.${text}`)}` }),
};
