// SPDX-License-Identifier: Apache-2.0
// The sandbox's own pages: what buyers and shops type is text, foreign forms press no buttons, and the
// switches explain themselves.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { TARGETS } from "../failure_switch.mjs";
import { startSandbox } from "../server.mjs";

let sandbox;
before(async () => { sandbox = await startSandbox({ shop: "http://127.0.0.1:9", stripe: { copies: 1 } }); });
after(() => sandbox.close());

async function openCheckout() {
  const body = new URLSearchParams({
    mode: "payment", success_url: "http://shop.test/thanks", "line_items[0][quantity]": "1", "line_items[0][price_data][currency]": "eur",
    "line_items[0][price_data][unit_amount]": "2500", "line_items[0][price_data][product_data][name]": "<script>alert(1)</script>",
    "metadata[session_id]": "\"><img src=x>",
  });
  const reply = await fetch(`${sandbox.url}/v1/checkout/sessions`, { method: "POST", headers: { authorization: "Bearer sk_live_sandbox" }, body });
  return reply.json();
}

const openElsewhere = async () => (await fetch(`${sandbox.url}/checkout/paypal`, { method: "POST", body: JSON.stringify({ custom_id: "<img src=x>", order: { amount_minor: 2500, currency: "EUR", name: "<script>alert(1)</script>", success_url: "http://shop.test/" } }) })).json();

test("markup in names, metadata and addresses stays text on every page", async () => {
  const session = await openCheckout();
  const form = new URLSearchParams({ email: '"><b>@x.test', name: "<b>", card: "1", country: "<i>" });
  const pages = [await fetch(session.url), await fetch(session.url, { method: "POST", body: form })];
  await fetch(session.url, { method: "POST", body: new URLSearchParams({ email: "<b>@x.test", name: "<b>", card: "4242424242424242" }), redirect: "manual" });
  const other = await openElsewhere();
  pages.push(await fetch(other.url), await fetch(other.url, { method: "POST", body: form }));
  pages.push(await fetch(`${sandbox.url}/payments`), await fetch(`${sandbox.url}/`));
  for (const page of pages) {
    const html = await page.text();
    assert.doesNotMatch(html, /<script>alert|<img src=x>|<b>@x|value="<b>/);
    assert.match(page.headers.get("content-security-policy"), /default-src 'none'/);
  }
});

test("a form of another origin neither refunds nor switches", async () => {
  const session = await openCheckout();
  const headers = { origin: "http://elsewhere.test" };
  const other = await openElsewhere();
  for (const path of [`/payments/${session.id}/refund`, `/payments/${other.id}/refund`, "/control", `/c/pay/${session.id}`, `/checkout/${other.id}`]) {
    const reply = await fetch(sandbox.url + path, { method: "POST", headers, body: new URLSearchParams({ target: "meta", mode: "500" }) });
    assert.equal(reply.status, 403, path);
  }
  assert.equal(sandbox.switches.state().meta.mode, "ok");
});

test("a wrong switch setting says what is right", async () => {
  const set = async (value) => {
    const reply = await fetch(`${sandbox.url}/control`, { method: "POST", headers: { "content-type": "application/json" }, body: typeof value === "string" ? value : JSON.stringify(value) });
    return [reply.status, (await reply.json()).error];
  };
  assert.deepEqual(await set({ target: "moon", mode: "ok" }), [400, `target must be one of ${TARGETS.join(", ")}`]);
  assert.match((await set({ target: "meta", mode: "500", count: 0 }))[1], /positive whole number/);
  assert.match((await set({ target: "whop_webhook", mode: "partial" }))[1], /^mode must be one of ok, 500/);
  assert.match((await set({ target: "stripe_webhook", settings: { speed: 1 } }))[1], /settings are copies/);
  assert.equal((await set("{"))[0], 400);
});

test("unknown paths and unknown payments are 404", async () => {
  assert.equal((await fetch(`${sandbox.url}/nowhere`)).status, 404);
  for (const path of ["/c/pay/cs_live_none", "/checkout/nobody", "/checkout/whop-nothing"]) assert.equal((await fetch(sandbox.url + path)).status, 404, path);
  assert.equal((await fetch(`${sandbox.url}/assets/../package.json`)).status, 404);
});
