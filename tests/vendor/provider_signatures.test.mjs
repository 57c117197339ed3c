// SPDX-License-Identifier: Apache-2.0
// The providers' own packages verify webhooks, and our verifier must agree on each, the refused ones
// included: right, changed, cut, signed with another secret, too old. The clock stands still.
import "@shopify/shopify-api/adapters/node";
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import test from "node:test";
import adyenHmac from "@adyen/api-library/lib/src/utils/hmacValidator.js";
import { Paddle } from "@paddle/paddle-node-sdk";
import { validateEvent, WebhookVerificationError } from "@polar-sh/sdk/webhooks";
import { shopifyApi, ApiVersion } from "@shopify/shopify-api";
import { Whop } from "@whop/sdk";
import { parse as parseGoCardless } from "gocardless-nodejs/webhooks";
import { SignatureValidator } from "mollie-api-typescript/utils/webhooks/index.js";
import Razorpay from "razorpay";
import { WebhooksHelper as Square } from "square";
import { Webhook } from "standardwebhooks";
import { Webhook as Svix } from "svix";
import { commandLines } from "./command_lines.mjs";

const now = Math.floor(Date.now() / 1000);
const hmac = (key, text, encoding = "hex", hash = "sha256") => createHmac(hash, key).update(text).digest(encoding);
const base64 = (text) => Buffer.from(text).toString("base64");

const standardHeaders = (key) => (body, secret, at) => ({
  "webhook-id": "msg_1", "webhook-timestamp": String(at),
  "webhook-signature": `v1,${hmac(key(secret), `msg_1.${at}.${body}`, "base64")}`,
});

// A sender of our user's own that signs as Svix does for its customers.
const SENT_BY_SVIX = `
event_type = ["/type"]
order_id = ["/data/id"]
amount = ["/data/amount"]
currency = ["/data/currency"]
[signature]
form = "standard"
header = "svix-signature"
id_header = "svix-id"
timestamp_header = "svix-timestamp"
[[event]]
types = ["order.paid"]
role = "paid"
`;

