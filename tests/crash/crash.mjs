// SPDX-License-Identifier: Apache-2.0
// Kills the server with SIGKILL under load, again and again, and then checks the promises:
//   every acknowledged event and webhook is in the store, no event is there twice, and every order has
//   exactly the rows of one order;
//   everything kept was delivered to both destinations, nothing else was, and each visit and order
//   always under one id with one body;
//   what is derived is what the evidence says (throughline audit).
// Usage: node tests/crash/crash.mjs [kills]   (default 30)
import crypto from "node:crypto";

import { conclude, createServer, pause } from "./killable_server.mjs";
import { startReceivers } from "./receivers.mjs";

const kills = Number(process.argv[2] ?? 30);
const webhookSecret = "whsec_crash_test";
// Node's own would be a robot's, and robots are neither counted nor forwarded.
const userAgent = "Mozilla/5.0 (X11; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0";

const receivers = await startReceivers();
const server = await createServer(`
  [site.payment.stripe]
  webhook_secrets = ["${webhookSecret}"]
  [site.destination.meta]
  pixel_id = "123"
  access_token = "token"
  base_url = "${receivers.url}"
  [site.destination.posthog]
  api_key = "phc_crash"
  base_url = "${receivers.url}"
`);
const { base, sql } = server;

// --- load ------------------------------------------------------------------------------------------
const acknowledged = { events: new Set(), orders: new Set(), webhooks: new Set() };
let running = true;
let next = 0;
// A visitor's session id is what the answer gave; orders of a few visitors carry it.
const sessions = [];

async function sendEvent() {
  const number = ++next;
  const body = JSON.stringify({
    v: 1, site: "demo", key: "wk_demo", rv: 0, sent: Date.now(), pn: crypto.randomBytes(16).toString("hex"),
    e: [{ n: "page_view", seq: 1, t: Date.now(), c: { s: 1, m: 1 }, p: { number },
          ev: { u: `https://shop.example/?utm_source=google&utm_medium=cpc&utm_campaign=c${number % 7}&gclid=G${number}`, r: "https://www.google.com/", ti: "Home" } }],
  });
  const answer = await fetch(`${base}/api/events`, { method: "POST", body, headers: { "content-type": "text/plain", origin: "https://shop.example", "user-agent": userAgent } });
  const json = await answer.json();
  if (answer.status === 202 && json.accepted + json.duplicate === 1) {
    acknowledged.events.add(number);
    if (sessions.length < 5000) sessions.push({ anonymous_id: json.anonymous_id, session_id: json.session_id });
  } else throw new Error(`unexpected answer ${answer.status}: ${JSON.stringify(json)}`);
}

function stripeEvents(number) {
  const visitor = sessions[number % sessions.length];
  const metadata = { ...visitor, checkout_started_at: String(Date.now()) };
  const created = Math.floor(Date.now() / 1000);
  const envelope = (kind, type, object) => ({ id: `evt_${kind}_${number}`, object: "event", api_version: "2025-03-31.basil", created, livemode: true, pending_webhooks: 1, request: { id: null, idempotency_key: null }, type, data: { object } });
  const session = envelope("cs", "checkout.session.completed", {
    id: `cs_live_${number}`, object: "checkout.session", mode: "payment", payment_status: "paid", status: "complete",
    amount_total: 2500, currency: "eur", payment_intent: `pi_${number}`, created, livemode: true, metadata,
    customer_details: { email: `donor${number}@shop.example`, name: "Donor", phone: null, address: { country: "CZ" } },
  });
  const intent = envelope("pi", "payment_intent.succeeded", {
    id: `pi_${number}`, object: "payment_intent", amount: 2500, amount_received: 2500, currency: "eur", created, livemode: true, metadata, latest_charge: `ch_${number}`, status: "succeeded",
  });
  return Math.random() < 0.5 ? [session, intent, session] : [intent, session, intent];
}

