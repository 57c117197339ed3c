// SPDX-License-Identifier: Apache-2.0
// Every payment provider: one visitor of an ad hands the ids over as the provider's page says, pays at
// the sandbox, and each sale is one order of that ad however often its webhooks come, worth what is left
// after refunds and disputes. One server, one page; the rest is HTTP.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as PROVIDERS from "../../demo-site/sandbox/providers/index.mjs";
import { until } from "./report_client.mjs";
import { startStage } from "./stage.mjs";
import { AD, launchBrowser, newVisitor } from "./visitor.mjs";

const NAMES = Object.keys(PROVIDERS);
const EMAIL = "keeper@example.org";
let stage, browser, visitor;
before(async () => {
  stage = await startStage({ quiet: true });
  browser = await launchBrowser();
  visitor = await newVisitor(browser, stage);
  await visitor.open(`/${AD}`);
  await visitor.accept();
  await visitor.open("/donate/");
});
after(async () => {
  await browser?.close();
  await stage?.stop();
});

// As the donation page does it, for `name`; amounts tell the orders apart.
const amounts = Object.fromEntries(NAMES.map((name, i) => [name, 2000 + i]));
const hasRenewal = (name) => PROVIDERS[name].isRenewing === true;
const open = (name, { page } = visitor) => page.evaluate(async ([wanted, amount, interval]) => {
  const provider = (await film.providers).find(({ name }) => name === wanted);
  const order = { amount_minor: amount, currency: "EUR", name: "The Long Light", success_url: `${location.origin}/thanks/?ref={ORDER}`, ...(interval && { interval }) };
  return film.openCheckout(provider, order, document.getElementById("donate-form"));
}, [name, amounts[name], hasRenewal(name) ? "month" : null]);

const pageOf = async (address) => (await fetch(address)).url;  // a link leads to the checkout it opened
const submit = (page, card, email = EMAIL) => fetch(page, { method: "POST", body: new URLSearchParams({ email, name: "Zoë Keeper", card, country: "CZ" }), redirect: "manual" });

// The buyer's form at the sandbox; answers the payment's id and the order's reference.
async function pay(address, email = EMAIL) {
  const page = await pageOf(address);
  const reply = await submit(page, "4242424242424242", email);
  assert.equal(reply.status, 303, page);
  return { id: page.split("/").pop(), reference: new URL(reply.headers.get("location")).searchParams.get("ref") };
}
const press = async (id, action, fields = {}) => assert.equal((await fetch(`${stage.sandbox.url}/payments/${id}/${action}`, { method: "POST", body: new URLSearchParams(fields), redirect: "manual" })).status, 303, `${action} ${id}`);
const isQuiet = () => Object.values(stage.sandbox.accounts).every((account) => account.isIdle());
// What webhooks only name is fetched within a second.
const isFetched = async () => !/^throughline_order_lookups\{.*\} [1-9]/m.test(await (await fetch(`${stage.server}/metrics`)).text());
// What the webhooks left, by provider.
async function told() {
  await until(isQuiet, "the webhooks");
  await until(isFetched, "the look-ups");
  const all = await stage.reports.conversions();
  return (name) => all.filter(({ amount_minor }) => amount_minor === amounts[name]);
}
const atOnce = (names, work) => Promise.all(names.map(work));

const checkouts = {}, paid = {};
test("a payment that fails is no order", async () => {
  await atOnce(NAMES, async (name) => {
    checkouts[name] = await pageOf(await open(name));
    assert.equal((await submit(checkouts[name], "4000000000000002")).status, 402, name);
  });
  const ordersOf = await told();
  for (const name of NAMES) {
    assert.deepEqual(ordersOf(name), [], name);
    for (const { status, type, answer } of stage.sandbox.accounts[name].attempts()) assert.equal(status, 200, `${name} ${type}: ${answer}`);
  }
});

test("every provider's sale comes twice and is one order of the visitor's ad", async () => {
  const { sessionId } = await visitor.ids();
  await atOnce(NAMES, async (name) => { paid[name] = await pay(checkouts[name]); });
  const ordersOf = await told();
  for (const name of NAMES) {
    const attempts = stage.sandbox.accounts[name].attempts();
    assert.ok(attempts.length >= 2, name);
    for (const { status, type, answer } of attempts) assert.equal(status, 200, `${name} ${type}: ${answer}`);

    const orders = ordersOf(name);
    assert.equal(orders.length, 1, `${name}: ${JSON.stringify(orders)}`);
    const [order] = orders;
    const isAlone = name === "square";  // has room for the anonymous id only
    assert.deepEqual([order.provider, order.live, order.status, order.match_type], [PROVIDERS[name].endpoint ?? name, true, "paid", isAlone ? "anonymous_id" : "session"], name);
    if (!isAlone) assert.equal(order.session_id, sessionId, name);
    assert.deepEqual([order.first_touch.campaign, order.last_touch.campaign], ["spring-premiere", "spring-premiere"], name);
    const { event_id } = await (await fetch(`${stage.server}/api/order-event?site=demo&ref=${encodeURIComponent(paid[name].reference)}`)).json();
    assert.equal(event_id, order.id, `${name}: the thank-you page finds the order by ${paid[name].reference}`);
  }
});

test("a renewal is revenue of the same person, credited to the same ad and marked", async () => {
  const renewing = NAMES.filter(hasRenewal);
  await atOnce(renewing, (name) => press(paid[name].id, "renew"));
  const ordersOf = await told();
  for (const name of renewing) {
    const orders = ordersOf(name);
    assert.deepEqual(orders.map(({ status }) => status), ["paid", "paid"], name);
    assert.deepEqual(orders.map(({ last_touch }) => last_touch?.campaign), ["spring-premiere", "spring-premiere"], name);
    // The visitor of the first payment, whose consent counts.
    const renewed = orders.find(({ session_id }) => session_id === null) ?? orders[1];
    assert.ok(["anonymous_id", "subscription"].includes(renewed.match_type), `${name}: ${renewed.match_type}`);
    // PayPal's sales do not say which of a subscription's they are.
    if (name !== "paypal") assert.equal(orders.filter(({ subscription }) => subscription === "renewal").length, 1, name);
  }
});

