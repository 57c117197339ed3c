// SPDX-License-Identifier: Apache-2.0
// The Stripe stand-in against the official stripe package: as API client and as webhook receiver.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { afterEach, beforeEach, test } from "node:test";
import Stripe from "stripe";
import { startSandbox } from "../server.mjs";

const SECRET = "whsec_test_suite";
let shop, sandbox, client;

// A shop's endpoint that verifies with the official package; `answers` are its next statuses.
async function startShop() {
  const got = [], answers = [];
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const raw = Buffer.concat(chunks).toString("utf8");
    let event = null;
    try {
      event = new Stripe("sk_test_unused").webhooks.constructEvent(raw, request.headers["stripe-signature"], SECRET);
    } catch {
      got.push({ forged: true });
      return void response.writeHead(401).end();
    }
    got.push({ event, raw });
    response.writeHead(answers.shift() ?? 200).end("{}");
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { got, answers, url: `http://127.0.0.1:${server.address().port}/hook`, close: () => new Promise((r) => { server.closeAllConnections(); server.close(r); }) };
}

beforeEach(async () => {
  shop = await startShop();
  sandbox = await startSandbox({ stripe: { webhookUrl: shop.url, webhookSecret: SECRET, retryBaseMs: 10 } });
  const { port } = new URL(sandbox.url);
  client = new Stripe("sk_live_sandbox", { host: "127.0.0.1", port: Number(port), protocol: "http", maxNetworkRetries: 0, telemetry: false });
});
afterEach(async () => {
  await sandbox.close();
  await shop.close();
});

const donation = (more = {}) => ({
  mode: "payment", submit_type: "donate", success_url: "http://shop.test/thanks?cs={CHECKOUT_SESSION_ID}", cancel_url: "http://shop.test/donate",
  line_items: [{ quantity: 1, price_data: { currency: "eur", unit_amount: 2500, product_data: { name: "The Long Light" } } }],
  metadata: { session_id: "s-1" }, payment_intent_data: { metadata: { session_id: "s-1" } }, ...more,
});

function payForm(url, more = {}) {
  const body = new URLSearchParams({ email: "sea@keeper.test", name: "Sea Keeper", card: "4242 4242 4242 4242", country: "CZ", ...more });
  return fetch(url, { method: "POST", body, redirect: "manual" });
}

async function until(check, what) {
  const end = Date.now() + 5000;
  while (!check()) {
    if (Date.now() > end) assert.fail(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

test("the official client opens a checkout whose page takes a card and returns with the session id", async () => {
  const session = await client.checkout.sessions.create(donation());
  assert.match(session.id, /^cs_live_/);
  assert.equal(session.livemode, true);
  assert.equal(session.amount_total, 2500);
  const page = await fetch(session.url);
  assert.match(await page.text(), /€25\.00/);

  const paid = await payForm(session.url);

  assert.equal(paid.status, 303);
  assert.equal(paid.headers.get("location"), `http://shop.test/thanks?cs=${session.id}`);
  assert.equal((await client.checkout.sessions.retrieve(session.id)).payment_status, "paid");
});

test("every event of a payment arrives twice, signed, pretty-printed, the second time in reverse order", async () => {
  const session = await client.checkout.sessions.create(donation());
  await payForm(session.url);
  await until(() => shop.got.length === 6, "six deliveries");

  const types = shop.got.map(({ event }) => event.type);
  assert.deepEqual(types.slice(3), types.slice(0, 3).reverse());
  assert.equal(new Set(shop.got.map(({ event }) => event.id)).size, 3);
  assert.ok(shop.got.every(({ raw }) => raw.startsWith('{\n  "id"')));
  const completed = shop.got.find(({ event }) => event.type === "checkout.session.completed").event;
  assert.equal(completed.livemode, true);
  assert.equal(completed.data.object.metadata.session_id, "s-1");
  assert.equal(completed.data.object.customer_details.email, "sea@keeper.test");
  const intent = shop.got.find(({ event }) => event.type === "payment_intent.succeeded").event.data.object;
  assert.equal(intent.id, completed.data.object.payment_intent);
  assert.equal(intent.metadata.session_id, "s-1");
});

test("a refused delivery is sent again until it is taken, with a signature that still holds", async () => {
  sandbox.settings.copies = 1;
  shop.answers.push(500, 200, 200, 503);
  const session = await client.checkout.sessions.create(donation());
  await payForm(session.url);
  await until(() => shop.got.length === 5 && sandbox.webhooks.isIdle(), "five deliveries");
  assert.equal(new Set(shop.got.map(({ event }) => event.id)).size, 3);
});

test("the switch signs wrongly, loses answers and cuts the road, and the events arrive all the same", async () => {
  sandbox.settings.copies = 1;
  for (const mode of ["reject", "500", "timeout"]) {
    shop.got.length = 0;
    await fetch(`${sandbox.url}/control`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ target: "stripe_webhook", mode, count: 2 }) });
    const session = await client.checkout.sessions.create(donation());
    await payForm(session.url);
    await until(() => new Set(shop.got.filter((g) => g.event).map((g) => g.event.id)).size === 3 && sandbox.webhooks.isIdle(), `${mode} to pass`);
    assert.equal(shop.got.filter((g) => g.forged).length, mode === "reject" ? 2 : 0);
    assert.equal(shop.got.length, mode === "timeout" ? 3 : 5);
  }
});

