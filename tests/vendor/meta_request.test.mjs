// SPDX-License-Identifier: Apache-2.0
// Meta's own SDK builds the same purchase; our event must hold the same values, hashes included, and
// no more keys than the SDK knows.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { deliveryLines } from "./delivery_lines.mjs";

const require = createRequire(import.meta.url);
const { Content, CustomData, EventRequest, ServerEvent, UserData } = require("facebook-nodejs-business-sdk/dist/cjs.js");

const facts = {
  event_name: "purchase", event_id: "019b7c1e-5f00-7abc-8def-0123456789ab", occurred_ms: 1767323045678,
  anonymous_id: "019b7c1d-0000-7000-8000-00000000000a", url: "https://shop.example/thanks",
  email: " Jane.Roe+News@Gmail.com", phone: "+351 912 345 678", ip: "93.184.216.34", user_agent: "UA/1.0",
  fbc: "fb.1.1767000000000.IwXyz", fbp: "fb.1.1766999999000.1098115397", order_id: "o-1001", amount_minor: 4990, currency: "EUR",
  content: { id: "film-1", name: "The Long Light", category: "film" },
  items: [{ id: "sku-1", name: "Donation", category: "gift", quantity: 2, price_minor: 2495 }],
};
const sha256 = (text) => createHash("sha256").update(text).digest("hex");

function sdkEvent() {
  const user = new UserData().setEmail(facts.email).setPhone(facts.phone).setExternalId(sha256(facts.anonymous_id))
    .setClientIpAddress(facts.ip).setClientUserAgent(facts.user_agent).setFbc(facts.fbc).setFbp(facts.fbp);
  const custom = new CustomData().setValue(49.9).setCurrency("eur").setOrderId("o-1001").setContentIds(["film-1"]).setContentType("product")
    .setContentName("The Long Light").setContentCategory("film")
    .setContents([new Content().setId("sku-1").setQuantity(2).setItemPrice(24.95).setTitle("Donation").setCategory("gift")]);
  return new ServerEvent().setEventName("Purchase").setEventTime(Math.floor(facts.occurred_ms / 1000)).setEventId(facts.event_id)
    .setActionSource("website").setEventSourceUrl(facts.url).setUserData(user).setCustomData(custom).normalize();
}

// The SDK takes one value or a list and sends whichever it was given.
const asList = (value) => (Array.isArray(value) ? value : [value]);

test("our purchase is the SDK's", () => {
  const theirs = JSON.parse(JSON.stringify(sdkEvent()));
  const ours = deliveryLines("requests", [facts])[0].meta;
  const [mine] = ours.body.data;

  for (const key of ["event_name", "event_time", "event_id", "action_source", "event_source_url"]) assert.equal(mine[key], theirs[key], key);
  for (const key of ["em", "ph", "external_id"]) assert.deepEqual(mine.user_data[key], asList(theirs.user_data[key]), key);
  for (const key of ["client_ip_address", "client_user_agent", "fbc", "fbp"]) assert.equal(mine.user_data[key], theirs.user_data[key], key);
  assert.deepEqual(mine.custom_data, theirs.custom_data);
  assert.deepEqual(Object.keys(mine).sort(), Object.keys(theirs).sort());
  assert.deepEqual(Object.keys(mine.user_data).sort(), Object.keys(theirs.user_data).sort());
});

test("the envelope is the SDK's, with the token out of the URL", async () => {
  const sent = [];
  const service = { executeRequest: async (url, method, headers, params) => sent.push({ url, method, headers, params }) };
  const request = new EventRequest("token", "123", [new ServerEvent()]).setHttpService(service).setAppSecret("secret").setTestEventCode("TEST1");
  await request.execute();
  const [theirs] = sent;
  const ours = deliveryLines("requests", [{ ...facts, app_secret: "secret", test_event_code: "TEST1" }])[0].meta;

  assert.equal(ours.method, theirs.method);
  assert.equal(ours.headers["Content-Type"], theirs.headers["Content-Type"]);
  const path = (url) => new URL(url).pathname.replace(/^\/v\d+\.\d+\//, "");
  assert.equal(path(ours.url), path(theirs.url));
  assert.equal(new URL(ours.url).search, "");
  const { data, ...rest } = ours.body;
  assert.equal(data.length, 1);
  for (const [key, value] of Object.entries(rest)) assert.equal(value, theirs.params[key], key);
  assert.deepEqual(Object.keys(rest).sort(), ["access_token", "appsecret_proof", "test_event_code"]);
});
