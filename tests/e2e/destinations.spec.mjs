// SPDX-License-Identifier: Apache-2.0
// Every destination at once: a conversion that a server states reaches each vendor once, in the form
// that its rules take; a vendor that fails delays no other.
import assert from "node:assert/strict";
import { createHmac, randomBytes } from "node:crypto";
import { after, before, test } from "node:test";
import lemonsqueezy from "../../demo-site/sandbox/providers/lemonsqueezy.mjs";
import { VENDORS } from "../../demo-site/sandbox/vendors/index.mjs";
import { until } from "./report_client.mjs";
import { startStage } from "./stage.mjs";

const NAMES = ["meta", "posthog", ...Object.keys(VENDORS)];
let stage;
before(async () => { stage = await startStage({ vendors: true }); });
after(() => stage?.stop());

// A sale that the site's server tells, with its buyer's consent.
async function sell(orderId, change = {}) {
  const reply = await fetch(`${stage.server}/api/conversions`, {
    method: "POST", headers: { authorization: `Bearer ${stage.key}`, "content-type": "application/json" },
    body: JSON.stringify({
      site: "demo", kind: "purchase", order_id: orderId, amount: "49.90", currency: "EUR", occurred_at: new Date().toISOString(),
      email: "Jane.Roe+news@gmail.com", phone: "+351 912 345 678", items: [{ id: "sku-1", quantity: 1 }],
      consent: { storage: true, marketing: true }, ...change,
    }),
  });
  const answer = await reply.json();
  assert.ok(reply.ok, JSON.stringify(answer));
  return answer.id;
}
const kept = (name) => stage.sandbox.received()[name];
const countOf = (name, text) => kept(name).accepted.filter((record) => JSON.stringify(record.event).includes(text)).length;
const deliveriesOf = async (id) => (await stage.reports.deliveries()).filter((delivery) => delivery.event_id === id);

test("one sale reaches every vendor once, and each vendor's rules take it", async () => {
  const id = await sell("o-every-1");
  const settled = await until(async () => {
    const list = await deliveriesOf(id);
    return list.length === NAMES.length && list.every((delivery) => !["queued", "sending", "accepted", "failed"].includes(delivery.state)) && list;
  }, "all deliveries", 40_000);

  for (const delivery of settled) assert.equal(delivery.state, "delivered", `${delivery.destination}: ${delivery.last_error}`);
  for (const name of NAMES) {
    assert.equal(kept(name).accepted.length, 1, name);
    assert.deepEqual(kept(name).refused, [], name);
    assert.equal(countOf(name, id) + countOf(name, "o-every-1") > 0, true, `${name} knows the sale by its id`);
  }
});

test("a refused buyer is told to nobody who needs marketing consent", async () => {
  const id = await sell("o-every-3", { consent: { storage: true, marketing: false } });
  const settled = await until(async () => {
    const list = await deliveriesOf(id);
    return list.length === NAMES.length && list.every((delivery) => delivery.state !== "queued" && delivery.state !== "sending") && list;
  }, "the decisions", 20_000);
  const told = settled.filter((delivery) => delivery.state === "delivered").map((delivery) => delivery.destination).sort();
  assert.deepEqual(told, ["crm", "ga4", "posthog", "webhook"]);
  const ga4 = kept("ga4").accepted.at(-1).event;
  assert.ok(!JSON.stringify(ga4).includes("sha256"));
});

test("a refund restates the sale at Google, and a sale that Google cannot use after all is dead", async () => {
  await sell("o-every-4");
  await until(() => countOf("google_ads", "o-every-4") === 1, "the sale", 15_000);
  await sell("o-every-4", { kind: "refund", refund_id: "r-1", amount: "10.00", consent: undefined, items: undefined });
  await until(() => kept("google_ads").restated.length === 1, "the refund", 15_000);
  const [{ event }] = kept("google_ads").restated;
  assert.deepEqual([event.transactionId, event.conversionValue, event.currency], ["o-every-4", 39.9, "EUR"]);

  stage.sandbox.switches.set({ target: "google_ads", mode: "partial" });
  const id = await sell("o-every-5");
  const dead = await until(async () => (await deliveriesOf(id)).find(({ destination, state }) => destination === "google_ads" && state === "dead"), "Google's judgement", 20_000);
  stage.sandbox.switches.set({ target: "google_ads", mode: "ok" });
  assert.match(dead.last_error, /INVALID_GCLID/);
  assert.match(dead.history.at(-1).answer, /INVALID_GCLID/);

  const retry = ["retry-deliveries", "--site", "demo", "--destination", "google_ads"];
  assert.equal(stage.command(...retry, "--since", "2100-01-01"), "0 queued again");
  assert.equal(stage.command(...retry), "1 queued again");
  const again = () => deliveriesOf(id).then((list) => list.find(({ destination }) => destination === "google_ads"));
  await until(async () => (await again()).history.length > dead.history.length, "the repeat");
});

