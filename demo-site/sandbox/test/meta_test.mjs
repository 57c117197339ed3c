// SPDX-License-Identifier: Apache-2.0
// The Meta stand-in against the official facebook-nodejs-business-sdk, and against what it must refuse.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before, test } from "node:test";
import bizSdk from "facebook-nodejs-business-sdk";
import { startSandbox } from "../server.mjs";

const { CustomData, EventRequest, ServerEvent, UserData } = bizSdk;
const hash = (text) => createHash("sha256").update(text).digest("hex");
const now = () => Math.floor(Date.now() / 1000);
let sandbox;

before(async () => { sandbox = await startSandbox(); });
after(() => sandbox.close());

function event(change = {}) {
  return {
    event_name: "Purchase", event_time: now(), event_id: crypto.randomUUID(), action_source: "website", event_source_url: "https://shop.test/thanks",
    user_data: { em: [hash("sea@keeper.test")], client_ip_address: "198.51.100.9", client_user_agent: "UA" },
    custom_data: { value: 25, currency: "EUR", order_id: "o-1" }, ...change,
  };
}

async function post(data, { token = "EAAsandbox", path = "/v25.0/1234567890/events" } = {}) {
  const reply = await fetch(sandbox.url + path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ data, access_token: token }) });
  return { status: reply.status, body: await reply.json() };
}

// The official package builds and normalises; only the host is the sandbox's.
class ToSandbox {
  async executeRequest(url, method, headers, params) {
    const target = new URL(url);
    const reply = await fetch(`${sandbox.url}${target.pathname}`, { method, headers: { "content-type": "application/json" }, body: JSON.stringify(params) });
    return reply.json();
  }
}

test("a purchase built by the official package is taken", async () => {
  const user = new UserData().setEmail(" Sea@Keeper.test ").setPhone("+420 601 123 456").setClientIpAddress("198.51.100.9").setClientUserAgent("UA").setFbc("fb.1.1767000000000.IwXyz");
  const built = new ServerEvent().setEventName("Purchase").setEventTime(now()).setEventId("sdk-1").setActionSource("website").setEventSourceUrl("https://shop.test/")
    .setUserData(user).setCustomData(new CustomData().setCurrency("eur").setValue(25));
  const request = new EventRequest("EAAsandbox", "1234567890").setEvents([built]);
  request.setHttpService(new ToSandbox());

  const answer = await request.execute();

  assert.equal(answer.events_received, 1);
  const { event: got } = sandbox.received().meta.accepted.find((record) => record.event.event_id === "sdk-1");
  assert.deepEqual(got.user_data.em, [hash("sea@keeper.test")]);
});

test("the same name and id within 48 hours is counted once", async () => {
  const one = event();
  await post([one]);
  const again = await post([one]);
  assert.equal(again.status, 200);
  const { accepted, duplicates } = sandbox.received().meta;
  assert.equal(accepted.filter((record) => record.event.event_id === one.event_id).length, 1);
  assert.equal(duplicates.filter((record) => record.event.event_id === one.event_id).length, 1);
  await post([{ ...one, event_name: "Lead" }]);
  assert.equal(sandbox.received().meta.accepted.filter((record) => record.event.event_id === one.event_id).length, 2);
});

test("each unfit event is refused, and takes its whole batch with it", async () => {
  const userData = (change) => ({ user_data: { ...event().user_data, ...change } });
  const cases = [
    ["no name", { event_name: undefined }, undefined],
    ["no time", { event_time: undefined }, undefined],
    ["time in milliseconds", { event_time: Date.now() }, undefined],
    ["eight days old", { event_time: now() - 8 * 86400 }, 2804003],
    ["no action source", { action_source: undefined }, undefined],
    ["no page URL", { event_source_url: undefined }, 2804004],
    ["no user agent", userData({ client_user_agent: undefined }), 2804004],
    ["e-mail in the clear", userData({ em: ["sea@keeper.test"] }), 2804019],
    ["upper-case hash", userData({ em: [hash("x").toUpperCase()] }), 2804019],
    ["null in a list", userData({ ge: [null] }), 2804019],
    ["unknown key", userData({ email: hash("x") }), undefined],
    ["nothing to match by", { user_data: { client_user_agent: "UA", country: [hash("cz")] } }, 2804050],
    ["malformed fbc", userData({ fbc: "IwXyz" }), 2804016],
    ["no currency", { custom_data: { value: 25 } }, 2804001],
    ["no value", { custom_data: { currency: "EUR" } }, 2804001],
    ["value as text", { custom_data: { currency: "EUR", value: "25" } }, 2804007],
  ];
  const before = sandbox.received().meta.accepted.length;
  for (const [name, change, subcode] of cases) {
    const { status, body } = await post([event(), event(change)]);
    assert.equal(status, 400, name);
    assert.equal(body.error.code, 100, name);
    assert.equal(body.error.error_subcode, subcode, name);
    assert.ok(body.error.fbtrace_id, name);
  }
  assert.equal(sandbox.received().meta.accepted.length, before);
});

test("tokens, pixels, versions and batch sizes are checked", async () => {
  assert.equal((await post([event()], { token: "EAAother" })).body.error.code, 190);
  assert.equal((await post([event()], { path: "/v25.0/999/events" })).body.error.error_subcode, 33);
  assert.equal((await post([event()], { path: "/1234567890/events" })).status, 400);
  assert.equal((await post([])).status, 400);
  assert.equal((await post(Array.from({ length: 1001 }, () => event()))).status, 400);
  assert.equal((await post(Array.from({ length: 100 }, () => event()))).body.events_received, 100);
});

test("the switch fails as Meta fails and then works again", async () => {
  const set = (mode, count) => fetch(`${sandbox.url}/control`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ target: "meta", mode, count }) });
  await set("500", 1);
  assert.deepEqual([(await post([event()])).status, (await post([event()])).status], [500, 200]);
  await set("429", 1);
  assert.equal((await post([event()])).body.error.code, 4);
  await set("lost", 1);
  const kept = event();
  await assert.rejects(post([kept]));
  await post([kept]);
  assert.equal(sandbox.received().meta.accepted.filter((record) => record.event.event_id === kept.event_id).length, 1);
  assert.equal((await set("sideways")).status, 400);
});
