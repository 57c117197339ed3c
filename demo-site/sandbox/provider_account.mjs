// SPDX-License-Identifier: Apache-2.0
// A payment provider as data and rules (providers/*.mjs, a line each in providers/index.mjs); this file
// is the account: checkouts, what was charged, given back and disputed, and the webhooks that say so.
//   title, secret     what people call it; what it signs or authenticates with
//   endpoint          its name in the webhook's address, when not the file's
//   settings          ({secret, url, sandbox}) → keys of [site.payment.…]; without it webhook_secrets alone
//   handOver          how a page hands it the visit's ids, for the demo site (site/js/hand_over.js):
//                     {link} an address that the SDK decorates; {link, of, field?} an address that the
//                     page adds `of` to (metadata, token or anonymous_id); {field, of?} a field of the
//                     vendor's script or API, metadata unless `of` says else; {isForm} the form's hidden
//                     fields. `words` says it to people
//   carries           (what the checkout was opened with) → what the vendor keeps of it; throws RangeError
//   reference         (sale) → the order's key, for the thank-you page
//   paid, refunded, disputed, decided    (sale) → events {type, body, id?}; sale is {payment, charge,
//                     refund?, dispute?}; the last two only where the vendor tells disputes
//   declined          (sale) → events of a payment that failed, whose charge is marked isDeclined; only
//                     where the vendor tells it
//   isRenewing        whether it renews by itself: `paid` again with charge.period 1, 2, …
//   isRefundedWhole   whether it tells full refunds alone
//   write             (event, secret) → the body; without it the event's body as JSON
//   contentType, address    of the request, where not JSON and the webhook's address: (url, secret) → url
//   headers           ({event, text, secret, seconds, url}) → the headers that sign
//   retries_s, isTaken      seconds before each repeat; (status) → whether it is content
//   api               ({method, path, search, headers, payments, events, most}) → {status?, type, text} of
//                     its API, or null where it is none of its addresses; most: of a page, whatever it asks
import { freshKey, inSeconds, total } from "./provider_wire.mjs";
import { createDelivery } from "./webhook_delivery.mjs";

// What somebody asked for that cannot be; `message` says why.
export class Refusal extends Error {}

const isAddress = (value) => typeof value === "string" && /^https?:\/\//.test(value) && URL.canParse(value);
// One digit or letter further: hex stays hex.
const forged = (secret) => secret.slice(0, -1) + (secret.endsWith("0") ? "1" : "0");
// Grows with the clock, so that a sandbox started again gives no number twice.
let lastNumber = Math.floor(Date.now() / 1000) - 1_700_000_000;

function checkedOrder(given = {}) {
  const amount = Number(given.amount_minor);
  if (!Number.isInteger(amount) || amount < 1 || amount > 99_999_999) throw new Refusal("order.amount_minor must be a whole number from 1 to 99999999");
  if (!/^[A-Z]{3}$/.test(given.currency ?? "")) throw new Refusal("order.currency must be three capital letters");
  if (!isAddress(given.success_url)) throw new Refusal("order.success_url must be an http address");
  if (given.cancel_url !== undefined && !isAddress(given.cancel_url)) throw new Refusal("order.cancel_url must be an http address");
  if (given.interval !== undefined && given.interval !== "month") throw new Refusal("order.interval is month, or absent");
  return { amount, currency: given.currency, name: String(given.name ?? "Order").slice(0, 200), success_url: given.success_url, cancel_url: given.cancel_url ?? null, interval: given.interval ?? null, email: given.email ?? null };
}

