// SPDX-License-Identifier: Apache-2.0
// A destination as data: its rules say what it takes, how it counts and how it answers
// (vendors/*.mjs); this file is the exchange. Rules are
//   path       which requests are its own            origin     name in the answers of /received.json
//   authorise  (request, target, input) → a refusal {status, body, headers?}, or null
//   events     (input) → the events of a body, or null when it is none
//   most       events a request                      problem    (event, now ms, input) → a sentence, or null
//   key        (event) → what it counts once by      windowMs   for how long
//   label      (event) → what people call it
//   worth      (event) → what a repeat may change: told again with another, it is restated
//   answer     ({events, problems, mode, input}) → {status, body, taken}: problems[i] is null or a
//              sentence; taken says which events count, by default those without a problem
//   other      (target, input, request) → an answer to what is no batch of events, or null
//   judgesLater  takes a batch first: the mode "partial" is answer's business
//   failures   {auth, 429, 500, reject} → {status, body, headers?}
import { readBody, sendJson, standStill } from "./http_exchange.mjs";

const BODY_LIMIT = 8 << 20;
const isForm = (request) => (request.headers["content-type"] ?? "").startsWith("application/x-www-form-urlencoded");

export function createVendorReceiver(rules, { fault, clock = Date.now }) {
  const kept = { requests: 0, accepted: [], duplicates: [], restated: [], refused: [] };
  const seen = new Map();

  function take(event, now) {
    const key = rules.key(event);
    const record = { received_at: now, label: rules.label(event), event };
    const first = seen.get(key), worth = rules.worth?.(event);
    if (key && first !== undefined && now - first.at < (rules.windowMs ?? Infinity)) {
      if (worth === first.worth) return void kept.duplicates.push(record);
      first.worth = worth;
      return void kept.restated.push(record);
    }
    if (key) seen.set(key, { at: now, worth });
    kept.accepted.push(record);
  }

  async function handle(request, response, target) {
    kept.requests++;
    const now = clock();
    const reply = ({ status, body = {}, headers = {} }) => (status === 204 ? response.writeHead(204, headers).end() : sendJson(response, status, body, headers));
    const refuse = (refusal, message) => {
      kept.refused.push({ received_at: now, status: refusal.status, message: message ?? JSON.stringify(refusal.body ?? "") });
      reply(refusal);
    };
    const raw = await readBody(request, BODY_LIMIT);
    const mode = fault();
    if (await standStill(request, mode)) return;
    if (rules.failures[mode]) return refuse(rules.failures[mode], `switched to ${mode}`);
    let input;
    try {
      input = isForm(request) ? Object.fromEntries(new URLSearchParams(raw.toString("utf8"))) : JSON.parse(raw.toString("utf8") || "{}");
    } catch {
      return refuse({ ...rules.failures.reject }, "the body is not JSON");
    }
    const other = rules.other?.(target, input, request);
    if (other) return reply(other);
    const refusal = rules.authorise(request, target, input, raw);
    if (refusal) return refuse(refusal);
    const events = rules.events(input);
    if (!events || events.length === 0 || events.length > rules.most) return refuse(rules.failures.reject, `none or more than ${rules.most} events`);
    const problems = events.map((event) => rules.problem(event, now, input));
    if (mode === "partial" && !rules.judgesLater) problems[0] ??= "the sandbox was told to refuse the first";
    const { taken, ...answer } = rules.answer({ events, problems, mode, input });
    for (const [i, problem] of problems.entries()) if (problem) kept.refused.push({ received_at: now, status: answer.status, message: problem });
    events.forEach((event, i) => { if (taken ? taken(i) : !problems[i]) take(event, now); });
    if (mode === "lost") return void response.destroy();
    reply(answer);
  }

  return { handle, kept: () => kept };
}

// What many rules ask.
export const isHash = (value) => typeof value === "string" && /^[0-9a-f]{64}$/.test(value);
export const isUuid = (value) => typeof value === "string" && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(value);
export const isCurrency = (value) => typeof value === "string" && /^[A-Z]{3}$/.test(value);
export const bearer = (token, body) => (request) => (request.headers.authorization === `Bearer ${token}` ? null : { status: 401, body });
// Keys that the vendor's schema does not have.
export const unknownKey = (object, known) => Object.keys(object).find((key) => !known.includes(key));

// Seconds or milliseconds by the vendor's unit; at most `days` old and not in the future.
export function timeProblem(value, unitMs, now, days) {
  if (!Number.isInteger(value)) return "the time must be a whole number";
  const ms = value * unitMs;
  if (ms < 1e12 || ms > 1e13) return "the time is in another unit";
  if (now - ms > days * 86_400_000) return `the event is older than ${days} days`;
  if (ms - now > 5 * 60_000) return "the event lies in the future";
  return null;
}

// The first sentence that holds.
export const firstProblem = (...problems) => problems.find(Boolean) ?? null;
export const standardFailures = (body, over = {}) => ({
  500: { status: 500, body: body(500, "internal error") }, 429: { status: 429, body: body(429, "rate limited"), headers: { "retry-after": "1" } },
  auth: { status: 401, body: body(401, "the token is not valid") }, reject: { status: 400, body: body(400, "bad request") }, ...over,
});