test("the test key makes objects that are not live", async () => {
  const { port } = new URL(sandbox.url);
  const other = new Stripe("sk_test_sandbox", { host: "127.0.0.1", port: Number(port), protocol: "http", telemetry: false });
  const session = await other.checkout.sessions.create(donation());
  assert.match(session.id, /^cs_test_/);
  await payForm(session.url);
  await until(() => shop.got.length === 6, "deliveries");
  assert.ok(shop.got.every(({ event }) => event.livemode === false));
});

test("refunds add up, refuse to exceed the charge, and send both kinds of event", async () => {
  sandbox.settings.copies = 1;
  const session = await client.checkout.sessions.create(donation());
  await payForm(session.url);
  await until(() => shop.got.length === 3, "the payment");
  const charge = shop.got.find(({ event }) => event.type === "charge.succeeded").event.data.object;

  const first = await client.refunds.create({ charge: charge.id, amount: 1000 });
  await client.refunds.create({ payment_intent: charge.payment_intent });
  await assert.rejects(client.refunds.create({ charge: charge.id }), { code: "charge_already_refunded" });
  await until(() => shop.got.length === 7, "the refunds");

  assert.equal(first.amount, 1000);
  const totals = shop.got.filter(({ event }) => event.type === "charge.refunded").map(({ event }) => event.data.object.amount_refunded);
  assert.deepEqual(totals, [1000, 2500]);
});

test("a dispute is sent with the payment that it is about", async () => {
  sandbox.settings.copies = 1;
  const session = await client.checkout.sessions.create(donation());
  await payForm(session.url);
  await until(() => shop.got.length === 3, "the payment");
  await fetch(`${sandbox.url}/payments/${session.id}/dispute`, { method: "POST", redirect: "manual" });
  await until(() => shop.got.length === 4, "the dispute");
  const { event } = shop.got.at(-1);
  assert.equal(event.type, "charge.dispute.created");
  assert.equal(event.data.object.payment_intent, sandbox.ledger.payment(session.id).session.payment_intent);
});

test("a subscription names its invoice, and its metadata travels with the invoice", async () => {
  sandbox.settings.copies = 1;
  const session = await client.checkout.sessions.create({
    mode: "subscription", success_url: "http://shop.test/thanks", line_items: [{ price: "price_demo_monthly", quantity: 1 }],
    subscription_data: { metadata: { session_id: "s-2" } },
  });
  await payForm(session.url);
  await until(() => shop.got.length === 6, "the events of a subscription");
  const invoice = shop.got.find(({ event }) => event.type === "invoice.paid").event.data.object;
  const completed = shop.got.find(({ event }) => event.type === "checkout.session.completed").event.data.object;
  assert.equal(completed.invoice, invoice.id);
  assert.equal(completed.payment_intent, null);
  assert.equal(invoice.parent.subscription_details.metadata.session_id, "s-2");
});

test("the next month is an invoice of its own with the subscription's metadata, and a dispute of it can be won", async () => {
  sandbox.settings.copies = 1;
  const session = await client.checkout.sessions.create({
    mode: "subscription", success_url: "http://shop.test/thanks", line_items: [{ price: "price_demo_monthly", quantity: 1 }], subscription_data: { metadata: { session_id: "s-3" } },
  });
  await payForm(session.url);
  await until(() => shop.got.length === 6, "the first month");
  const press = (id, action) => fetch(`${sandbox.url}/payments/${id}/${action}`, { method: "POST", redirect: "manual" });
  await press(session.id, "renew");
  await until(() => shop.got.length === 11, "the second month");
  const [first, second] = shop.got.filter(({ event }) => event.type === "invoice.paid").map(({ event }) => event.data.object);
  assert.deepEqual([first.billing_reason, second.billing_reason], ["subscription_create", "subscription_cycle"]);
  assert.notEqual(first.id, second.id);
  assert.deepEqual(second.parent, first.parent);
  await press(second.id, "dispute");
  await press(second.id, "win");
  await until(() => shop.got.length === 13, "the dispute");
  const closed = shop.got.at(-1).event;
  assert.deepEqual([closed.type, closed.data.object.status, closed.data.object.payment_intent], ["charge.dispute.closed", "won", sandbox.ledger.payment(second.id).intent.id]);
  assert.equal((await press(second.id, "win")).status, 400);
});