async function sendOrder() {
  if (sessions.length === 0) return pause(10);  // a stranger's order is withheld from destinations
  const number = ++next;
  const events = stripeEvents(number);
  let kept = 0;
  for (const event of events) {
    const body = JSON.stringify(event, null, 2);
    const t = Math.floor(Date.now() / 1000);
    const signature = crypto.createHmac("sha256", webhookSecret).update(`${t}.${body}`).digest("hex");
    // Like Stripe: repeated until answered 2xx.
    for (;;) {
      try {
        const answer = await fetch(`${base}/api/webhook/stripe/demo`, { method: "POST", body, headers: { "stripe-signature": `t=${t},v1=${signature}`, "content-type": "application/json" } });
        if (answer.ok) { kept += 1; acknowledged.webhooks.add(event.id); break; }
        if (answer.status !== 503) throw Object.assign(new Error(`webhook answered ${answer.status}: ${await answer.text()}`), { fatal: true });
      } catch (error) {
        if (error.fatal) throw error;
        if (!running) return;
        await pause(20);
      }
    }
  }
  if (kept === events.length) acknowledged.orders.add(`pi_${number}`);
}

let fatal;
async function worker(job) {
  while (running && !fatal) {
    try { await job(); } catch (error) {
      // A cut connection is what this test is about: the event may or may not be kept.
      if (error.cause || error.name === "TypeError" || error.name === "SyntaxError") await pause(5);
      else fatal = error;
    }
  }
}

await server.start();
const workers = [...Array(12)].map(() => worker(sendEvent)).concat([...Array(4)].map(() => worker(sendOrder)));
for (let kill = 0; kill < kills && !fatal; ++kill) {
  await pause(150 + Math.random() * 450);
  await server.kill();
  await server.start();
}
await pause(300);
running = false;
await Promise.all(workers);
if (fatal) { console.error(fatal); await server.kill(); process.exit(1); }

// --- what must be true -----------------------------------------------------------------------------
const problems = [];
const expect = (condition, sentence) => { if (!condition) problems.push(sentence); };

// Deliveries: wait until nothing is due. A repeat waits for its lease, then for its back-off: an unlucky one of
// five attempts for some minutes.
const due = () => sql("SELECT count(*) AS n, max(next_attempt_ms) AS last_ms FROM delivery WHERE state IN (0, 1, 3)")[0];
let left = due();
for (let second = 0; left.n > 0 && second < 400 && (second < 90 || Date.now() < left.last_ms + 60_000); ++second) {
  await pause(1000);
  left = due();
}

const stored = new Map();
for (const row of sql("SELECT json_extract(props, '$.number') AS number FROM event WHERE name = 'page_view'"))
  stored.set(row.number, (stored.get(row.number) ?? 0) + 1);
for (const number of acknowledged.events) expect(stored.has(number), `acknowledged event ${number} is lost`);
for (const [number, times] of stored) expect(times === 1, `event ${number} is stored ${times} times`);

const inbox = new Set(sql("SELECT event_key FROM webhook_inbox").map((row) => row.event_key));
for (const key of acknowledged.webhooks) expect(inbox.has(key), `acknowledged webhook ${key} is lost`);

