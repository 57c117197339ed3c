// SPDX-License-Identifier: Apache-2.0
// The PostHog stand-in against the official posthog-node, and against what it must refuse or flag.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { gzipSync } from "node:zlib";
import { PostHog } from "posthog-node";
import { startSandbox } from "../server.mjs";

const uuid7 = (ms) => `${ms.toString(16).padStart(12, "0").replace(/^(.{8})(.{4})$/, "$1-$2")}-7abc-8def-0123456789ab`;
let sandbox;

before(async () => { sandbox = await startSandbox(); });
after(() => sandbox.close());

const event = (change = {}) => ({
  event: "purchase", distinct_id: "u1", uuid: crypto.randomUUID(), timestamp: new Date().toISOString(), properties: { revenue: 25 }, ...change,
});

function post(body, { path = "/batch/", headers = {} } = {}) {
  const payload = body instanceof Uint8Array ? body : JSON.stringify(body);
  return fetch(sandbox.url + path, { method: "POST", headers: { "content-type": "application/json", ...headers }, body: payload });
}
const batch = (events, key = "phc_sandbox") => ({ api_key: key, batch: events });
const recordOf = (uuid) => sandbox.received().posthog.accepted.find((record) => record.event.uuid === uuid);

test("posthog-node's own requests are taken, gzip and all", async () => {
  const client = new PostHog("phc_sandbox", { host: sandbox.url, flushAt: 1, flushInterval: 0 });
  const session = uuid7(Date.now() - 60_000);
  client.capture({ distinctId: "visitor-1", event: "purchase", uuid: "019b7c1e-5f00-7abc-8def-0123456789ab", properties: { $session_id: session, revenue: 25 } });
  await client.shutdown();
  const record = recordOf("019b7c1e-5f00-7abc-8def-0123456789ab");
  assert.equal(record.event.properties.$session_id, session);
  assert.deepEqual(record.warnings, []);
  assert.ok(sandbox.received().posthog.gzip_requests >= 1);
});

test("gzip is known by its magic bytes, without a header", async () => {
  const one = event();
  const reply = await post(gzipSync(JSON.stringify(batch([one]))), { path: "/e/", headers: { "content-type": "text/plain" } });
  assert.deepEqual(await reply.json(), { status: "Ok" });
  assert.ok(recordOf(one.uuid));
});

test("the same day, name, distinct_id and uuid is one event", async () => {
  const one = event();
  await post(batch([one]));
  await post(batch([one, { ...one, distinct_id: "u2" }]));
  const { accepted, duplicates } = sandbox.received().posthog;
  assert.equal(accepted.filter((record) => record.event.uuid === one.uuid).length, 2);
  assert.equal(duplicates.filter((record) => record.event.uuid === one.uuid).length, 1);
});

test("keys, names and ids are checked for the request as a whole", async () => {
  const good = event();
  const cases = [
    [batch([good], "phc_other"), 401], [{ batch: [good] }, 401], [batch([{ ...good, api_key: "phc_other" }]), 401],
    [batch([]), 400], [batch([good, event({ event: "" })]), 400], [batch([good, event({ distinct_id: "" })]), 400],
    [batch([event({ distinct_id: undefined, properties: { distinct_id: "u9" } })]), 200],
  ];
  for (const [body, status] of cases) assert.equal((await post(body)).status, status, JSON.stringify(body).slice(0, 90));
  assert.equal((await post(new TextEncoder().encode("{not json"))).status, 400);
  assert.equal(recordOf(good.uuid), undefined);
});

test("an invalid uuid is answered 200 and dropped", async () => {
  const before = sandbox.received().posthog.dropped.length;
  assert.equal((await post(batch([event({ uuid: "order-17" })]))).status, 200);
  assert.equal(sandbox.received().posthog.dropped.length, before + 1);
});

test("what PostHog would silently change is flagged", async () => {
  const now = Date.now();
  const cases = [
    [{ timestamp: now }, /not ISO 8601/], [{ timestamp: undefined }, /no timestamp/], [{ distinct_id: "undefined" }, /nobody/],
    [{ properties: { $session_id: crypto.randomUUID() } }, /not a UUIDv7/],
    [{ properties: { $session_id: uuid7(now + 60_000) } }, /begins after/],
    [{ properties: { $session_id: uuid7(now - 25 * 3_600_000) } }, /more than 24 h/],
  ];
  for (const [change, expected] of cases) {
    const one = event(change);
    await post(batch([one]));
    assert.match(recordOf(one.uuid).warnings.join(), expected);
  }
});
