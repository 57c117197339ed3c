// SPDX-License-Identifier: Apache-2.0
// The sandbox's Stripe account: sessions and what became of them, and every event that came of it.
// Each operation changes the objects and returns the events in the order in which they happened;
// what of that arrives where, how often and in which order is stripe_webhooks.mjs's business.
import { invalid, notFound } from "./stripe_errors.mjs";
import * as objects from "./stripe_objects.mjs";

export function createLedger(origin) {
  // By id, which is the session's, or of later months the invoice's:
  // {id, session, params, customer?, intent?, charge?, refunds, dispute?}
  const payments = new Map();
  const events = [];

  const happened = (list) => {
    events.push(...list);
    return list;
  };
  const paymentOf = (id) => {
    const found = payments.get(id);
    if (!found) throw notFound("checkout.session", id);
    return found;
  };
  const byCharge = (reference) => {
    for (const payment of payments.values()) {
      if (payment.charge && [payment.charge.id, payment.intent.id, payment.id].includes(reference)) return payment;
    }
    throw notFound("charge", reference, "charge");
  };

  const intentOf = ({ session, params }, customer) => objects.paymentIntent(session, session.mode === "subscription" ? {} : params.paymentMetadata, customer);

  // The events of one charge, of a subscription with its invoice.
  function charged(payment, reason) {
    const { session, params, customer } = payment;
    const isSubscription = session.mode === "subscription";
    payment.intent = { ...(payment.intent ?? intentOf(payment, customer)), ...objects.succeeded(session) };
    payment.charge = objects.charge(payment.intent, customer);
    payment.intent.latest_charge = payment.charge.id;
    const list = [objects.eventOf("charge.succeeded", payment.charge), objects.eventOf("payment_intent.succeeded", payment.intent)];
    if (!isSubscription) return list;
    payment.invoice = objects.invoice(session, params.subscriptionMetadata, customer, params.items, reason);
    payment.invoicePayment = objects.invoicePayment(payment.invoice, payment.intent.id);
    return [
      ...list, objects.eventOf("invoice.paid", payment.invoice), objects.eventOf("invoice.payment_succeeded", payment.invoice),
      objects.eventOf("invoice_payment.paid", payment.invoicePayment),
    ];
  }

  return {
    events: () => events,
    payments: () => [...payments.values()].reverse(),
    payment: paymentOf,

    open(params, livemode) {
      const session = objects.checkoutSession(params, livemode, origin());
      payments.set(session.id, { id: session.id, session, params, refunds: [] });
      return session;
    },

    // The buyer pressed "pay". customer: {email, name, country}. Paying twice is no second payment.
    pay(id, customer) {
      const payment = paymentOf(id);
      const { session, params } = payment;
      if (session.status === "complete") return [];
      if (session.status === "expired") throw invalid("This Checkout Session has expired.", "checkout_session_expired");
      session.status = "complete";
      session.customer_details = {
        address: { city: null, country: customer.country, line1: null, line2: null, postal_code: null, state: null },
        business_name: null, email: customer.email, individual_name: null, name: customer.name, phone: null, tax_exempt: "none", tax_ids: [],
      };
      if (session.amount_total === 0) {
        session.payment_status = "no_payment_required";
        return happened([objects.eventOf("checkout.session.completed", session)]);
      }
      payment.customer = customer;
      session.payment_status = "paid";
      const isSubscription = session.mode === "subscription";
      if (isSubscription) Object.assign(session, { customer: objects.objectId("cus_", 14), subscription: objects.objectId("sub_1") });
      const list = charged(payment, "subscription_create");
      if (isSubscription) session.invoice = payment.invoice.id;
      else session.payment_intent = payment.intent.id;
      list.push(objects.eventOf("checkout.session.completed", session));
      return happened(list);
    },

    // A card that is declined: the session stays open, its payment intent waits for another.
    decline(id, customer) {
      const payment = paymentOf(id);
      if (payment.session.status !== "open") throw invalid("This Checkout Session is not open.");
      payment.intent ??= intentOf(payment, customer);
      const made = objects.declinedCharge(payment.intent, customer);
      Object.assign(payment.intent, objects.failed(made));
      return happened([objects.eventOf("charge.failed", made), objects.eventOf("payment_intent.payment_failed", payment.intent)]);
    },

    // The next month of a subscription: a payment of its own.
    renew(id) {
      const { session, params, customer } = paymentOf(id);
      if (!session.subscription) throw invalid("There is no subscription to renew.");
      const payment = { session, params, customer, refunds: [] };
      const list = charged(payment, "subscription_cycle");
      payment.id = payment.invoice.id;
      payments.set(payment.id, payment);
      return happened(list);
    },

    expire(id) {
      const { session } = paymentOf(id);
      if (session.status !== "open") throw invalid("Only Checkout Sessions with a status in [\"open\"] can be expired.");
      session.status = "expired";
      session.url = null;
      return { object: session, events: happened([objects.eventOf("checkout.session.expired", session)]) };
    },

    // reference: a charge, payment intent or session id; amount in minor units, absent = what is left.
    refund(reference, amount) {
      const payment = byCharge(reference);
      const { charge } = payment;
      const left = charge.amount - charge.amount_refunded;
      if (left === 0) throw invalid(`Charge ${charge.id} has already been refunded.`, "charge_already_refunded");
      const wanted = amount ?? left;
      if (!Number.isInteger(wanted) || wanted < 1) throw invalid(`Invalid positive integer`, "parameter_invalid_integer", "amount");
      if (wanted > left) throw invalid(`Refund amount (${wanted}) is greater than unrefunded amount on charge (${left})`, undefined, "amount");
      const previous = { amount_refunded: charge.amount_refunded, refunded: charge.refunded };
      const made = objects.refund(charge, wanted);
      payment.refunds.push(made);
      charge.amount_refunded += wanted;
      charge.refunded = charge.amount_refunded === charge.amount;
      const livemode = { livemode: charge.livemode };
      return {
        object: made,
        events: happened([
          { ...objects.eventOf("refund.created", made), ...livemode },
          objects.eventOf("charge.refunded", charge, { previous }),
        ]),
      };
    },

    dispute(reference) {
      const payment = byCharge(reference);
      if (payment.dispute) throw invalid(`Charge ${payment.charge.id} is already disputed.`);
      payment.charge.disputed = true;
      payment.dispute = objects.dispute(payment.charge);
      return { object: payment.dispute, events: happened([objects.eventOf("charge.dispute.created", payment.dispute)]) };
    },

    // status: won or lost.
    closeDispute(reference, status) {
      const { dispute } = byCharge(reference);
      if (dispute?.status !== "needs_response") throw invalid("There is no open dispute.");
      dispute.status = status;
      return happened([objects.eventOf("charge.dispute.closed", dispute)]);
    },
  };
}