// Every order was sent until it was acknowledged, so each is there with all its rows.
const numberOf = (orderId) => Number(orderId.match(/_(\d+)$/)?.[1]);
const orders = sql("SELECT order_id, amount_minor, currency, state FROM orders");
const orderIds = new Set(orders.map((row) => row.order_id));
for (const id of acknowledged.orders) expect(orderIds.has(id), `acknowledged order ${id} is lost`);
for (const row of orders) {
  expect(row.amount_minor === 2500 && row.currency === "EUR", `order ${row.order_id} has ${row.amount_minor} ${row.currency}`);
  expect(row.order_id.startsWith("pi_"), `order ${row.order_id} was not joined to its payment intent`);
}
const models = sql("SELECT count(DISTINCT model) AS n FROM credit")[0].n;
const perOrder = {
  orders: [1, "SELECT order_id FROM orders"],
  order_change: [2, "SELECT order_id FROM order_change"],
  webhook_inbox: [2, "SELECT substr(event_key, 5) AS order_id FROM webhook_inbox"],
  conversion: [1, "SELECT order_id FROM conversion WHERE kind = 'purchase'"],
  credit: [models, "SELECT DISTINCT c.order_id, x.model FROM credit x JOIN conversion c ON c.site_id = x.site_id AND c.id = x.conversion_id"],
  "delivery to Meta": [1, "SELECT c.order_id FROM delivery d JOIN conversion c ON c.site_id = d.site_id AND c.id = d.event_id WHERE d.destination = 'meta'"],
  "delivery to PostHog": [1, "SELECT c.order_id FROM delivery d JOIN conversion c ON c.site_id = d.site_id AND c.id = d.event_id WHERE d.destination = 'posthog'"],
};
for (const [table, [wanted, query]] of Object.entries(perOrder)) {
  const rows = new Map(orders.map((row) => [numberOf(row.order_id), 0]));
  for (const row of sql(query)) rows.set(numberOf(row.order_id), (rows.get(numberOf(row.order_id)) ?? 0) + 1);
  for (const [number, count] of rows) expect(count === wanted, `order ${number} has ${count} rows of ${table} instead of ${wanted}`);
}
const credited = sql("SELECT hex(conversion_id) AS id, model, sum(value_minor) AS value, sum(conversions_micro) AS micro FROM credit GROUP BY conversion_id, model");
for (const row of credited) expect(row.value === 2500 && row.micro === 1000000, `credits of ${row.id} under ${row.model} sum to ${row.value} / ${row.micro}`);

// Deliveries: all arrived, none that the store does not know, each thing under one id.
expect(left.n === 0, `${left.n} deliveries are still due, though their last back-off is over`);
for (const row of sql("SELECT destination, event_name, state, last_error, count(*) AS n FROM delivery WHERE state <> 2 GROUP BY 1, 2, 3, 4"))
  problems.push(`${row.n} deliveries of ${row.event_name} to ${row.destination} are in state ${row.state}: ${row.last_error}`);
const uuid = (hex) => hex.toLowerCase().replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
const delivered = sql("SELECT destination, lower(hex(event_id)) AS id FROM delivery WHERE state = 2");
expect(delivered.length === 2 * (stored.size + orders.length), `${delivered.length} deliveries of ${stored.size} events and ${orders.length} orders to two destinations`);
const kept = new Set(delivered.map((row) => `${row.destination} ${uuid(row.id)}`));
for (const key of kept) {
  const [destination, id] = key.split(" ");
  expect(receivers.arrived[destination]?.has(id), `${destination} never got ${id}`);
}
for (const destination of ["meta", "posthog"]) {
  for (const id of receivers.arrived[destination].keys())
    expect(kept.has(`${destination} ${id}`), `${destination} got ${id}, which the store does not have`);
  expect(receivers.ids[destination].size === receivers.arrived[destination].size, `${destination} got ${receivers.arrived[destination].size} ids of ${receivers.ids[destination].size} visits and orders`);
}
for (const row of receivers.differing) problems.push(`${row.destination} got ${row.id} with two bodies:\n  ${row.first}\n  ${row.then}`);
for (const row of receivers.renamed) problems.push(`${row.destination} got ${row.subject} under two ids: ${row.first} and ${row.then}`);
const repeated = ["meta", "posthog"].map((name) => [...receivers.arrived[name].values()].filter((entry) => entry.times > 1).length);

problems.push(...await server.verdict());
await receivers.stop();

// A run that hardly sent anything proves nothing.
const least = { events: 10 * kills, orders: 2 * kills, "repeated deliveries": Math.ceil(kills / 3) };
const done = { events: acknowledged.events.size, orders: acknowledged.orders.size, "repeated deliveries": repeated[0] + repeated[1] };
for (const [what, floor] of Object.entries(least)) expect(done[what] >= floor, `only ${done[what]} ${what} under ${kills} kills; at least ${floor} are needed`);

console.log(`${kills} kills; ${acknowledged.events.size} events and ${acknowledged.webhooks.size} webhooks acknowledged, ${stored.size} events and ${orders.length} orders stored`);
console.log(`${delivered.length} deliveries; repeated with the same body: meta ${repeated[0]}, posthog ${repeated[1]}`);
conclude(problems, server);
