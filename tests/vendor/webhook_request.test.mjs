// SPDX-License-Identifier: Apache-2.0
// Our signed webhook, verified by the standardwebhooks and svix packages as a receiver would.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Webhook } from "standardwebhooks";
import { Webhook as Svix } from "svix";
import { deliveryLines } from "./delivery_lines.mjs";

const secret = "whsec_dGhyb3VnaGxpbmUtZXhhbXBsZS1zZWNyZXQta2V5LTAx";
const previous = "whsec_dGhyb3VnaGxpbmUtZXhhbXBsZS1zZWNyZXQta2V5LTAy";

// Signed now, because the package refuses what is older than five minutes.
function signedRequest(settings) {
  const facts = {
    event_name: "purchase", event_id: "019b7c1e-5f00-7abc-8def-0123456789ab", occurred_ms: Date.now(), order_id: "o-1001 é", amount_minor: 4990, currency: "EUR",
    configs: { webhook: { url: "https://hooks.example/in", secret, ...settings } },
  };
  return deliveryLines("requests", [facts])[0].webhook;
}

for (const [name, Package] of Object.entries({ standardwebhooks: Webhook, svix: Svix })) {
  test(`${name} takes our signature and reads the sale`, () => {
    const { text, headers } = signedRequest({});
    const event = new Package(secret).verify(text, headers);
    assert.equal(event.type, "conversion.created");
    assert.equal(event.data.order_id, "o-1001 é");
    assert.equal(headers["webhook-id"], event.data.event_id);
    assert.throws(() => new Package(secret).verify(`${text} `, headers));
    assert.throws(() => new Package(previous).verify(text, headers));
  });

  test(`during a rotation both secrets verify with ${name}`, () => {
    const { text, headers } = signedRequest({ previous_secret: previous });
    for (const key of [secret, previous]) new Package(key).verify(text, headers);
  });
}
