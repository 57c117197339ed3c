// SPDX-License-Identifier: Apache-2.0
// Delivery of Stripe's events to the shop's endpoint, with Stripe's manners made worse on purpose:
// every event is sent `copies` times, the second copy in reverse order, and whatever is not answered
// 2xx is sent again with doubling delays. Bodies are pretty-printed with two blanks as Stripe's are,
// and signed by the official stripe package, anew for each attempt.
//
// `fault()` may stand on the road: "timeout" never sends (the attempt fails), "500" and "429" send
// and then lose the answer (so the receiver has it and gets it again), "reject" signs with a wrong
// secret. Settings: copies, order ("natural", "reverse" or "alternate"), concurrent, retryBaseMs and
// events: the types that the endpoint is subscribed to, null for all.
import Stripe from "stripe";

const signer = new Stripe("sk_test_unused").webhooks;
const ATTEMPTS = 16;
const ANSWER_TIMEOUT_MS = 10_000;

export function createWebhooks({ url, secret, fault, settings }) {
  const attempts = [];
  const timers = new Set();
  let isClosed = false;
  let underWay = 0;

  async function send(event, copy, tried) {
    const mode = fault();
    const entry = { event_id: event.id, type: event.type, copy, attempt: tried + 1, at: Date.now(), status: null, ms: 0, answer: "" };
    attempts.push(entry);
    if (mode === "timeout") return Object.assign(entry, { answer: "not sent: the road is cut by the failure switch" });
    const payload = JSON.stringify(event, null, 2);
    const header = signer.generateTestHeaderString({ payload, secret: mode === "reject" ? `${secret}_wrong` : secret });
    try {
      const reply = await fetch(url, {
        method: "POST", body: payload, redirect: "manual", signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
        headers: { "content-type": "application/json; charset=utf-8", "stripe-signature": header, "user-agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)" },
      });
      entry.answer = (await reply.text()).slice(0, 400);
      entry.status = mode === "500" || mode === "429" ? Number(mode) : reply.status;
      if (entry.status !== reply.status) entry.answer = `answer ${reply.status} lost on the way: ${entry.answer}`;
    } catch (error) {
      entry.answer = `no answer: ${error.cause?.code ?? error.name}`;
    }
    entry.ms = Date.now() - entry.at;
    return entry;
  }

  async function deliver(event, copy, tried = 0) {
    if (isClosed) return;
    underWay++;
    const entry = await send(event, copy, tried);
    underWay--;
    if (entry.status !== null && entry.status >= 200 && entry.status < 300) {
      event.pending_webhooks = 0;
      return;
    }
    if (isClosed || tried + 1 >= ATTEMPTS) return;
    const timer = setTimeout(() => {
      timers.delete(timer);
      deliver(event, copy, tried + 1);
    }, Math.min(60_000, settings.retryBaseMs * 2 ** tried));
    timers.add(timer);
  }

  return {
    attempts: () => attempts,
    isIdle: () => timers.size === 0 && underWay === 0,
    // Sends the events of one occasion. Resolves when the first attempts are over.
    async publish(happened) {
      const events = happened.filter((event) => settings.events === null || settings.events.includes(event.type));
      const rounds = Array.from({ length: settings.copies }, (_, copy) => {
        const isReverse = settings.order === "reverse" || (settings.order === "alternate" && copy % 2 === 1);
        return (isReverse ? [...events].reverse() : events).map((event) => [event, copy + 1]);
      }).flat();
      if (settings.concurrent) return void (await Promise.all(rounds.map(([event, copy]) => deliver(event, copy))));
      for (const [event, copy] of rounds) await deliver(event, copy);
    },
    async resend(event) {
      const copy = 1 + Math.max(0, ...attempts.filter((entry) => entry.event_id === event.id).map((entry) => entry.copy));
      await deliver(event, copy);
    },
    close() {
      isClosed = true;
      for (const timer of timers) clearTimeout(timer);
    },
  };
}
