// SPDX-License-Identifier: Apache-2.0
// Square: HMAC of the registered address and the raw body. reference_id has 40 characters, so the
// anonymous id travels alone. The payment comes as APPROVED, then twice as COMPLETED. Source: npm
// square 46.0.0 WebhooksHelper; Square documentation "Payment webhooks", "Dispute webhooks".
import { freshKey, HOUR_S, hmac, iso, short } from "../provider_wire.mjs";

const paymentId = ({ charge }) => `sq${charge.key}`;
const money = (amount, currency) => ({ amount, currency });
function event(type, kind, object) {
  const event_id = `${freshKey(8)}-${freshKey(12)}`.toLowerCase();
  return { id: event_id, type, body: { merchant_id: "MLTHELONGLIGHT", type, event_id, created_at: iso(Date.now()), data: { type: kind, id: object.id, object: { [kind]: object } } } };
}
const payment = (sale, status) => ({
  id: paymentId(sale), status, created_at: iso(sale.charge.at), updated_at: iso(Date.now()), amount_money: money(sale.charge.amount, sale.charge.currency), total_money: money(sale.charge.amount, sale.charge.currency), order_id: `od${sale.charge.key}`, location_id: "L1",
  customer_id: `cu${sale.payment.key}`, buyer_email_address: sale.payment.customer.email, billing_address: { country: sale.payment.customer.country }, ...(sale.payment.carried && { reference_id: sale.payment.carried }),
});
const refund = (sale, status) => ({ id: `${paymentId(sale)}_${sale.refund.key}`, status, payment_id: paymentId(sale), amount_money: money(sale.refund.amount, sale.charge.currency), created_at: iso(sale.refund.at) });
const dispute = (sale, state) => ({ id: `dp${sale.dispute.key}`, state, reason: "NO_KNOWLEDGE", amount_money: money(sale.charge.amount, sale.charge.currency), disputed_payment: { payment_id: paymentId(sale) }, created_at: iso(sale.dispute.at) });

export default {
  title: "Square", secret: "square-sandbox",
  settings: ({ secret, url }) => ({ webhook_secrets: [secret], notification_url: url }),
  handOver: { field: "reference_id", of: "anonymous_id", words: "reference_id, which has room for the visitor's id alone" },
  carries: (given) => short(given.reference_id, "reference_id", 40),
  reference: (sale) => paymentId(sale),
  paid: (sale) => [event("payment.created", "payment", payment(sale, "APPROVED")), event("payment.updated", "payment", payment(sale, "COMPLETED")), event("payment.updated", "payment", payment(sale, "COMPLETED"))],
  declined: (sale) => [event("payment.created", "payment", payment(sale, "FAILED"))],
  refunded: (sale) => [event("refund.created", "refund", refund(sale, "PENDING")), event("refund.updated", "refund", refund(sale, "COMPLETED"))],
  disputed: (sale) => [event("dispute.created", "dispute", dispute(sale, "EVIDENCE_REQUIRED"))],
  decided: (sale) => [event("dispute.state.updated", "dispute", dispute(sale, sale.dispute.state.toUpperCase()))],
  headers: ({ text, secret, url }) => ({ "x-square-hmacsha256-signature": hmac(secret, url + text, "base64") }),
  retries_s: [...[1, 2, 4, 8, 16, 32].map((minutes) => minutes * 60), ...Array(71).fill(HOUR_S)],
};