// Each package says true or false; `sign` makes what the provider's server would send.
const packages = {
  whop: {
    secret: "ws_0123456789abcdef0123456789abcdef",
    event: { id: "wh_1", api_version: "v1", type: "payment.succeeded", data: { id: "pay_1", total: 54.92, currency: "usd" } },
    sign: standardHeaders((secret) => secret),
    theirs: (body, headers, secret) => {
      new Whop({ apiKey: "unused", webhookKey: base64(secret) }).webhooks.unwrap(body, { headers });
      return true;
    },
  },
  polar: {
    secret: "whsec_polarExampleSecret",
    event: { type: "order.paid", timestamp: new Date().toISOString(), data: { id: "or_1", total_amount: 2500, currency: "eur" } },
    sign: standardHeaders((secret) => secret),
    theirs: (body, headers, secret) => {
      try {
        validateEvent(body, headers, secret);
      } catch (error) {
        if (error instanceof WebhookVerificationError) throw error; // else: signed, but not every field is there
      }
      return true;
    },
  },
  shopify: {
    secret: "shpss_example",
    event: { id: 820982911946154508n, total_price: "104.42", currency: "EUR", note_attributes: [] },
    sign: (body, secret) => ({ "X-Shopify-Hmac-Sha256": hmac(secret, body, "base64"), "X-Shopify-Topic": "orders/paid",
      "X-Shopify-Shop-Domain": "shop.example", "X-Shopify-API-Version": "2026-07", "X-Shopify-Webhook-Id": "wh_1" }),
    theirs: async (body, headers, secret) => {
      const shopify = shopifyApi({ apiKey: "key", apiSecretKey: secret, apiVersion: Object.values(ApiVersion)[0], hostName: "app.example",
        isEmbeddedApp: false, scopes: [], logger: { log: () => {} } });
      const rawRequest = { method: "POST", url: "/", headers: Object.fromEntries(Object.entries(headers).map(([k, v]) => [k.toLowerCase(), v])) };
      return (await shopify.webhooks.validate({ rawBody: body, rawRequest, rawResponse: {} })).valid;
    },
  },
  paddle: {
    secret: "pdl_ntfset_example",
    event: { event_id: "evt_1", event_type: "transaction.completed", data: { id: "txn_1", currency_code: "EUR", details: { totals: { grand_total: "2500" } } } },
    sign: (body, secret, at) => ({ "Paddle-Signature": `ts=${at};h1=${hmac(secret, `${at}:${body}`)}` }),
    theirs: async (body, headers, secret) => {
      const value = headers["Paddle-Signature"];
      return new Paddle("unused").webhooks.isSignatureValid(body, secret, value);
    },
  },
  razorpay: {
    secret: "rzp_secret",
    event: { entity: "event", event: "payment.captured", payload: { payment: { entity: { id: "pay_1", order_id: "order_1", amount: 2500, currency: "INR", notes: [] } } } },
    sign: (body, secret) => ({ "X-Razorpay-Signature": hmac(secret, body), "x-razorpay-event-id": "evt_1" }),
    theirs: (body, headers, secret) => Razorpay.validateWebhookSignature(body, headers["X-Razorpay-Signature"], secret),
  },
  gocardless: {
    secret: "gc_secret", kind: "lookup",
    event: { events: [{ id: "EV1", created_at: "2026-09-21T14:13:20.000Z", resource_type: "payments", action: "confirmed", links: { payment: "PM2500" } }], meta: { webhook_id: "WB1" } },
    sign: (body, secret) => ({ "Webhook-Signature": hmac(secret, body) }),
    theirs: (body, headers, secret) => parseGoCardless(body, secret, headers["Webhook-Signature"]).length === 1,
  },
  square: {
    secret: "square_key", config: { notification_url: "https://shop.example/api/webhook/square/demo" },
    event: { event_id: "e1", type: "payment.updated", data: { object: { payment: { id: "sq_1", status: "COMPLETED", total_money: { amount: 2500, currency: "USD" } } } } },
    sign: (body, secret) => ({ "x-square-hmacsha256-signature": hmac(secret, packages.square.config.notification_url + body, "base64") }),
    theirs: (requestBody, headers, signatureKey) => Square.verifySignature({ requestBody, signatureKey, signatureHeader: headers["x-square-hmacsha256-signature"], notificationUrl: packages.square.config.notification_url }),
  },
  custom: {
    secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", another: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSx", config: { toml: SENT_BY_SVIX },
    event: { type: "order.paid", data: { id: "o-1", amount: 2500, currency: "EUR" } },
    sign: (body, secret, at) => ({ "svix-id": "msg_1", "svix-timestamp": String(at), "svix-signature": new Svix(secret).sign("msg_1", new Date(at * 1000), body) }),
    theirs: (body, headers, secret) => {
      new Svix(secret).verify(body, headers);
      return true;
    },
  },
  mollie: {
    secret: "mollie_secret", kind: "lookup",
    event: { resource: "event", id: "event_1", type: "payment.paid", entityId: "tr_2500", createdAt: "2026-09-21T14:13:20.0Z" },
    sign: (body, secret) => ({ "X-Mollie-Signature": `sha256=${hmac(secret, body)}` }),
    theirs: (body, headers, secret) => SignatureValidator.validate(body, [secret, "older"], headers["X-Mollie-Signature"]),
  },
};

const write = (event) => JSON.stringify({ ...event, note: "Zoë \u2028 / é 🎬" },
  (_, value) => typeof value === "bigint" ? `@${value}@` : value).replace(/"@(\d+)@"/g, "$1");

for (const [provider, { secret, another = `${secret}x`, config, kind = "purchase", event, sign, theirs }] of Object.entries(packages))
  test(`${provider}'s package and we agree on every signature`, async (context) => {
    context.mock.timers.enable({ apis: ["Date"], now: now * 1000 });
    const body = write(event);
    const signed = sign(body, secret, now);
    const isTimed = JSON.stringify(sign(body, secret, now)) !== JSON.stringify(sign(body, secret, now - 9));
    const swapped = (headers) => Object.fromEntries(Object.entries(headers).map(([name, value]) =>
      [name, /signature|hmac/i.test(name) ? value.slice(0, -6) + (value.at(-6) === "7" ? "8" : "7") + value.slice(-5) : value]));
    const cases = [
      ["as signed", body, signed], ["pretty, with a final newline", ...((b) => [b, sign(b, secret, now)])(`${JSON.stringify(JSON.parse(body), null, 2)}\r\n`)],
      ["body changed", body.replace("2500", "2501").replace("54.92", "54.93").replace("104.42", "104.43"), signed],
      ["one character lost", body.slice(0, -1), signed], ["another secret", body, sign(body, another, now)],
      ["signature changed", body, swapped(signed)],
    ];
    if (isTimed) cases.push(["an hour old", body, sign(body, secret, now - 3600)], ["moved in time", body, sign(body, secret, now - 3600, now)]);
    const answers = commandLines("webhook explain",
      cases.map(([, text, headers]) => JSON.stringify({ provider, secrets: ["other", secret], now, headers, body: text, config })));
    for (const [index, [name, text, headers]] of cases.entries()) {
      let accepted = false;
      try {
        accepted = await theirs(text, headers, secret);
      } catch { /* refused */ }
      const answer = answers[index];
      assert.equal(answer.kind !== "reject", accepted, `${name}: theirs ${accepted}, ours ${JSON.stringify(answer)}`);
    }
    assert.equal(answers[0].kind, kind);
  });

