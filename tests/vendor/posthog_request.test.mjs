// SPDX-License-Identifier: Apache-2.0
// posthog-node tells the same to a loopback server; our request must say the same, and every difference is
// one that is listed here with its reason.
import assert from "node:assert/strict";
import { test } from "node:test";
import { PostHog } from "posthog-node";
import { captureServer } from "./capture_server.mjs";
import { deliveryLines } from "./delivery_lines.mjs";

const browser = "019b7c1d-0000-7000-8000-00000000000a";
const visit = {
  event_id: "019b7c1e-5f00-7abc-8def-0123456789ab", occurred_ms: 1767323045678,
  anonymous_id: browser, session_id: "019b7c1d-0000-7000-8000-000000000001",
};
const sale = { url: "https://shop.example/thanks?a=1", order_id: "o-1001", amount_minor: 4990, currency: "EUR" };

// Who said it to posthog-node: the call that a site's own server would make of the facts.
const call = (event, properties) => ({
  distinctId: browser, event, uuid: visit.event_id, timestamp: new Date(visit.occurred_ms), properties: { $session_id: visit.session_id, ...properties },
});
const thanks = { $current_url: "https://shop.example/thanks?a=1", $host: "shop.example", $pathname: "/thanks" };
const purchase = { ...thanks, revenue: 49.9, revenue_minor: 4990, currency: "EUR", order_id: "o-1001" };

async function theirRequest(t, tell) {
  const server = await captureServer({ status: "Ok" });
  t.after(() => server.close());
  const client = new PostHog("phc_x", { host: server.url, flushAt: 20, disableGeoip: true });
  tell(client);
  await client.shutdown();
  return server.requests.find((request) => request.path.startsWith("/batch"));
}
const ourRequest = (facts) => deliveryLines("requests", [facts])[0].posthog;

// An event without the names of who speaks.
function said({ properties: { $lib, $lib_version, $is_server, ...properties }, ...event }) {
  if (event.event !== "$identify") return { ...event, properties };
  // The client draws an identification's id and time, where ours are made of the sale's, so that a repeat
  // merges; and it sends empty sets.
  const { uuid, timestamp, ...identification } = event;
  const { $set = {}, $set_once = {}, ...ids } = properties;
  return { ...identification, properties: { $set, $set_once, ...ids } };
}

async function assertSame(t, facts, tell) {
  const ours = ourRequest(facts);
  const theirs = await theirRequest(t, tell);
  assert.equal(ours.method, theirs.method);
  assert.equal(new URL(ours.url).pathname, theirs.path);
  assert.equal(ours.headers["Content-Type"], theirs.headers["content-type"]);
  // sent_at would make PostHog shift each event by our clock's error.
  const { sent_at, batch, ...envelope } = theirs.body;
  assert.match(sent_at, /Z$/);
  assert.deepEqual({ ...ours.body, batch: ours.body.batch.map(said) }, { ...envelope, batch: batch.map(said) });
  for (const { properties } of ours.body.batch) assert.equal(properties.$lib, "throughline");
}

test("a purchase", async (t) => {
  await assertSame(t, { ...visit, ...sale, event_name: "purchase" }, (client) => client.capture(call("purchase", purchase)));
});

test("a refund is told by what was refunded", async (t) => {
  await assertSame(t, { ...visit, ...sale, event_name: "refund", refunded_minor: 990 },
    (client) => client.capture(call("refund", { ...purchase, revenue: 9.9, revenue_minor: 990 })));
});

test("a page view, with where its visitor came from now and first of all", async (t) => {
  const letter = "https://shop.example/film?utm_source=letter&utm_medium=email&utm_campaign=autumn&utm_content=top&utm_term=whales";
  const facts = {
    ...visit, event_name: "page_view", url: letter, title: "The Long Light",
    first_touch: { u: "https://shop.example:8443/?utm_source=facebook&utm_medium=paid_social&fbclid=IwAR_Xyz", r: "https://l.facebook.com/x", channel: "paid_social" },
    last_touch: { u: letter, channel: "email" },
  };
  await assertSame(t, facts, (client) => client.capture(call("$pageview", {
    $current_url: letter, $host: "shop.example", $pathname: "/film", title: "The Long Light",
    $referrer: "$direct", $referring_domain: "$direct",
    utm_source: "letter", utm_medium: "email", utm_campaign: "autumn", utm_content: "top", utm_term: "whales", tl_channel: "email",
    $set_once: {
      $initial_utm_source: "facebook", $initial_utm_medium: "paid_social", $initial_fbclid: "IwAR_Xyz",
      $initial_referrer: "https://l.facebook.com/x", $initial_referring_domain: "l.facebook.com",
      $initial_current_url: "https://shop.example:8443/?utm_source=facebook&utm_medium=paid_social&fbclid=IwAR_Xyz",
      $initial_host: "shop.example:8443", $initial_pathname: "/", tl_first_channel: "paid_social",
    },
  })));
});

test("a sale to somebody with a user id, whose browser becomes that person", async (t) => {
  const facts = { ...visit, ...sale, event_name: "purchase", user_id: "user-7" };
  await assertSame(t, facts, (client) => {
    client.identify({ distinctId: "user-7", properties: { $anon_distinct_id: browser } });
    client.capture(call("purchase", { ...purchase, $set: { user_id: "user-7" } }));
  });
  const [identification, sold] = ourRequest(facts).body.batch;
  assert.equal(identification.timestamp, sold.timestamp);
});
