// SPDX-License-Identifier: Apache-2.0
// Donorbox: Donorbox-Signature <seconds>,<hex>; a list with one donation, told again with every change;
// refunds as a cumulative total; the form passes utm parameters alone. Source: Donorbox help "Custom
// webhooks" (header and repeats not confirmed by it).
import { decimal, doubling, hmac, iso, short, total } from "../provider_wire.mjs";

function event({ payment, charge }, action, status) {
  const [first_name, ...rest] = payment.customer.name.split(" ");
  return { type: action, body: [{
    action, id: charge.number, campaign: { id: 1, name: payment.name }, amount: decimal(charge.amount, charge.currency), currency: charge.currency.toLowerCase(), amount_refunded: decimal(total(charge.refunds), charge.currency), status,
    donation_date: iso(charge.at), recurring: Boolean(payment.interval), first_recurring_donation: Boolean(payment.interval) && charge.period === 0, stripe_charge_id: `ch_donorbox${charge.key}`,
    donor: { id: payment.number, first_name, last_name: rest.join(" "), email: payment.customer.email, country: payment.customer.country }, utm_source: null, utm_medium: null, utm_campaign: null, utm_content: payment.carried,
  }] };
}

export default {
  title: "Donorbox", secret: "donorbox-sandbox",
  handOver: { link: "https://donorbox.org/the-long-light", field: "utm_content", of: "token", words: "utm_content of the form's address, as one token" },
  carries: (given) => short(given.utm_content, "utm_content", 255),
  reference: ({ charge }) => String(charge.number),
  paid: (sale) => [event(sale, "new", "pending"), event(sale, "update", "paid")],
  declined: (sale) => [event(sale, "new", "pending"), event(sale, "update", "failed")],
  isRenewing: true,
  refunded: (sale) => [event(sale, "update", total(sale.charge.refunds) === sale.charge.amount ? "refunded" : "partially_refunded")],
  headers: ({ text, seconds, secret }) => ({ "donorbox-signature": `${seconds},${hmac(secret, `${seconds}.${text}`)}` }),
  retries_s: doubling(5, 60),
};
