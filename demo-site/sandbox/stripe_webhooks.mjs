// SPDX-License-Identifier: Apache-2.0
// Stripe's events on their way to the shop: pretty-printed with two blanks as Stripe's are, signed by
// the official stripe package, repeated with doubling delays. settings.events: the types that the
// endpoint is subscribed to, null for all.
import Stripe from "stripe";
import { createDelivery } from "./webhook_delivery.mjs";

const signer = new Stripe("sk_test_unused").webhooks;
const ATTEMPTS = 16;

export function createWebhooks({ url, secret, fault, settings }) {
  const delivery = createDelivery({
    name: "stripe", fault, settings,
    request(event, isForged) {
      const body = JSON.stringify(event, null, 2);
      const signature = signer.generateTestHeaderString({ payload: body, secret: isForged ? `${secret}_wrong` : secret });
      return { url, body, headers: { "content-type": "application/json; charset=utf-8", "stripe-signature": signature, "user-agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)" } };
    },
    waitS: (tries) => (tries < ATTEMPTS ? Math.min(60, 2 ** (tries - 1)) : undefined),
    onTaken: (event) => { event.pending_webhooks = 0; },
  });
  const publish = (happened) => delivery.publish(happened.filter((event) => settings.events === null || settings.events.includes(event.type)));
  return { ...delivery, publish };
}