test("adyen's package and we agree on every item", () => {
  const key = "44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056", other = key.replace("44", "45");
  const Validator = adyenHmac.default, validator = new Validator();
  const item = (changes = {}, by = key) => {
    const made = { pspReference: "psp_1", merchantAccountCode: "Shop", merchantReference: "order-1 Zoë é", amount: { value: 2500, currency: "EUR" },
      eventCode: "AUTHORISATION", success: "true", eventDate: "2026-09-21T16:13:20+02:00", ...changes };
    return { ...made, additionalData: { hmacSignature: validator.calculateHmac(made, by), "metadata.anonymous_id": "x" } };
  };
  const signed = item();
  const cases = [
    ["as signed", signed], ["a refund", item({ eventCode: "REFUND", pspReference: "psp_2", originalReference: "psp_1" })],
    ["colons and backslashes", item({ merchantReference: "a:b\\c" })], ["no merchant reference", item({ merchantReference: "" })],
    ["what is not signed, changed", { ...signed, eventDate: "2026-09-22T16:13:20+02:00", additionalData: { ...signed.additionalData, "metadata.anonymous_id": "y" } }],
    ["another key", item({}, other)], ["signature changed", { ...signed, additionalData: { hmacSignature: signed.additionalData.hmacSignature.replace(/./, (c) => (c === "A" ? "B" : "A")) } }],
    ["no signature", { ...signed, additionalData: {} }],
    ...Object.entries({ pspReference: "psp_2", originalReference: "psp_0", merchantAccountCode: "Other", merchantReference: "order-2", amount: { value: 2501, currency: "EUR" }, eventCode: "REFUND", success: "false" })
      .map(([name, value]) => [`${name} changed`, { ...signed, [name]: value }]),
    ["currency changed", { ...signed, amount: { value: 2500, currency: "USD" } }],
  ];
  const bodyOf = (...items) => JSON.stringify({ live: "true", notificationItems: items.map((one) => ({ NotificationRequestItem: one })) });
  const ask = (body) => JSON.stringify({ provider: "adyen", secrets: [other.toLowerCase().replace("45", "46"), key], now, headers: {}, body });
  const answers = commandLines("webhook explain", [...cases.map(([, one]) => ask(bodyOf(one))), ask(bodyOf(...cases.map(([, one]) => one)))]);
  const isAccepted = (one) => {
    try {
      return validator.validateHMAC(one, key);
    } catch {
      return false;
    }
  };
  const batch = answers.pop();
  for (const [index, [name, one]] of cases.entries())
    for (const answer of [answers[index], batch.changes[index]])
      assert.equal(answer.kind !== "reject", isAccepted(one), `${name}: theirs ${isAccepted(one)}, ours ${JSON.stringify(answer)}`);
  assert.equal(cases.filter(([, one]) => isAccepted(one)).length, 5);
  assert.equal(answers[0].kind, "purchase");
});

test("standardwebhooks signs what a described provider would accept, and no other secret's form", () => {
  const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
  const body = write(packages.polar.event);
  const signature = new Webhook(secret).sign("msg_1", new Date(now * 1000), body);
  const headers = { "webhook-id": "msg_1", "webhook-timestamp": String(now), "webhook-signature": signature };
  // Polar and Whop key with the whole text, which is the trap: a library's signature is not theirs.
  const [polar, whop] = commandLines("webhook explain",
    ["polar", "whop"].map((provider) => JSON.stringify({ provider, secrets: [secret], now, headers, body })));
  assert.equal(polar.reason, "bad_signature");
  assert.equal(whop.reason, "bad_signature");
});
