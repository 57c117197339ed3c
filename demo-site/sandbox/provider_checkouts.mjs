// SPDX-License-Identifier: Apache-2.0
// The providers' side that browsers see: /checkout/<provider> opens a checkout, from a link's query or
// from JSON as the vendor's script or API takes it; /checkout/<payment> is its page. Any origin may open
// one, as with any vendor; what a vendor's API serves besides, its rules answer.
import { checkoutPage, closedPage, readPayment } from "./checkout_page.mjs";
import { decodeForm } from "./form_encoding.mjs";
import { isOwnForm, readBody, redirect, sendJson, sendPage } from "./http_exchange.mjs";
import { Refusal } from "./provider_account.mjs";

const FORM_LIMIT = 64 << 10;
const CORS = { "access-control-allow-origin": "*", "access-control-allow-headers": "content-type" };

const viewOf = (payment, title) => ({
  vendor: title, action: `/checkout/${payment.id}`, items: [{ name: payment.name, amount: payment.amount, quantity: 1 }], total: payment.amount, currency: payment.currency, interval: payment.interval, verb: "Pay", email: payment.email, back: payment.cancel_url,
});

// What an API answers that fails, by the mode of its switch.
const FAULTS = {
  429: [429, { "retry-after": "1" }, { error: "too many requests" }],
  500: [500, {}, { error: "the switch says so" }],
  auth: [401, {}, { error: "the switch says that the key is not known" }],
};

// accounts: by name. origin: () → the sandbox's own address. faultOf: (name) → the mode of its API's
// switch. settings.mostOfAPage: how many items a list shows at a time, at most.
export function createProviderCheckouts(accounts, origin, { faultOf, settings }) {
  async function open(request, response, target, account) {
    if (request.method === "OPTIONS") return response.writeHead(204, CORS).end();
    const isLink = request.method === "GET";
    try {
      const given = isLink ? decodeForm(target.search.slice(1)) : JSON.parse((await readBody(request, FORM_LIMIT)).toString("utf8"));
      const payment = account.open(Object(given));
      if (isLink) return redirect(response, `/checkout/${payment.id}`);
      sendJson(response, 200, { id: payment.id, url: `${origin()}/checkout/${payment.id}` }, CORS);
    } catch (error) {
      if (!(error instanceof Refusal || error instanceof SyntaxError)) throw error;
      if (isLink) return sendPage(response, 400, closedPage(error.message));
      sendJson(response, 400, { error: error.message }, CORS);
    }
  }

  async function pay(request, response, account, payment) {
    const view = viewOf(payment, account.provider.title);
    if (payment.customer) return sendPage(response, 410, closedPage("This checkout has been paid.", payment.cancel_url));
    if (request.method === "GET") return sendPage(response, 200, checkoutPage(view));
    if (!isOwnForm(request)) return sendJson(response, 403, { error: "forms of other origins are not taken" });
    const form = decodeForm((await readBody(request, FORM_LIMIT)).toString("utf8"));
    const { customer, buyer, error } = readPayment(form);
    if (buyer) account.decline(payment, buyer);
    if (error) return sendPage(response, 402, checkoutPage(view, { error, form }));
    redirect(response, account.pay(payment, customer));
  }

  return {
    // Answers whether the request was one of these.
    async handle(request, response, target) {
      const [, name, key] = target.pathname.match(/^\/checkout\/([a-z_]+)(-[A-Za-z0-9]+)?$/) ?? [];
      const account = Object.hasOwn(accounts, name ?? "") ? accounts[name] : undefined;
      const payment = key && account?.payment(name + key);
      if (account && !key) await open(request, response, target, account);
      if (payment) await pay(request, response, account, payment);
      if (payment || (account && !key)) return true;
      for (const { name: owner, provider, payments, events } of Object.values(accounts)) {
        const most = settings.mostOfAPage ?? Infinity;
        const found = provider.api?.({ method: request.method, path: target.pathname, search: target.searchParams, headers: request.headers, payments: payments(), events: events(), most });
        if (!found) continue;
        const [status, headers, body] = FAULTS[faultOf(owner)] ?? [];
        if (body) sendJson(response, status, body, headers);
        else response.writeHead(found.status ?? 200, { "content-type": found.type }).end(found.text);
        return true;
      }
      return false;
    },
  };
}
