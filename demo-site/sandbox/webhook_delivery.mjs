// SPDX-License-Identifier: Apache-2.0
// Delivery of a provider's events to the shop's endpoint, made worse on purpose: every event is sent
// `copies` times, the second copy in reverse order, and what is not taken is sent again after the
// provider's own delays. Signed anew for each attempt.
//
//   name      of the provider, in the list of attempts
//   request   (event, isForged) → {url, headers, body}; isForged: signed with a secret not the shop's
//   waitS     (tries so far) → seconds until the next one; undefined: none
//   isTaken   (status) → whether the provider is content with that answer
//   onTaken   (event), optional
//
// `fault()` may stand on the road: "timeout" never sends (the attempt fails), "500" and "429" send
// and then lose the answer (so the receiver has it and gets it again), "reject" forges. Settings:
// copies, order ("natural", "reverse" or "alternate"), concurrent, and retryBaseMs: how long a second
// of the provider's delays takes.
const ANSWER_TIMEOUT_MS = 10_000;

export function createDelivery({ name, request, waitS, isTaken = (status) => status >= 200 && status < 300, onTaken = () => {}, fault, settings }) {
  const attempts = [];
  const timers = new Set();
  let isClosed = false;
  let underWay = 0;

  async function send(event, copy, tried) {
    const mode = fault();
    const entry = { provider: name, event_id: event.id, type: event.type, copy, attempt: tried + 1, at: Date.now(), status: null, ms: 0, answer: "" };
    attempts.push(entry);
    if (mode === "timeout") return Object.assign(entry, { answer: "not sent: the road is cut by the failure switch" });
    const { url, headers, body } = request(event, mode === "reject");
    try {
      const reply = await fetch(url, { method: "POST", body, redirect: "manual", signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS), headers });
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
    if (entry.status !== null && isTaken(entry.status)) return void onTaken(event);
    const wait = waitS(tried + 1);
    if (isClosed || wait === undefined) return;
    const timer = setTimeout(() => {
      timers.delete(timer);
      deliver(event, copy, tried + 1);
    }, settings.retryBaseMs * wait);
    timers.add(timer);
  }

  return {
    attempts: () => attempts,
    isIdle: () => timers.size === 0 && underWay === 0,
    // Sends the events of one occasion. Resolves when the first attempts are over.
    async publish(events) {
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
