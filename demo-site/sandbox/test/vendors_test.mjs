// SPDX-License-Identifier: Apache-2.0
// The destinations that are rules: what each refuses, in its own words, and how it fails on demand.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before, test } from "node:test";
import { startSandbox } from "../server.mjs";
import { VENDORS } from "../vendors/index.mjs";

const hash = (text) => createHash("sha256").update(text).digest("hex");
const seconds = () => Math.floor(Date.now() / 1000);
let sandbox;
before(async () => { sandbox = await startSandbox(); });
after(() => sandbox.close());

async function post(path, body, headers = {}) {
  const reply = await fetch(sandbox.url + path, { method: "POST", headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(body) });
  const text = await reply.text();
  return { status: reply.status, body: text ? JSON.parse(text) : null, headers: reply.headers };
}
const tiktokEvent = (change = {}) => ({ event: "Purchase", event_time: seconds(), event_id: crypto.randomUUID(), user: { email: hash("a@b.example") }, properties: { value: 1, currency: "EUR" }, ...change });
const tiktok = (data, token = "tiktok-sandbox") => post("/open_api/v1.3/event/track/", { event_source: "web", event_source_id: "CSANDBOX", data }, { "access-token": token });
const pin = (data) => post("/v5/ad_accounts/549000/events", { data }, { authorization: "Bearer pina_sandbox" });
const pinEvent = (change = {}) => ({ event_name: "checkout", action_source: "web", event_time: seconds(), event_id: crypto.randomUUID(), opt_out: false, user_data: { em: [hash("a@b.example")] }, ...change });

test("TikTok answers 200 with a code, and counts one id once", async () => {
  const one = tiktokEvent();
  assert.equal((await tiktok([one])).body.code, 0);
  assert.equal((await tiktok([one])).body.code, 0);
  assert.equal(sandbox.received().tiktok.duplicates.length, 1);
  const cases = [[tiktokEvent({ event_time: Date.now() }), 40002], [tiktokEvent({ user: { email: "a@b.example" } }), 40002], [tiktokEvent({ properties: { value: 1 } }), 40002], [tiktokEvent({ event_time: seconds() - 8 * 86400 }), 40002]];
  for (const [event, code] of cases) assert.equal((await tiktok([event])).body.code, code);
  assert.equal((await tiktok([tiktokEvent(), tiktokEvent({ event_id: "" })])).body.code, 20001);
  const wrong = await tiktok([tiktokEvent()], "other");
  assert.deepEqual([wrong.status, wrong.body.code], [200, 40105]);
});

test("Pinterest judges event by event and knows no other fields", async () => {
  const mixed = await pin([pinEvent(), pinEvent({ surprise: 1 })]);
  assert.equal(mixed.status, 422);
  assert.deepEqual(mixed.body.events.map((event) => event.status), ["processed", "failed"]);
  for (const change of [{ custom_data: { value: 1 } }, { opt_out: undefined }, { user_data: {} }, { event_name: "Purchase" }, { partner_name: "throughline" }]) assert.equal((await pin([pinEvent(change)])).status, 422, JSON.stringify(change));
});

test("LinkedIn and Google name the bad ones and take none", async () => {
  const element = (change = {}) => ({ conversion: "urn:lla:llaPartnerConversion:104012", conversionHappenedAt: Date.now(), eventId: crypto.randomUUID(), user: { userIds: [{ idType: "SHA256_EMAIL", idValue: hash("a") }] }, ...change });
  const headers = { authorization: "Bearer linkedin-sandbox", "linkedin-version": "202603", "x-restli-protocol-version": "2.0.0", "x-restli-method": "BATCH_CREATE" };
  const linkedin = await post("/rest/conversionEvents", { elements: [element(), element({ conversion: "urn:x" })] }, headers);
  assert.deepEqual([linkedin.status, /index: 1/.test(linkedin.body.message)], [422, true]);
  assert.equal((await post("/rest/conversionEvents", { elements: [element()] }, { ...headers, "linkedin-version": "202401" })).status, 426);
  assert.equal(sandbox.received().linkedin.accepted.length, 0);

  const event = (change = {}) => ({ destinationReferences: ["purchase"], eventTimestamp: new Date().toISOString(), transactionId: crypto.randomUUID(), adIdentifiers: { gclid: "x" }, consent: { adUserData: "CONSENT_GRANTED", adPersonalization: "CONSENT_GRANTED" }, ...change });
  const destinations = [{ reference: "purchase", operatingAccount: { accountType: "GOOGLE_ADS", accountId: "1234567890" }, productDestinationId: "987654321" }];
  const ingest = (events, token = "ya29.sandbox") => post("/v1/events:ingest", { destinations, encoding: "HEX", events }, { authorization: `Bearer ${token}` });
  assert.equal((await ingest([event()], "old")).status, 401);
  const google = await ingest([event(), event({ adIdentifiers: undefined })]);
  assert.equal(google.body.error.details[0].fieldViolations[0].field, "events.events[1]");
  assert.equal(sandbox.received().google_ads.accepted.length, 0);
  assert.match((await ingest([event()])).body.requestId, /^sandbox-/);

  const asked = { authorization: "Bearer ya29.sandbox" };
  const result = async (id) => {
    const reply = await fetch(`${sandbox.url}/v1/requestStatus:retrieve?requestId=${id}`, { headers: asked });
    return { status: reply.status, body: await reply.json() };
  };
  sandbox.switches.set({ target: "google_ads", mode: "partial", count: 1 });
  const [bad, good] = [event({ conversionValue: 10, currency: "EUR" }), event({ conversionValue: 10, currency: "EUR" })];
  const { requestId } = (await ingest([bad, good])).body;
  assert.equal((await result(requestId)).body.requestStatusPerDestination[0].requestStatus, "PROCESSING");
  const [judged] = (await result(requestId)).body.requestStatusPerDestination;
  assert.deepEqual([judged.requestStatus, judged.errorInfo.errorCounts], ["PARTIAL_SUCCESS", [{ recordCount: "1", reason: "PROCESSING_ERROR_REASON_INVALID_GCLID" }]]);
  const alone = (await ingest([bad])).body.requestId;
  await result(alone);
  assert.equal((await result(alone)).body.requestStatusPerDestination[0].requestStatus, "FAILED");
  assert.equal((await result("nobody")).status, 404);

  await ingest([good]);
  await ingest([{ ...good, conversionValue: 4 }]);
  const kept = sandbox.received().google_ads;
  assert.deepEqual([kept.accepted.length, kept.duplicates.length, kept.restated.length], [2, 1, 1]);
});

