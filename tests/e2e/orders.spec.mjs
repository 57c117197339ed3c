// SPDX-License-Identifier: Apache-2.0
// From the donate button to credits and deliveries: one order however often and in whatever order its
// webhooks come, refunds and disputes, and destinations that are down for a while.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { beforeEach, test } from "node:test";
import { until } from "./report_client.mjs";
import { openStage } from "./opened_stage.mjs";
import { AD, newVisitor } from "./visitor.mjs";

const { stage, browser } = await openStage();
let amount = 20;
beforeEach(() => {
  Object.assign(stage.sandbox.settings, { copies: 2, order: "alternate", concurrent: false, events: null });
  for (const target of ["meta", "posthog", "stripe_webhook"]) stage.sandbox.switches.set({ target, mode: "ok" });
  amount++;
});

// A visitor from the ad donates `amount` (unique to each test) and is back on the thank-you page.
async function donate(ad = AD, beforePaying = () => {}) {
  const visitor = await newVisitor(browser, stage);
  await visitor.open(`/${ad}`);
  await visitor.accept();
  const ids = await visitor.ids();
  await visitor.open("/donate/");
  const checkoutId = await visitor.donate({ amount });
  beforePaying();
  // An address of its own: buyers with one address are one person, whose path has all their touches.
  await visitor.pay({ email: `keeper-${amount}@example.org` });
  return { visitor, ids, checkoutId, minor: amount * 100 };
}
const orderOf = (minor, check = () => true) => until(async () => (await stage.reports.conversions()).find((item) => item.amount_minor === minor && check(item)), `an order of ${minor}`);
const retry = ({ id }) => fetch(`${stage.server}/api/deliveries/${id}/retry?site=demo`, { method: "POST", headers: { authorization: `Bearer ${stage.key}` } });
const settled = () => until(() => stage.sandbox.webhooks.isIdle(), "the webhooks");
// All that arrived, also what the vendor recognises as a repeat and does not count.
const arrived = ({ accepted, duplicates }) => [...accepted, ...duplicates];
const metaPurchases = (minor) => arrived(stage.sandbox.received().meta).filter(({ event }) => event.event_name === "Purchase" && event.custom_data.value === minor / 100);
const posthogPurchases = (minor) => arrived(stage.sandbox.received().posthog).filter(({ event }) => event.event === "purchase" && event.properties.revenue === minor / 100);
const deliveriesOf = async (eventId) => (await stage.reports.deliveries()).filter((delivery) => delivery.event_id === eventId);
// Once both deliveries of a purchase are through: [destination, attempts].
const delivered = (eventId) => until(async () => {
  const rows = await deliveriesOf(eventId);
  return rows.length === 2 && rows.every(({ state }) => state === "delivered") && rows.map(({ destination, attempts }) => [destination, attempts]).sort();
}, "both deliveries", 30_000);
const ONCE = [["meta", 1], ["posthog", 1]];

test("checkout and return are one session, the order is the ad's, and the purchase ends the session", async () => {
  const { visitor, ids, minor } = await donate();
  const reference = await visitor.reference();
  assert.deepEqual(await visitor.ids(), ids);
  const order = await orderOf(minor);
  await visitor.flush();

  assert.equal(order.match_type, "session");
  assert.equal(order.session_id, ids.sessionId);
  assert.equal(order.currency, "EUR");
  assert.equal(order.first_touch.campaign, "spring-premiere");
  assert.equal(order.last_touch.campaign, "spring-premiere");
  const { credits: byModel } = await stage.reports.conversion(order.id);
  assert.ok(Object.keys(byModel).length >= 6, Object.keys(byModel).join());
  for (const [model, credits] of Object.entries(byModel)) {
    assert.deepEqual(credits.map((credit) => [credit.channel, Number(credit.value_minor)]), [["paid_search", minor]], model);
  }
  const session = await until(async () => {
    const found = await stage.reports.session(ids.sessionId);
    return found.events.filter((event) => event.name === "page_view").length === 3 && found;
  }, "the thank-you page's view");
  assert.equal(session.touches.length, 1);
  assert.equal(session.converted, true);
  assert.equal(session.end_reason, "purchase");
  assert.match(reference, /^[0-9a-f-]{36}$/);
  await visitor.close();
});

