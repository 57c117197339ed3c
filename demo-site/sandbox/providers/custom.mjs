// SPDX-License-Identifier: Apache-2.0
// A system that Throughline knows nothing of: a box office whose webhooks the configuration describes.
// `settings` is that description, as docs/providers/custom.md explains it.
import { decimal, doubling, freshKey, hmac, iso, pairs } from "../provider_wire.mjs";

function event({ payment, charge }, name, more = {}) {
  const id = `box-${freshKey(12)}`;
  const [first, ...rest] = payment.customer.name.split(" ");
  return { id, type: name, body: {
    id, event: name, mode: "live", sent_at: iso(Date.now()), ...more,
    order: { number: `B-${charge.number}`, total: decimal(charge.amount, charge.currency), currency: charge.currency, paid_at: iso(charge.at), kind: !payment.interval ? "ticket" : charge.period === 0 ? "membership" : "membership_renewal", membership: payment.interval ? `M-${payment.number}` : null, custom: payment.carried },
    buyer: { id: `P-${payment.number}`, first, last: rest.join(" "), email: payment.customer.email },
  } };
}

export default {
  title: "Custom (a box office)", secret: "box-office-sandbox",
  settings: ({ secret }) => ({
    webhook_secrets: [secret], event_id: ["/id"], event_type: ["/event"], test_when: ["/mode=test"], amounts: "decimal", order_id: ["/order/number"], amount: ["/order/total"], currency: ["/order/currency"], email: ["/buyer/email"],
    name: ["{/buyer/first} {/buyer/last}"], customer_id: ["/buyer/id"], occurred_at: ["/order/paid_at", "/sent_at"], metadata: ["/order/custom"], subscription: ["/order/kind"], subscription_id: ["/order/membership"],
    first_values: ["membership"], renewal_values: ["membership_renewal"], dispute_won_values: ["won"], dispute_lost_values: ["lost"],
    signature: { form: "pairs", header: "X-Box-Signature", signed: "{timestamp}.{body}", tolerance_s: 300 },
    event: [
      { types: ["order.paid"], role: "paid" }, { types: ["order.declined"], role: "failed" }, { types: ["order.refunded"], role: "refund", refund_id: ["/refund/id"], refund_amount: ["/refund/total"] },
      { types: ["dispute.*"], role: "dispute", dispute_id: ["/dispute/id"], dispute_status: ["/dispute/state"] }, { types: ["order.*"], role: "ignore" },
    ],
  }),
  handOver: { field: "custom", words: "a field that the configuration names" },
  carries: (given) => pairs(given.custom),
  reference: ({ charge }) => `B-${charge.number}`,
  paid: (sale) => [event(sale, "order.placed"), event(sale, "order.paid")],
  declined: (sale) => [event(sale, "order.declined")],
  isRenewing: true,
  refunded: (sale) => [event(sale, "order.refunded", { refund: { id: `R-${sale.refund.number}`, total: decimal(sale.refund.amount, sale.charge.currency) } })],
  disputed: (sale) => [event(sale, "dispute.opened", { dispute: { id: `D-${sale.dispute.number}`, state: "open" } })],
  decided: (sale) => [event(sale, "dispute.closed", { dispute: { id: `D-${sale.dispute.number}`, state: sale.dispute.state } })],
  headers: ({ text, seconds, secret }) => ({ "x-box-signature": `t=${seconds},v1=${hmac(secret, `${seconds}.${text}`)}` }),
  retries_s: doubling(6, 10),
};
