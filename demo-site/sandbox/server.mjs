// SPDX-License-Identifier: Apache-2.0
// The sandbox server: which path belongs to which stand-in, on one screen. Loopback only.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { BUYER, checkoutPage, closedPage, readPayment } from "./checkout_page.mjs";
import { createSwitches } from "./failure_switch.mjs";
import { decodeForm } from "./form_encoding.mjs";
import { BodyTooLarge, isOwnForm, readBody, redirect, sendJson, sendPage } from "./http_exchange.mjs";
import { createMetaReceiver } from "./meta_receiver.mjs";
import { paymentsPage } from "./payments_page.mjs";
import { createPosthogReceiver, isPosthogPath } from "./posthog_receiver.mjs";
import { createProviderAccount, Refusal } from "./provider_account.mjs";
import { createProviderCheckouts } from "./provider_checkouts.mjs";
import * as PROVIDERS from "./providers/index.mjs";
import { receivedPage } from "./received_page.mjs";
import { createStripeApi } from "./stripe_api.mjs";
import { StripeError } from "./stripe_errors.mjs";
import { createLedger } from "./stripe_ledger.mjs";
import { createWebhooks } from "./stripe_webhooks.mjs";
import { createVendorReceiver } from "./vendor_receiver.mjs";
import { VENDORS } from "./vendors/index.mjs";

const FORM_LIMIT = 64 << 10;
const ASSETS = { "sandbox.css": "text/css", "checkout.css": "text/css", "live.js": "text/javascript" };

// The keys that the demo's configuration uses. Only objects made with the live key are `livemode:
// true`: Throughline records test-mode payments but neither counts nor forwards them, so a sandbox
// that is to show a whole journey has to speak as a live account does.
export const DEFAULTS = {
  host: "127.0.0.1", port: 0, shop: "http://127.0.0.1:8787", site: "demo",
  stripe: {
    keys: ["sk_live_sandbox", "sk_test_sandbox"], webhookSecret: "whsec_sandbox",
    prices: { price_demo_poster: { name: "Printed poster", currency: "eur", unit_amount: 1800 }, price_demo_monthly: { name: "Keeper, monthly", currency: "eur", unit_amount: 700, interval: "month" } },
    copies: 2, order: "alternate", concurrent: false, retryBaseMs: 1000, events: null,
  },
  meta: { pixelId: "1234567890", accessToken: "EAAsandbox" },
  posthog: { apiKey: "phc_sandbox" },
};

// Where a provider's webhooks go: `shop` is the Throughline server's address.
export const webhookAddress = (name, { shop = DEFAULTS.shop, site = DEFAULTS.site }) => `${shop}/api/webhook/${PROVIDERS[name]?.endpoint ?? name}/${site}`;