test("Meta and PostHog get the purchase once each, under the event id that the thank-you page shows", async () => {
  const { visitor, minor } = await donate();
  const reference = await visitor.reference();
  await settled();

  assert.deepEqual(await delivered(reference), ONCE);
  assert.deepEqual(metaPurchases(minor).map((r) => r.event.event_id), [reference]);
  assert.deepEqual(posthogPurchases(minor).map((r) => r.event.uuid), [reference]);
  const { event } = metaPurchases(minor)[0];
  assert.equal(event.custom_data.currency, "EUR");
  assert.match(event.user_data.em[0], /^[0-9a-f]{64}$/);
  const purchase = posthogPurchases(minor)[0].event;
  assert.equal(purchase.properties.currency, "EUR");
  assert.deepEqual(posthogPurchases(minor)[0].warnings, []);
  await visitor.close();
});

test("a click on Meta's own ad comes back to Meta as fbc, letter for letter", async () => {
  const landed = Date.now();
  const { visitor, minor } = await donate("?utm_source=facebook&utm_medium=paid_social&utm_campaign=dusk-video&fbclid=IwAR0_Demo-Click");
  await visitor.reference();
  await until(() => metaPurchases(minor).length > 0, "Meta's purchase");
  const { event } = metaPurchases(minor)[0];
  const [, , created, ...click] = event.user_data.fbc.split(".");
  assert.equal(click.join("."), "IwAR0_Demo-Click");
  assert.ok(Math.abs(Number(created) - landed) < 10_000, created);
  assert.equal((await orderOf(minor)).first_touch.channel, "paid_social");
  await visitor.close();
});

test("webhooks three times, out of order and at once are one order", async () => {
  for (const settings of [{ copies: 3, order: "reverse", concurrent: false }, { copies: 3, order: "alternate", concurrent: true }]) {
    Object.assign(stage.sandbox.settings, settings);
    const { visitor, minor, checkoutId } = await donate();
    await visitor.reference();
    await settled();
    const { session, intent, charge } = stage.sandbox.ledger.payment(checkoutId);
    const mine = stage.sandbox.ledger.events().filter((event) => [session.id, intent.id, charge.id].includes(event.data.object.id)).map((event) => event.id);
    const attempts = stage.sandbox.webhooks.attempts().filter((attempt) => mine.includes(attempt.event_id));

    assert.equal(attempts.length, 9);
    assert.ok(attempts.every((attempt) => attempt.status === 200), JSON.stringify(attempts.map((a) => [a.status, a.answer])));
    const orders = (await stage.reports.conversions()).filter((item) => item.amount_minor === minor);
    assert.equal(orders.length, 1);
    assert.deepEqual(await delivered(orders[0].id), ONCE);
    assert.deepEqual([metaPurchases(minor).length, posthogPurchases(minor).length], [1, 1]);
    await visitor.close();
    amount++;
  }
});

test("a second donation from another browser joins the first by its address, and its path has both ads", async () => {
  const first = await donate();
  await orderOf(first.minor);
  const email = `keeper-${amount}@example.org`;
  amount++;
  const visitor = await newVisitor(browser, stage);
  await visitor.open("/donate/?utm_source=newsletter&utm_medium=email&utm_campaign=winter-letter");
  await visitor.accept();
  await visitor.donate({ amount });
  await visitor.pay({ email });
  const order = await orderOf(amount * 100);

  assert.equal(order.match_type, "session");
  assert.equal(order.touches, 2);
  assert.equal(order.first_touch.campaign, "spring-premiere");
  assert.equal(order.last_touch.campaign, "winter-letter");
  const { credits } = await stage.reports.conversion(order.id);
  assert.deepEqual(credits.linear.map((credit) => credit.value_minor).sort((a, b) => a - b), [Math.floor(amount * 50), Math.ceil(amount * 50)]);
  await first.visitor.close();
  await visitor.close();
});

test("a webhook with a wrong signature is refused and changes nothing; its retry counts", async () => {
  stage.sandbox.settings.copies = 1;
  stage.sandbox.switches.set({ target: "stripe_webhook", mode: "reject", count: 3 });
  const { visitor, minor } = await donate();
  const order = await orderOf(minor);
  await settled();
  const refused = stage.sandbox.webhooks.attempts().filter((attempt) => attempt.status === 401);
  assert.ok(refused.length >= 3);
  assert.match(refused[0].answer, /bad_signature/);
  assert.equal(order.status, "paid");
  await visitor.close();
});

test("a webhook whose answer is lost comes again and is a duplicate", async () => {
  stage.sandbox.settings.copies = 1;
  stage.sandbox.switches.set({ target: "stripe_webhook", mode: "500", count: 3 });
  const { visitor, minor } = await donate();
  await orderOf(minor);
  await settled();
  assert.equal((await stage.reports.conversions()).filter((item) => item.amount_minor === minor).length, 1);
  await visitor.close();
});

