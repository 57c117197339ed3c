// SPDX-License-Identifier: Apache-2.0
// PostHog's capture endpoint: POST /batch/ (also /e/, /capture/, /i/v0/e/), plain or gzip by its magic
// bytes, the project key in the body, answers as rust/capture gives them. Duplicates are merged on
// the key of its event table. Source: PostHog/posthog rust/capture/src/{router,api}.rs and the
// recorded requests of posthog-node 5.70.0.
import { gunzipSync } from "node:zlib";
import { BodyTooLarge, readBody, sendJson, standStill } from "./http_exchange.mjs";
import { dedupKey, dropReason, eventWarnings, requestProblem } from "./posthog_rules.mjs";

const BATCH_LIMIT = 20 << 20;
const OTHER_LIMIT = 2 << 20;

export const isPosthogPath = (path) => /^\/(batch|e|capture|track|i\/v0\/e)\/?$/.test(path);

function unpack(body) {
  const isGzip = body.length > 2 && body[0] === 0x1f && body[1] === 0x8b;
  const text = (isGzip ? gunzipSync(body, { maxOutputLength: BATCH_LIMIT }) : body).toString("utf8");
  return { isGzip, input: JSON.parse(text) };
}

export function createPosthogReceiver({ apiKey, fault, clock = Date.now }) {
  const kept = { requests: 0, gzip_requests: 0, accepted: [], duplicates: [], dropped: [], refused: [] };
  const seen = new Set();

  function take(event, now) {
    const record = { received_at: now, event, warnings: eventWarnings(event, now) };
    const reason = dropReason(event);
    if (reason) return void kept.dropped.push({ ...record, reason });
    const key = dedupKey(event, now);
    if (key && seen.has(key)) return void kept.duplicates.push(record);
    if (key) seen.add(key);
    kept.accepted.push(record);
  }

  async function handle(request, response, target) {
    kept.requests++;
    const refuse = (status, detail, headers) => {
      kept.refused.push({ received_at: clock(), status, message: detail });
      sendJson(response, status, { type: status === 401 ? "authentication_error" : "validation_error", code: "invalid_input", detail, attr: null }, headers);
    };
    let body;
    try {
      body = await readBody(request, target.pathname.startsWith("/batch") ? BATCH_LIMIT : OTHER_LIMIT);
    } catch (error) {
      if (error instanceof BodyTooLarge) return refuse(413, error.message);
      throw error;
    }
    const mode = fault();
    if (await standStill(request, mode)) return;
    if (mode === "500") return refuse(503, "transient error, try again");
    if (mode === "429") return refuse(429, "rate limited", { "retry-after": "1" });
    if (mode === "reject") return refuse(400, "the sandbox was told to refuse");
    if (mode === "auth") return refuse(401, "API key is not valid");
    let input, isGzip;
    try {
      ({ input, isGzip } = unpack(body));
    } catch {
      return refuse(400, "failed to decode request: neither JSON nor gzipped JSON");
    }
    if (isGzip) kept.gzip_requests++;
    const events = Array.isArray(input) ? input : Array.isArray(input?.batch) ? input.batch : [input];
    if (events.length === 0) return refuse(400, "empty batch");
    const keyOf = (item) => item?.api_key ?? item?.token ?? item?.properties?.token;
    const keys = new Set([keyOf(input), ...events.map(keyOf)].filter((key) => key !== undefined));
    if (keys.size !== 1 || !keys.has(apiKey)) return refuse(401, keys.size > 1 ? "mixed project API keys in one batch" : "API key is not valid");
    for (const event of events) {
      const problem = requestProblem(event);
      if (problem) return refuse(400, problem);
    }
    for (const event of events) take(event, clock());
    if (mode === "lost") return void response.destroy();
    sendJson(response, 200, { status: "Ok" });
  }

  return { handle, kept: () => kept };
}