// options.shop, .site: whose webhooks; .stripe, .meta, …: other accounts than DEFAULTS.
export async function startSandbox(options = {}) {
  const stripeOptions = { ...DEFAULTS.stripe, webhookUrl: webhookAddress("stripe", options), ...options.stripe };
  const switches = createSwitches();
  const fault = (target) => () => switches.take(target);
  let origin = "";
  const ledger = createLedger(() => origin);
  const settings = { copies: stripeOptions.copies, order: stripeOptions.order, concurrent: stripeOptions.concurrent, retryBaseMs: stripeOptions.retryBaseMs, events: stripeOptions.events, mostOfAPage: null };
  const webhooks = createWebhooks({ url: stripeOptions.webhookUrl, secret: stripeOptions.webhookSecret, fault: fault("stripe_webhook"), settings });
  const stripe = createStripeApi({ ...stripeOptions, ledger, webhooks, fault: fault("stripe_api"), settings });
  const meta = createMetaReceiver({ ...DEFAULTS.meta, ...options.meta, fault: fault("meta") });
  const posthog = createPosthogReceiver({ ...DEFAULTS.posthog, ...options.posthog, fault: fault("posthog") });
  const vendors = Object.entries(VENDORS).map(([name, { DEFAULTS: account, rules }]) => {
    const own = rules({ ...account, ...options[name] });
    return { name, owns: own.path, ...createVendorReceiver(own, { fault: fault(name) }) };
  });

  const accounts = Object.fromEntries(Object.entries(PROVIDERS).map(([name, provider]) =>
    [name, createProviderAccount({ name, provider, url: webhookAddress(name, options), fault: fault(`${name}_webhook`), settings })]));
  const all = Object.values(accounts);
  const checkouts = createProviderCheckouts(accounts, () => origin, { faultOf: (name) => switches.take(`${name}_api`), settings });
  const attempts = () => [webhooks, ...all].flatMap((sender) => sender.attempts()).sort((a, b) => a.at - b.at);

  const received = () => ({
    ...Object.fromEntries(vendors.map(({ name, kept }) => [name, kept()])),
    meta: meta.kept(), posthog: posthog.kept(), switches: switches.state(),
    stripe: { payments: ledger.payments(), events: ledger.events(), attempts: webhooks.attempts(), requests: stripe.requests(), is_idle: webhooks.isIdle(), settings },
    providers: Object.fromEntries(all.map((one) => [one.name, { payments: one.payments(), events: one.events(), attempts: one.attempts(), is_idle: one.isIdle() }])),
  });
  const summary = () => {
    const payments = [...ledger.payments().map(({ session }) => session.status === "complete"), ...all.flatMap((one) => one.payments().map(({ customer }) => customer !== null))];
    return { payments: { opened: payments.length, paid: payments.filter(Boolean).length }, events: ledger.events().length + all.reduce((sum, one) => sum + one.events().length, 0), attempts: attempts() };
  };

  const form = async (request) => decodeForm((await readBody(request, FORM_LIMIT)).toString("utf8"));

  async function checkout(request, response, id) {
    const { session, params } = ledger.payment(id);
    if (session.status !== "open") return sendPage(response, 410, closedPage(session.status === "complete" ? "This checkout has been paid." : "This checkout has expired.", session.cancel_url));
    const view = {
      vendor: "Stripe Checkout", action: `/c/pay/${id}`, items: params.items.map((item) => ({ ...item, amount: item.unit_amount * item.quantity })), total: session.amount_total, currency: session.currency, interval: params.items[0].interval,
      verb: session.submit_type === "donate" ? "Donate" : "Pay", email: session.customer_email, back: session.cancel_url,
    };
    if (request.method === "GET") return sendPage(response, 200, checkoutPage(view));
    const input = await form(request);
    const { customer, buyer, error } = readPayment(input);
    if (buyer) webhooks.publish(ledger.decline(id, buyer));
    if (error) return sendPage(response, 402, checkoutPage(view, { error, form: input }));
    // The redirect does not wait for the webhooks: with Stripe, too, the buyer may be back first.
    webhooks.publish(ledger.pay(id, customer));
    redirect(response, session.success_url.replaceAll("{CHECKOUT_SESSION_ID}", id));
  }

  async function actOnPayment(request, response, id, action) {
    const input = await form(request);
    const account = accounts[id.split("-")[0]];
    if (account) {
      if (action === "decline") account.decline(account.payment(id), BUYER);
      else account.act(id, action, input);
      return redirect(response, "/payments");
    }
    const { session, intent } = ledger.payment(id);
    if (action === "decline") webhooks.publish(ledger.decline(id, BUYER));
    if (action === "refund") webhooks.publish(ledger.refund(id, input.amount === undefined ? undefined : Number(input.amount)).events);
    if (action === "dispute") webhooks.publish(ledger.dispute(id).events);
    if (action === "win" || action === "lose") webhooks.publish(ledger.closeDispute(id, action === "win" ? "won" : "lost"));
    if (action === "renew") webhooks.publish(ledger.renew(id));
    if (action === "resend") webhooks.publish(ledger.events().filter((event) => JSON.stringify(event.data).includes(intent?.id ?? session.id)));
    redirect(response, "/payments");
  }

  // {"target","mode","count"?} sets a switch; {"target":"stripe_webhook","settings":{…}} the manners.
  async function control(request, response) {
    const isJson = (request.headers["content-type"] ?? "").startsWith("application/json");
    const body = (await readBody(request, FORM_LIMIT)).toString("utf8");
    const input = isJson ? JSON.parse(body) : decodeForm(body);
    if (input.settings) {
      for (const key of Object.keys(input.settings)) if (!(key in settings)) return sendJson(response, 400, { error: `settings are ${Object.keys(settings).join(", ")}` });
      Object.assign(settings, input.settings);
    }
    const problem = input.mode === undefined && input.settings ? null : switches.set(input);
    if (!isJson) return redirect(response, (request.headers.referer ?? "").endsWith("/payments") ? "/payments" : "/");
    sendJson(response, problem ? 400 : 200, problem ? { error: problem } : { switches: switches.state(), settings });
  }

  async function route(request, response) {
    const target = new URL(request.url, origin);
    const path = target.pathname;
    const asset = path.match(/^\/assets\/([a-z.]+)$/)?.[1];
    const pay = path.match(/^\/c\/pay\/([A-Za-z0-9_]+)$/);
    const action = path.match(/^\/payments\/([A-Za-z0-9_-]+)\/(refund|dispute|win|lose|renew|resend|decline)$/);
    const vendor = vendors.find(({ owns }) => owns(path));
    if (vendor) return vendor.handle(request, response, target);
    if (await checkouts.handle(request, response, target)) return;
    if (path.startsWith("/v1/")) return stripe.handle(request, response, target);
    if (/^(\/v\d+\.0)?\/[^/]+\/events$/.test(path)) return meta.handle(request, response, target);
    if (isPosthogPath(path)) return posthog.handle(request, response, target);
    if (request.method === "POST" && !isOwnForm(request)) return sendJson(response, 403, { error: "forms of other origins are not taken" });
    if (pay) return checkout(request, response, pay[1]);
    if (action && request.method === "POST") return actOnPayment(request, response, action[1], action[2]);
    if (path === "/control") return request.method === "POST" ? control(request, response) : sendJson(response, 200, { switches: switches.state(), settings });
    if (path === "/received.json") return sendJson(response, 200, received());
    if (path === "/payments") return sendPage(response, 200, paymentsPage({ stripe: received().stripe, accounts: all, attempts: attempts(), switches: switches.state() }));
    if (path === "/") return sendPage(response, 200, receivedPage({ ...received(), webhooks: summary() }));
    if (asset && ASSETS[asset]) {
      response.writeHead(200, { "content-type": `${ASSETS[asset]}; charset=utf-8`, "cache-control": "no-cache" });
      return response.end(readFileSync(new URL(`assets/${asset}`, import.meta.url)));
    }
    sendJson(response, 404, { error: `the sandbox has nothing at ${path}` });
  }

  const server = createServer((request, response) => {
    route(request, response).catch((error) => {
      if (response.headersSent) return response.destroy();
      if (error instanceof BodyTooLarge) return sendJson(response, 413, { error: error.message });
      if (error instanceof StripeError) return sendJson(response, error.status, error.body());
      if (error instanceof SyntaxError || error instanceof Refusal) return sendJson(response, 400, { error: error.message });
      console.error(error);
      sendJson(response, 500, { error: "the sandbox itself failed; its output says why" });
    });
  });
  await new Promise((resolve, reject) => server.once("error", reject).listen(options.port ?? DEFAULTS.port, options.host ?? DEFAULTS.host, resolve));
  origin = `http://${options.host ?? DEFAULTS.host}:${server.address().port}`;

  return {
    url: origin, received, switches, settings, ledger, webhooks, accounts,
    async close() {
      for (const sender of [webhooks, ...all]) sender.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