test("refunds move the order's state and value, and a repeated one does not count twice", async () => {
  const { visitor, minor, checkoutId } = await donate();
  await orderOf(minor);
  await settled();
  const press = async (body) => {
    await fetch(`${stage.sandbox.url}/payments/${checkoutId}/refund`, { method: "POST", body: new URLSearchParams(body), redirect: "manual" });
    await settled();
  };

  await press({ amount: "500" });
  const part = await orderOf(minor, (item) => item.refunded_minor > 0);
  assert.equal(part.refunded_minor, 500);
  assert.equal(part.status, "partially_refunded");
  const { credits: byModel } = await stage.reports.conversion(part.id);
  for (const [model, credits] of Object.entries(byModel)) {
    assert.equal(credits.reduce((sum, credit) => sum + credit.value_minor, 0), minor, model);
    assert.equal(credits.reduce((sum, credit) => sum + credit.net_minor, 0), minor - 500, model);
  }

  await press({});
  const whole = await orderOf(minor, (item) => item.refunded_minor === minor);
  assert.equal(whole.status, "refunded");
  await fetch(`${stage.sandbox.url}/payments/${checkoutId}/resend`, { method: "POST", redirect: "manual" });
  await settled();
  assert.equal((await orderOf(minor)).refunded_minor, minor);
  await visitor.close();
});

test("a refund that overtakes its payment is kept and joins it", async () => {
  stage.sandbox.settings.copies = 1;
  stage.sandbox.switches.set({ target: "stripe_webhook", mode: "timeout", count: 3 });
  const { visitor, minor, checkoutId } = await donate();
  await fetch(`${stage.sandbox.url}/payments/${checkoutId}/refund`, { method: "POST", redirect: "manual" });
  const order = await orderOf(minor, (item) => item.refunded_minor === minor);
  assert.equal(order.status, "refunded");
  await visitor.close();
});

test("a dispute marks the order", async () => {
  const { visitor, minor, checkoutId } = await donate();
  await orderOf(minor);
  await settled();
  await fetch(`${stage.sandbox.url}/payments/${checkoutId}/dispute`, { method: "POST", redirect: "manual" });
  await orderOf(minor, (item) => item.status === "disputed");
  await visitor.close();
});

test("a destination that is down delays nobody else and gets everything once it is back", async () => {
  stage.sandbox.switches.set({ target: "meta", mode: "500" });
  const { visitor, minor } = await donate();
  const reference = await visitor.reference();
  await until(() => posthogPurchases(minor).length === 1, "PostHog's purchase");
  assert.equal(metaPurchases(minor).length, 0);
  const waiting = await until(async () => (await deliveriesOf(reference)).find((d) => d.destination === "meta" && d.attempts > 0), "a failed try");
  assert.ok(["queued", "failed", "sending"].includes(waiting.state), waiting.state);

  stage.sandbox.switches.set({ target: "meta", mode: "ok" });
  await retry(waiting);

  await delivered(reference);
  assert.deepEqual(metaPurchases(minor).map(({ event }) => event.event_id), [reference]);
  await visitor.close();
});

test("an answer lost by the destination leads to a resend with the same id, which the vendor does not count", async () => {
  const { visitor, minor } = await donate(AD, () => stage.sandbox.switches.set({ target: "meta", mode: "lost" }));
  const reference = await visitor.reference();
  await until(() => metaPurchases(minor).length > 0, "the purchase whose answer is lost");
  stage.sandbox.switches.set({ target: "meta", mode: "ok" });

  const [[, attempts], ofPosthog] = await delivered(reference);
  assert.ok(attempts > 1);
  assert.deepEqual(ofPosthog, ["posthog", 1]);
  assert.deepEqual(metaPurchases(minor).map(({ event }) => event.event_id), Array(attempts).fill(reference));
  assert.equal(stage.sandbox.received().meta.accepted.filter(({ event }) => event.event_id === reference).length, 1);
  await visitor.close();
});

test("consent withdrawn before a delivery went out keeps it from going out", async () => {
  for (const target of ["meta", "posthog"]) stage.sandbox.switches.set({ target, mode: "500" });
  const { visitor, minor } = await donate();
  const reference = await visitor.reference();
  await until(async () => (await deliveriesOf(reference)).filter((d) => d.attempts > 0).length === 2, "a failed try of each");
  await visitor.page.click("[data-open-consent]");
  await visitor.refuse();
  // That is final: nothing of it is sent again.
  await until(async () => (await deliveriesOf(reference)).every(({ state }) => state === "withheld"), "the queue to forget it");

  assert.equal(metaPurchases(minor).length, 0);
  assert.equal(posthogPurchases(minor).length, 0);
  assert.equal((await orderOf(minor)).status, "paid");
  await visitor.close();
});