test("the same idempotency key answers the same session, and other parameters are refused", async () => {
  const options = { idempotencyKey: "key-1" };
  const first = await client.checkout.sessions.create(donation(), options);
  const again = await client.checkout.sessions.create(donation(), options);
  assert.equal(again.id, first.id);
  assert.equal(again.lastResponse.headers["idempotent-replayed"], "true");
  await assert.rejects(client.checkout.sessions.create(donation({ submit_type: "pay" }), options), { type: "StripeIdempotencyError", statusCode: 400 });
});

test("a request refused by validation leaves its idempotency key free", async () => {
  const options = { idempotencyKey: "key-2" };
  await assert.rejects(client.checkout.sessions.create(donation({ success_url: "nowhere" }), options), { code: "url_invalid", param: "success_url" });
  assert.match((await client.checkout.sessions.create(donation(), options)).id, /^cs_/);
});

test("wrong parameters are refused with Stripe's codes", async () => {
  const item = (data) => ({ line_items: [{ quantity: 1, price_data: { currency: "eur", unit_amount: 2500, product_data: { name: "x" }, ...data } }] });
  const cases = [
    [{ mode: undefined }, { code: "parameter_missing", param: "mode" }],
    [{ line_items: undefined }, { code: "parameter_missing", param: "line_items" }],
    [{ line_items: [{ quantity: 1, price: "price_none" }] }, { code: "resource_missing", param: "line_items[0][price]" }],
    [{ surprise: "x" }, { code: "parameter_unknown", param: "surprise" }],
    [item({ unit_amount: 10 }), { code: "amount_too_small" }],
    [item({ unit_amount: 12.5 }), { code: "parameter_invalid_integer" }],
    [{ customer_email: "no" }, { code: "email_invalid" }],
    [{ client_reference_id: "x".repeat(201) }, { param: "client_reference_id" }],
    [{ metadata: { ["k".repeat(41)]: "v" } }, { param: `metadata[${"k".repeat(41)}]` }],
    [{ metadata: { k: "v".repeat(501) } }, { param: "metadata[k]" }],
    [{ metadata: Object.fromEntries(Array.from({ length: 51 }, (_, i) => [`k${i}`, "v"])) }, { param: "metadata" }],
  ];
  for (const [change, expected] of cases) {
    await assert.rejects(client.checkout.sessions.create(donation(change)), { type: "StripeInvalidRequestError", statusCode: 400, ...expected }, JSON.stringify(change).slice(0, 80));
  }
});

test("a wrong key, an unknown path and an unknown object answer as Stripe does", async () => {
  const bare = await fetch(`${sandbox.url}/v1/checkout/sessions`, { method: "POST" });
  assert.equal(bare.status, 401);
  const wrong = await fetch(`${sandbox.url}/v1/checkout/sessions`, { method: "POST", headers: { authorization: "Bearer sk_live_other" } });
  assert.equal((await wrong.json()).error.type, "invalid_request_error");
  await assert.rejects(client.customers.list(), { statusCode: 404 });
  await assert.rejects(client.checkout.sessions.retrieve("cs_live_none"), { code: "resource_missing" });
});

test("a declined card leaves the checkout open and says so", async () => {
  const session = await client.checkout.sessions.create(donation());
  const refused = await payForm(session.url, { card: "4000000000000002" });
  assert.equal(refused.status, 402);
  assert.match(await refused.text(), /declined/);
  assert.equal(shop.got.length, 0);
  assert.equal((await payForm(session.url)).status, 303);
  assert.equal((await payForm(session.url)).status, 410);
});

test("events are listed newest first and can be sent again", async () => {
  sandbox.settings.copies = 1;
  const session = await client.checkout.sessions.create(donation());
  await payForm(session.url);
  await until(() => shop.got.length === 3, "the payment");
  const list = await client.events.list({ limit: 2 });
  assert.equal(list.data[0].type, "checkout.session.completed");
  assert.equal(list.has_more, true);
  const sent = await fetch(`${sandbox.url}/v1/events/${list.data[0].id}/retry`, { method: "POST", headers: { authorization: "Bearer sk_live_sandbox" } });
  assert.equal(sent.status, 200);
  assert.equal(shop.got.length, 4);
});

test("an endpoint hears only of the events that it is subscribed to", async () => {
  sandbox.settings.events = ["invoice.paid", "checkout.session.completed"];
  const session = await client.checkout.sessions.create({
    mode: "subscription", success_url: "http://shop.test/thanks", line_items: [{ quantity: 1, price: "price_demo_monthly" }],
  });
  await payForm(session.url);
  await until(() => sandbox.webhooks.isIdle() && shop.got.length >= 4, "the events");
  assert.deepEqual([...new Set(shop.got.map(({ event }) => event.type))].sort(), ["checkout.session.completed", "invoice.paid"]);
});
