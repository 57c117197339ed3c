// SPDX-License-Identifier: Apache-2.0
// Donorbox: Donorbox-Signature <seconds>,<hex>; a list with one donation, told again with every change;
// refunds as a cumulative total; the form passes utm parameters alone. Source: Donorbox help "Custom
// webhooks" (header and repeats not confirmed by it). Its API lists donations by page; repository
// donorbox/donorbox-api and its wiki "Filters", "Pagination".
import { page, paidSales, told } from "../order_lists.mjs";
import { decimal, doubling, hmac, iso, short, total } from "../provider_wire.mjs";

function donation({ payment, charge }, action, status) {
  const [first_name, ...rest] = payment.customer.name.split(" ");
  return {
    action, id: charge.number, campaign: { id: 1, name: payment.name }, amount: decimal(charge.amount, charge.currency), currency: charge.currency.toLowerCase(), amount_refunded: decimal(total(charge.refunds), charge.currency), status,
    donation_date: iso(charge.at), recurring: Boolean(payment.interval), first_recurring_donation: Boolean(payment.interval) && charge.period === 0, stripe_charge_id: `ch_donorbox${charge.key}`,
    donor: { id: payment.number, first_name, last_name: rest.join(" "), email: payment.customer.email, country: payment.customer.country }, utm_source: null, utm_medium: null, utm_campaign: null, utm_content: payment.carried,
  };
}
const event = (sale, action, status) => ({ type: action, body: [donation(sale, action, status)] });
const statusOf = ({ charge: { amount, refunds } }) => (refunds.length === 0 ? "paid" : total(refunds) === amount ? "refunded" : "partially_refunded");

const API_KEY = "keeper@example.org:donorbox-sandbox-key";
function listed(search, payments, most) {
  const from = search.get("date_from"), number = Number(search.get("page") ?? 1), wanted = Number(search.get("per_page") ?? 50);
  const perPage = Math.min(wanted >= 1 && wanted <= 100 ? wanted : 50, most);
  const all = paidSales(payments, { isNewestFirst: search.get("order") !== "asc" }).filter(({ charge }) => !from || iso(charge.at).slice(0, 10) >= from);
  return told(page(all, (number - 1) * perPage, perPage).items.map((sale) => donation(sale, "new", statusOf(sale))));
}

export default {
  title: "Donorbox", secret: "donorbox-sandbox",
  settings: ({ secret, sandbox }) => ({ webhook_secrets: [secret], api_key: API_KEY, base_url: sandbox }),
  handOver: { link: "https://donorbox.org/the-long-light", field: "utm_content", of: "token", words: "utm_content of the form's address, as one token" },
  carries: (given) => short(given.utm_content, "utm_content", 255),
  reference: ({ charge }) => String(charge.number),
  paid: (sale) => [event(sale, "new", "pending"), event(sale, "update", "paid")],
  declined: (sale) => [event(sale, "new", "pending"), event(sale, "update", "failed")],
  isRenewing: true,
  refunded: (sale) => [event(sale, "update", statusOf(sale))],
  headers: ({ text, seconds, secret }) => ({ "donorbox-signature": `${seconds},${hmac(secret, `${seconds}.${text}`)}` }),
  api({ method, path, search, headers, payments, most }) {
    if (method !== "GET" || path !== "/api/v1/donations") return null;
    return headers.authorization === `Basic ${Buffer.from(API_KEY).toString("base64")}` ? listed(search, payments, most) : told({ error: "Invalid email or API key" }, 401);
  },
  retries_s: doubling(5, 60),
};