test("Analytics answers 204 to everything and says the truth to the validator alone", async () => {
  const body = (params) => ({ client_id: "1.2", timestamp_micros: Date.now() * 1000, consent: { ad_user_data: "GRANTED" }, events: [{ name: "purchase", params }] });
  const query = "?measurement_id=G-SANDBOX&api_secret=ga4-sandbox";
  assert.equal((await post(`/mp/collect${query}`, body({ value: 1 }))).status, 204);
  assert.equal(sandbox.received().ga4.accepted.length, 0);
  assert.equal((await post(`/debug/mp/collect${query}`, body({ value: 1 }))).body.validationMessages.length, 1);
  assert.deepEqual((await post(`/debug/mp/collect${query}`, body({ transaction_id: "o", value: 1, currency: "EUR" }))).body.validationMessages, []);
});

test("a webhook with a signature of somebody else's is refused", async () => {
  const refused = await post("/hooks/throughline", { type: "test" }, { "webhook-id": "1", "webhook-timestamp": String(seconds()), "webhook-signature": "v1,AAAA" });
  assert.equal(refused.status, 401);
});

test("every vendor fails on demand and works again", async () => {
  const set = (target, mode) => sandbox.switches.set({ target, mode, count: 1 });
  assert.equal(set("tiktok", "429"), null);
  assert.equal((await tiktok([tiktokEvent()])).body.code, 40100);
  set("pinterest", "429");
  const busy = await pin([pinEvent()]);
  assert.deepEqual([busy.status, busy.headers.get("retry-after")], [429, "1"]);
  set("pinterest", "partial");
  assert.deepEqual((await pin([pinEvent(), pinEvent()])).body.events.map((event) => event.status), ["failed", "processed"]);
  set("pinterest", "auth");
  assert.equal((await pin([pinEvent()])).status, 401);
  set("pinterest", "reset");
  const kept = sandbox.received().pinterest.accepted.length;
  await assert.rejects(pin([pinEvent()]), (error) => error.cause.code === "ECONNRESET");
  assert.equal(sandbox.received().pinterest.accepted.length, kept);
  set("pinterest", "lost");
  const before = sandbox.received().pinterest.accepted.length;
  await assert.rejects(pin([pinEvent()]));
  assert.equal(sandbox.received().pinterest.accepted.length, before + 1);
  assert.equal((await pin([pinEvent()])).status, 200);
});

// One path of each, with what else it needs to be found.
const PATHS = {
  meta: "/v25.0/1234567890/events", posthog: "/batch/", ga4: "/mp/collect", google_ads: "/v1/events:ingest", tiktok: "/open_api/v1.3/event/track/", linkedin: "/rest/conversionEvents", pinterest: "/v5/ad_accounts/549000/events",
  snap: "/v3/snap-pixel/events", reddit: "/api/v3/pixels/t2_sandbox/conversion_events", microsoft: "/v1/97000001/events", x: "/12/measurement/conversions/osand", webhook: "/hooks/throughline", crm: "/crm/track/events",
};

test("every destination can answer 500, be busy, hang up and go away", async () => {
  assert.deepEqual(Object.keys(PATHS).sort(), ["meta", "posthog", ...Object.keys(VENDORS)].sort());
  for (const [name, path] of Object.entries(PATHS)) {
    const answer = async (mode) => {
      sandbox.switches.set({ target: name, mode, count: 1 });
      return post(path, {});
    };
    assert.ok((await answer("500")).status >= 500, name);
    const busy = await answer("429");
    // Meta and TikTok say it in their own codes.
    if (name !== "meta" && name !== "tiktok") assert.equal(busy.headers.get("retry-after"), "1", name);
    await assert.rejects(answer("reset"), (error) => error.cause.code === "ECONNRESET", name);
    assert.equal(sandbox.switches.state()[name].mode, "ok", `${name} was asked`);
  }
});