// A visitor who permits everything and came by ads of the vendors that know nobody by an e-mail address alone.
async function visit() {
  const reply = await fetch(`${stage.server}/api/events`, {
    method: "POST", headers: { "content-type": "text/plain", origin: stage.site },
    body: JSON.stringify({ v: 1, site: "demo", key: "wk_demo", rv: 0, sent: Date.now(), pn: randomBytes(16).toString("hex"),
      e: [{ n: "scroll_depth", seq: 1, t: Date.now(), c: { s: 1, m: 1 }, ev: { u: `${stage.site}/?utm_source=google&utm_medium=cpc&gclid=Cj0abc` } }] }),
  });
  const { anonymous_id, session_id } = await reply.json();
  assert.ok(session_id, "the visitor has a session");
  return { anonymous_id, session_id, checkout_started_at: String(Date.now()) };
}

// A sale as a provider's webhook tells it, at once; answers when it was acknowledged.
async function webhookSale(number, custom_data) {
  const text = JSON.stringify({
    meta: { event_name: "order_created", test_mode: false, custom_data },
    data: { type: "orders", id: String(number), attributes: { identifier: `id-${number}`, status: "paid", total: 2500, currency: "EUR", refunded_amount: 0, user_email: `jane.roe.${number}@gmail.com`, created_at: new Date().toISOString(), updated_at: new Date().toISOString() } },
  });
  const signature = createHmac("sha256", lemonsqueezy.secret).update(text).digest("hex");
  const reply = await fetch(`${stage.server}/api/webhook/lemonsqueezy/demo`, { method: "POST", headers: { "content-type": "application/json", "x-event-name": "order_created", "x-signature": signature }, body: text });
  assert.equal((await reply.json()).result, "purchase");
  return Date.now();
}

// Last: reddit's lane stays paused, and what a paused lane holds is decided when it opens again.
test("a vendor that does not know the key, one that is slow and one that hangs delay no other", async () => {
  const failing = { reddit: "auth", snap: "slow", x: "timeout" };
  for (const [target, mode] of Object.entries(failing)) stage.sandbox.switches.set({ target, mode, count: 1 });
  const numbers = [810001, 810002, 810003, 810004, 810005, 810006];
  const visits = await Promise.all(numbers.map(visit));
  const told = await Promise.all(numbers.map((number, i) => webhookSale(number, visits[i])));
  const id = await sell("o-every-2");
  const conversions = await stage.reports.conversions();
  const sales = numbers.map((number, i) => ({ told: told[i], names: [String(number), conversions.find(({ order_id }) => order_id === String(number)).id] }));
  sales.push({ told: Date.now(), names: ["o-every-2", id] });

  const others = NAMES.filter((name) => !(name in failing));
  const arrival = (name, { names }) => kept(name).accepted.find(({ event }) => names.some((text) => JSON.stringify(event).includes(`"${text}"`)));
  await until(() => others.every((name) => sales.every((sale) => arrival(name, sale))), "the others", 20_000);
  const waits = others.flatMap((name) => sales.map((sale) => Math.max(0, arrival(name, sale).received_at - sale.told))).sort((a, b) => a - b);
  const p95 = waits[Math.ceil(waits.length * 0.95) - 1];
  assert.ok(p95 <= 5000, `p95 of ${waits.length} deliveries to the others is ${p95} ms`);

  const reddit = (await stage.reports.deliveries()).find(({ destination, state }) => destination === "reddit" && state === "failed");
  assert.match(reddit.last_error, /401/);
  await until(() => countOf("snap", id) === 1, "the slow one", 15_000);
});