test("a payment in test mode is recorded as such and forwarded to nobody", async () => {
  const form = new URLSearchParams({
    mode: "payment", success_url: `${stage.site}/thanks/`, "line_items[0][quantity]": "1", "line_items[0][price_data][currency]": "eur",
    "line_items[0][price_data][unit_amount]": String(amount * 100), "line_items[0][price_data][product_data][name]": "Rehearsal",
  });
  const session = await (await fetch(`${stage.sandbox.url}/v1/checkout/sessions`, { method: "POST", headers: { authorization: "Bearer sk_test_sandbox" }, body: form })).json();
  await fetch(session.url, { method: "POST", body: new URLSearchParams({ email: "keeper@example.org", name: "K", card: "4242424242424242" }), redirect: "manual" });
  await settled();

  const rehearsed = (await stage.reports.conversions()).filter((item) => item.amount_minor === amount * 100);
  assert.deepEqual(rehearsed.map((item) => item.live), [false]);
  // What is to be told is written with the order, not later.
  assert.deepEqual(await deliveriesOf(rehearsed[0].id), []);
});

test("amounts outside the item's limits and unknown items are refused with a sentence", async () => {
  const visitor = await newVisitor(browser, stage);
  await visitor.open("/donate/");
  await visitor.accept();
  await visitor.page.fill("#own-amount", "2");
  await visitor.page.click("#donate-form button[type=submit]");
  assert.match(await visitor.page.textContent("#form-error"), /between €5 and €5,000/);
  const ask = (change) => fetch(`${stage.server}/api/checkout/stripe`, { method: "POST", headers: { "content-type": "application/json", origin: stage.site }, body: JSON.stringify({ site: "demo", write_key: "wk_demo", item: "donation", amount_minor: 2500, ...change }) });
  for (const change of [{ amount_minor: 499 }, { amount_minor: 500001 }, { amount_minor: "2500x" }, { item: "yacht" }, { write_key: "wk_other" }]) {
    const reply = await ask(change);
    const { error } = await reply.json();
    assert.ok(reply.status >= 400 && reply.status < 500, JSON.stringify(change));
    assert.match(error.code, /^[a-z_]+$/);
    assert.ok(error.message.length > 20, error.message);
  }
  await visitor.close();
});

// What the provider's page and the Install page tell the owner to subscribe to.
function documentedEvents() {
  const types = (path, from, to) => {
    const text = readFileSync(new URL(path, import.meta.url), "utf8");
    const part = text.slice(text.indexOf(from) + from.length);
    return part.slice(0, part.indexOf(to)).match(/[a-z_]+\.[a-z_.]*[a-z]/g).sort();
  };
  const events = types("../../docs/providers/stripe.md", "snapshot events:", "**How");
  assert.deepEqual(types("../../server/dashboard/views/install.ts", "  stripe: ", "\n};"), events);
  assert.ok(events.length >= 13, events.join());
  return events;
}

test("a subscription is one order with the documented events, also without the one that joins invoice and intent", async () => {
  for (const events of [documentedEvents(), documentedEvents().filter((type) => type !== "invoice_payment.paid")]) {
    for (const order of ["natural", "reverse", "alternate"]) {
      amount++;
      Object.assign(stage.sandbox.settings, { events, order });
      const form = new URLSearchParams({
        mode: "subscription", success_url: `${stage.site}/thanks/`, "line_items[0][quantity]": "1", "line_items[0][price_data][currency]": "eur",
        "line_items[0][price_data][unit_amount]": String(amount * 100), "line_items[0][price_data][product_data][name]": "Membership",
        "line_items[0][price_data][recurring][interval]": "month",
      });
      const session = await (await fetch(`${stage.sandbox.url}/v1/checkout/sessions`, { method: "POST", headers: { authorization: "Bearer sk_live_sandbox" }, body: form })).json();
      await fetch(session.url, { method: "POST", body: new URLSearchParams({ email: `member-${amount}@example.org`, name: "M", card: "4242424242424242" }), redirect: "manual" });
      await settled();
      await fetch(`${stage.sandbox.url}/payments/${session.id}/refund`, { method: "POST", redirect: "manual" });
      await orderOf(amount * 100, (item) => item.refunded_minor === amount * 100);
      await settled();
      const orders = (await stage.reports.conversions()).filter((item) => item.amount_minor === amount * 100);
      assert.deepEqual(orders.map((item) => [item.order_id.slice(0, 3), item.status]), [["in_", "refunded"]], `${order}: ${events.join()}`);
    }
  }
});
