// SPDX-License-Identifier: Apache-2.0
// Stripe's API as far as a hosted checkout and an import of orders need it: create, read and expire a
// Checkout Session, refund a charge, list what was sold (stripe_lists.mjs), list and resend events. Bearer or Basic key, form bodies, idempotency keys,
// Stripe's answers and headers. Source: Stripe API reference; the official package is the client
// that the tests use.
import { decodeForm } from "./form_encoding.mjs";
import { readBody, sendJson, standStill } from "./http_exchange.mjs";
import { createIdempotency } from "./stripe_idempotency.mjs";
import { StripeError, invalid, notFound } from "./stripe_errors.mjs";
import { listOf, listPage } from "./stripe_lists.mjs";
import { checkoutParams } from "./stripe_params.mjs";
import { API_VERSION, objectId, seconds } from "./stripe_objects.mjs";

const BODY_LIMIT = 1 << 20;

function keyOf(request) {
  const [scheme, value = ""] = (request.headers.authorization ?? "").split(" ");
  if (scheme === "Bearer") return value;
  if (scheme === "Basic") return Buffer.from(value, "base64").toString("utf8").split(":")[0];
  return "";
}

export function createStripeApi({ keys, prices, ledger, webhooks, fault, settings }) {
  const idempotency = createIdempotency();
  const requests = [];

  function authenticate(request) {
    const key = keyOf(request);
    if (key === "") {
      throw new StripeError(401, "invalid_request_error", "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').");
    }
    if (!keys.includes(key)) throw new StripeError(401, "invalid_request_error", `Invalid API Key provided: ${key.slice(0, 8)}****`);
    return key;
  }

  // Answers {status, value}, or throws a StripeError.
  async function act(method, path, query, params, isLive) {
    const session = path.match(/^\/v1\/checkout\/sessions\/([^/]+)(\/expire)?$/);
    const event = path.match(/^\/v1\/events\/([^/]+)(\/retry)?$/);
    if (method === "POST" && path === "/v1/checkout/sessions") {
      return { status: 200, value: ledger.open(checkoutParams(params, prices, seconds()), isLive) };
    }
    if (method === "GET" && session && !session[2]) return { status: 200, value: ledger.payment(session[1]).session };
    if (method === "POST" && session?.[2]) {
      const { object, events } = ledger.expire(session[1]);
      webhooks.publish(events);
      return { status: 200, value: object };
    }
    if (method === "POST" && path === "/v1/refunds") {
      const reference = params.charge ?? params.payment_intent;
      if (!reference) throw invalid("One of the following params should be provided for this request: payment_intent or charge.");
      const { object, events } = ledger.refund(reference, params.amount === undefined ? undefined : Number(params.amount));
      webhooks.publish(events);
      return { status: 200, value: object };
    }
    const list = method === "GET" && listOf(path, ledger);
    if (list) return { status: 200, value: listPage(list, path, query, settings.mostOfAPage) };
    if (event) {
      const found = ledger.events().find((item) => item.id === event[1]);
      if (!found) throw notFound("event", event[1]);
      if (event[2]) await webhooks.resend(found);
      return { status: 200, value: found };
    }
    throw new StripeError(404, "invalid_request_error", `Unrecognized request URL (${method}: ${path}). The sandbox knows checkout sessions, invoices, payment intents, refunds, disputes and events.`);
  }

  async function handle(request, response, target) {
    const requestId = objectId("req_", 14);
    const headers = { "request-id": requestId, "stripe-version": request.headers["stripe-version"] ?? API_VERSION };
    const log = { at: Date.now(), method: request.method, path: target.pathname, idempotency_key: request.headers["idempotency-key"] ?? null, status: 0 };
    requests.push(log);
    const answer = (status, value, more = {}) => {
      log.status = status;
      if (value.error) log.error = value.error;
      sendJson(response, status, value, { ...headers, ...more });
    };
    const mode = fault();
    if (await standStill(request, mode)) return void (log.error = "held back by the failure switch");
    if (mode === "500") return answer(500, { error: { message: "An unknown error occurred", type: "api_error" } });
    if (mode === "429") return answer(429, { error: { message: "Request rate limit exceeded.", type: "invalid_request_error", code: "rate_limit" } }, { "stripe-should-retry": "true" });
    try {
      const key = authenticate(request);
      if (mode === "reject" || mode === "auth") throw new StripeError(401, "invalid_request_error", "Expired API Key provided: sk_****", { code: "api_key_expired" });
      const body = await readBody(request, BODY_LIMIT);
      const text = body.toString("utf8");
      const params = decodeForm(text);
      const run = () => act(request.method, target.pathname, target.searchParams, params, key.startsWith("sk_live_"));
      const idempotencyKey = request.method === "POST" ? request.headers["idempotency-key"] : undefined;
      const { status, value, isReplay } = await idempotency.once(key, idempotencyKey, target.pathname, text, run);
      if (mode === "lost") return void response.destroy();
      answer(status, value, { ...(idempotencyKey && { "idempotency-key": idempotencyKey }), ...(isReplay && { "idempotent-replayed": "true" }) });
    } catch (error) {
      if (!(error instanceof StripeError)) throw error;
      answer(error.status, error.body(), { "stripe-should-retry": error.status === 409 ? "true" : "false" });
    }
  }

  return { handle, requests: () => requests };
}
