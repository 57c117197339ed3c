// SPDX-License-Identifier: Apache-2.0
// posthog-node tells the same purchase to a loopback server; field by field our request must say the
// same, and every difference is one that is listed here with its reason.
import assert from "node:assert/strict";
import { test } from "node:test";
import { PostHog } from "posthog-node";
import { captureServer } from "./capture_server.mjs";
import { deliveryLines } from "./delivery_lines.mjs";

const facts = {
  event_name: "purchase", event_id: "019b7c1e-5f00-7abc-8def-0123456789ab", occurred_ms: 1767323045678,
  anonymous_id: "019b7c1d-0000-7000-8000-00000000000a", session_id: "019b7c1d-0000-7000-8000-000000000001",
  url: "https://shop.example/thanks?a=1", order_id: "o-1001", amount_minor: 4990, currency: "EUR",
};

test("our request is posthog-node's, but for what we leave out on purpose", async (t) => {
  const server = await captureServer({ status: "Ok" });
  t.after(() => server.close());
  const client = new PostHog("phc_x", { host: server.url, flushAt: 1, disableGeoip: true });
  client.capture({
    distinctId: facts.anonymous_id, event: "purchase", uuid: facts.event_id, timestamp: new Date(facts.occurred_ms),
    properties: {
      $session_id: facts.session_id, $current_url: facts.url, $host: "shop.example", $pathname: "/thanks",
      revenue: 49.9, revenue_minor: 4990, currency: "EUR", order_id: "o-1001",
    },
  });
  await client.shutdown();

  const theirs = server.requests.find((request) => request.path.startsWith("/batch"));
  const ours = deliveryLines("requests", [facts])[0].posthog;
  assert.equal(ours.method, theirs.method);
  assert.equal(new URL(ours.url).pathname, theirs.path);
  assert.equal(ours.headers["Content-Type"], theirs.headers["content-type"]);
  assert.equal(ours.body.api_key, theirs.body.api_key);
  // sent_at would make PostHog shift each event by our clock's error.
  assert.deepEqual(Object.keys(theirs.body).filter((key) => !(key in ours.body)), ["sent_at"]);

  const [mine] = ours.body.batch;
  const [yours] = theirs.body.batch;
  for (const key of ["event", "distinct_id", "uuid", "timestamp"]) assert.equal(mine[key], yours[key], key);
  const differing = new Set(["$lib", "$lib_version", "$is_server"]);  // who speaks
  for (const [key, value] of Object.entries(yours.properties)) {
    if (differing.has(key)) continue;
    assert.deepEqual(mine.properties[key], value, key);
  }
  assert.equal(mine.properties.$lib, "throughline");
  assert.equal(mine.properties.$geoip_disable, true);
  assert.deepEqual(Object.keys(mine.properties).filter((key) => !(key in yours.properties)), []);
});
