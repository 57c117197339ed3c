// SPDX-License-Identifier: Apache-2.0
// Our request to Google's Data Manager API against the schema of Google's own package: every field is
// one that it knows, of its type, and nothing is lost on the way through it.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";
import { DEFAULTS, rules } from "../../demo-site/sandbox/vendors/google_ads.mjs";
import { deliveryLines } from "./delivery_lines.mjs";

const protos = createRequire(import.meta.url)("@google-ads/datamanager/build/protos/protos.js");
const { IngestEventsRequest, RetrieveRequestStatusResponse } = protos.google.ads.datamanager.v1;

const facts = {
  event_name: "purchase", event_id: "019b7c1e-5f00-7abc-8def-0123456789ab", occurred_ms: 1767323045678,
  url: "https://shop.example/thanks", order_id: "o-1001", amount_minor: 4990, currency: "EUR",
  email: "jane.roe+news@gmail.com", phone: "+351 912 345 678", click_ids: { gclid: "Cj0abc" },
  configs: { google_ads: { customer_id: "1234567890", login_customer_id: "5550001111", "conversions.purchase": "987654321" } },
};
const body = () => deliveryLines("requests", [facts])[0].google_ads.body;

// JSON names times and enums as text; the package's objects hold them as messages and numbers.
function known(value, type, path = type.name) {
  for (const key of Object.keys(value)) {
    assert.ok(key in type.prototype, `${path}.${key} is not known to the package`);
  }
}

test("every field is known to Google's package", () => {
  const v1 = protos.google.ads.datamanager.v1;
  const request = body();
  known(request, IngestEventsRequest);
  known(request.destinations[0], v1.Destination);
  known(request.destinations[0].operatingAccount, v1.ProductAccount);
  const [event] = request.events;
  known(event, v1.Event);
  known(event.adIdentifiers, v1.AdIdentifiers);
  known(event.userData, v1.UserData);
  for (const identifier of event.userData.userIdentifiers) known(identifier, v1.UserIdentifier);
  known(event.consent, v1.Consent);
});

test("the package reads our request and says the same again", () => {
  const request = body();
  const { eventTimestamp, ...event } = request.events[0];
  assert.equal(new Date(eventTimestamp).getTime(), facts.occurred_ms);
  const message = IngestEventsRequest.fromObject({ ...request, events: [event] });
  assert.equal(IngestEventsRequest.verify(message), null);
  const again = IngestEventsRequest.toObject(IngestEventsRequest.decode(IngestEventsRequest.encode(message).finish()), { enums: String });
  assert.deepEqual(JSON.parse(JSON.stringify(again)), { ...request, events: [event] });
});

// What the sandbox plays of Google's judgement, which our reading of it is tested with.
test("the sandbox's results are the package's", () => {
  const results = rules({ ...DEFAULTS });
  const events = body().events;
  const { body: taken } = results.answer({ events, problems: [null], mode: "partial", input: body() });
  const target = new URL(`https://x.invalid/v1/requestStatus:retrieve?requestId=${taken.requestId}`);
  const ask = () => results.other(target, {}, { headers: { authorization: "Bearer ya29.sandbox" } }).body;
  for (const state of ["PROCESSING", "FAILED"]) {
    const told = ask();
    const message = RetrieveRequestStatusResponse.fromObject(told);
    assert.equal(RetrieveRequestStatusResponse.verify(message), null);
    const again = RetrieveRequestStatusResponse.toObject(message, { enums: String, longs: String });
    assert.deepEqual(JSON.parse(JSON.stringify(again)), told);
    assert.equal(told.requestStatusPerDestination[0].requestStatus, state);
  }
});