// `url`: where Throughline takes this provider's webhooks.
export function createProviderAccount({ name, provider, url, fault, settings }) {
  const payments = new Map();
  const events = [];
  const fresh = (more) => ({ key: freshKey(), number: ++lastNumber, at: Date.now(), ...more });

  const delivery = createDelivery({
    name, fault, settings, isTaken: provider.isTaken, waitS: (tries) => provider.retries_s[tries - 1],
    request(event, isForged) {
      const secret = isForged ? forged(provider.secret) : provider.secret;
      const text = provider.write ? provider.write(event, secret) : JSON.stringify(event.body);
      const signing = provider.headers?.({ event, text, secret, seconds: inSeconds(Date.now()), url }) ?? {};
      return { url: provider.address?.(url, secret) ?? url, body: text, headers: { "content-type": provider.contentType ?? "application/json", "user-agent": `${provider.title} webhooks (sandbox)`, ...signing } };
    },
  });

  // Later changes of the sale must not change what was told: an event is written when it happens.
  function happened(sale, list) {
    const told = list.map((event) => ({ id: freshKey(20), charge: sale.charge.id, at: Date.now(), ...structuredClone(event) }));
    events.push(...told);
    delivery.publish(told);
  }

  function charge(payment) {
    const made = fresh({ amount: payment.amount, currency: payment.currency, period: payment.charges.length, refunds: [], dispute: null });
    made.id = `${payment.id}-${made.period}`;
    payment.charges.push(made);
    happened({ payment, charge: made }, provider.paid({ payment, charge: made }));
  }

  // The sale of a charge's id, or the last one of a payment's.
  function saleOf(id) {
    const payment = payments.get(id.replace(/-\d+$/, ""));
    const found = payment?.charges.find((one) => one.id === id) ?? payment?.charges[payment.charges.length - 1];
    if (!found) throw new Refusal(`nothing was paid as ${id}`);
    return { payment, charge: found };
  }

  const actions = {
    refund(sale, { amount }) {
      const left = sale.charge.amount - total(sale.charge.refunds);
      const wanted = amount === undefined || amount === "" ? left : Number(amount);
      if (!Number.isInteger(wanted) || wanted < 1 || wanted > left) throw new Refusal(`a refund is a whole number from 1 to ${left}`);
      if (provider.isRefundedWhole && wanted !== sale.charge.amount) throw new Refusal(`${provider.title} tells of full refunds only`);
      const refund = fresh({ amount: wanted });
      sale.charge.refunds.push(refund);
      happened(sale, provider.refunded({ ...sale, refund }));
    },
    dispute(sale) {
      if (!provider.disputed || sale.charge.dispute) throw new Refusal(provider.disputed ? "it is disputed already" : `${provider.title} tells of no disputes`);
      sale.charge.dispute = fresh({ state: "open" });
      happened(sale, provider.disputed({ ...sale, dispute: sale.charge.dispute }));
    },
    win: (sale) => decide(sale, "won"),
    lose: (sale) => decide(sale, "lost"),
    renew(sale) {
      if (!sale.payment.interval) throw new Refusal("this is no subscription");
      charge(sale.payment);
    },
    resend(sale) {
      for (const event of events) if (event.charge === sale.charge.id) delivery.resend(event);
    },
  };
  function decide(sale, state) {
    if (sale.charge.dispute?.state !== "open") throw new Refusal("there is no open dispute");
    sale.charge.dispute.state = state;
    happened(sale, provider.decided({ ...sale, dispute: sale.charge.dispute }));
  }

  return {
    ...delivery, name, provider,
    payments: () => [...payments.values()],
    payment: (id) => payments.get(id),
    events: () => events,
    reference: (sale) => provider.reference(sale),

    // What the shop's page or server asks of the vendor: `order` is the sandbox's own, all else as the
    // vendor names it. Throws a Refusal.
    open({ order, ...given }) {
      const checked = checkedOrder(order);
      if (checked.interval && !provider.isRenewing) throw new Refusal(`${provider.title} does not renew by itself`);
      let carried;
      try {
        carried = provider.carries(given);
      } catch (error) {
        throw error instanceof RangeError ? new Refusal(`${provider.title}: ${error.message}`) : error;
      }
      const payment = { provider: name, ...fresh(checked), carried, customer: null, charges: [], declined: [] };
      payment.opened_at = payment.at;
      payment.id = `${name}-${payment.key}`;
      payments.set(payment.id, payment);
      return payment;
    },

    // customer: {email, name, country}. Paying twice is no second payment. Answers where the buyer goes.
    pay(payment, customer) {
      if (!payment.customer) {
        payment.customer = customer;
        charge(payment);
      }
      return payment.success_url.replaceAll("{ORDER}", encodeURIComponent(provider.reference({ payment, charge: payment.charges[0] })));
    },

    // A payment of this buyer fails; the checkout stays open.
    decline(payment, customer) {
      if (payment.customer) throw new Refusal("it is paid already");
      const made = fresh({ amount: payment.amount, currency: payment.currency, period: 0, refunds: [], dispute: null, isDeclined: true, customer });
      made.id = `${payment.id}-declined`;
      payment.declined.push(made);
      const sale = { payment: { ...payment, customer }, charge: made };
      if (provider.declined) happened(sale, provider.declined(sale));
    },

    // action: refund {amount?}, dispute, win, lose, renew, resend. Throws a Refusal.
    act(id, action, input = {}) {
      actions[action](saleOf(id), input);
    },
  };
}