test("refunds in part and in full leave the net value, whatever came twice", async () => {
  const inParts = NAMES.filter((name) => !PROVIDERS[name].isRefundedWhole);
  const refunded = (orders) => orders.filter(({ refunded_minor }) => refunded_minor > 0).map(({ refunded_minor, status }) => [refunded_minor, status]);
  await atOnce(inParts, (name) => press(`${paid[name].id}-0`, "refund", { amount: "500" }));
  const inPart = await told();
  for (const name of inParts) assert.deepEqual(refunded(inPart(name)), [[500, "partially_refunded"]], name);
  await atOnce(NAMES, (name) => press(`${paid[name].id}-0`, "refund"));
  const inFull = await told();
  await atOnce(NAMES, async (name) => {
    assert.deepEqual(refunded(inFull(name)), [[amounts[name], "refunded"]], name);
    const { credits } = await stage.reports.conversion(inFull(name).find(({ status }) => status === "refunded").id);
    assert.deepEqual(credits.linear.map(({ channel, net_minor }) => [channel, net_minor]), [["paid_search", 0]], name);
  });
});

test("a dispute that is lost takes the money, one that is won gives it back", async () => {
  const disputing = NAMES.filter((name) => PROVIDERS[name].disputed);
  const sales = {};
  for (const name of disputing) amounts[name] += 1000;
  await atOnce(disputing, async (name) => { sales[name] = [await pay(await open(name)), await pay(await open(name))]; });
  await told();
  const states = (orders) => orders.map(({ status }) => status).sort();
  await atOnce(disputing, async (name) => { for (const { id } of sales[name]) await press(id, "dispute"); });
  const disputed = await told();
  for (const name of disputing) assert.deepEqual(states(disputed(name)), ["disputed", "disputed"], name);
  await atOnce(disputing, async (name) => { for (const [i, action] of ["win", "lose"].entries()) await press(sales[name][i].id, action); });
  const ended = await told();
  await atOnce(disputing, async (name) => {
    assert.deepEqual(states(ended(name)), ["disputed", "paid"], name);
    const back = (wanted) => ended(name).filter(({ status }) => status === wanted).map(({ refunded_minor }) => refunded_minor);
    assert.deepEqual([back("disputed"), back("paid")], [[amounts[name]], [0]], name);
    const { credits } = await stage.reports.conversion(ended(name).find(({ status }) => status === "disputed").id);
    assert.deepEqual(credits.linear.map(({ net_minor }) => net_minor), [0], name);
  });
});

test("a visitor who refused hands nothing over, and the sale counts all the same", async () => {
  const refusing = await newVisitor(browser, stage);
  await refusing.open(`/${AD}`);
  await refusing.refuse();
  await refusing.open("/donate/");
  for (const name of NAMES) amounts[name] += 2000;
  await atOnce(NAMES, async (name) => {
    const { id } = await pay(await open(name, refusing), "nobody@example.org");
    assert.equal(Object.keys(stage.sandbox.accounts[name].payment(id).carried ?? {}).length, 0, name);
  });
  const ordersOf = await told();
  for (const name of NAMES) assert.deepEqual(ordersOf(name).map(({ status, session_id, anonymous_id, first_touch }) => [status, session_id, anonymous_id, first_touch]), [["paid", null, null, null]], name);
  await refusing.close();
});

test("a visitor chooses the provider on the page, pays and is thanked with the order's reference", async () => {
  await visitor.open("/donate/");
  await visitor.page.selectOption("#provider", "polar");
  assert.match(await visitor.page.textContent("#provider-words"), /reference_id/);
  await visitor.page.fill("#own-amount", "77");
  await Promise.all([visitor.page.waitForURL(/\/checkout\/polar-/), visitor.page.click("#donate-form button[type=submit]")]);
  assert.match(await visitor.page.textContent("body"), /stands in for Polar/);
  await visitor.pay({ email: EMAIL });
  const reference = await visitor.reference();
  const order = (await stage.reports.conversions()).find(({ amount_minor }) => amount_minor === 7700);
  assert.deepEqual([order.id, order.match_type], [reference, "session"]);
  assert.deepEqual(visitor.errors, []);
});

test("a monthly donation with Stripe is renewed, and what is disputed and lost is gone", async () => {
  await visitor.open("/donate/");
  await visitor.page.check("#monthly");
  const checkoutId = await visitor.donate({ amount: 78 });
  await visitor.pay({ email: EMAIL });
  await visitor.reference();
  await until(() => stage.sandbox.webhooks.isIdle(), "the webhooks");
  await press(checkoutId, "renew");
  await until(() => stage.sandbox.webhooks.isIdle(), "the renewal");
  const months = async () => (await stage.reports.conversions()).filter(({ amount_minor }) => amount_minor === 7800).map(({ subscription, status }) => [subscription, status]).sort();
  assert.deepEqual(await months(), [["first", "paid"], ["renewal", "paid"]]);
  await press(checkoutId, "dispute");
  await press(checkoutId, "lose");
  await until(() => stage.sandbox.webhooks.isIdle(), "the dispute");
  assert.deepEqual(await months(), [["first", "disputed"], ["renewal", "paid"]]);
  const lost = (await stage.reports.conversions()).find(({ amount_minor, status }) => amount_minor === 7800 && status === "disputed");
  assert.equal(lost.refunded_minor, 7800);
});
