// SPDX-License-Identifier: Apache-2.0
// Meta's Conversions API: POST /v25.0/<pixel>/events. Answers, errors and the 48-hour deduplication
// on (event_name, event_id) as documented; keeps what arrived so that tests and people can look.
// Source: Meta developer documentation "Conversions API: Using the API; Handling Duplicate Events;
// Error reference", and the requests of the official package facebook-nodejs-business-sdk 24.0.1.
import { readBody, sendJson, standStill } from "./http_exchange.mjs";
import { eventProblem, eventWarnings } from "./meta_rules.mjs";

const BODY_LIMIT = 8 << 20;
const DEDUP_S = 48 * 3600;
const OLDEST_VERSION = 21, NEWEST_VERSION = 26;

function traceId() {
  return "A" + Math.random().toString(36).slice(2, 12).toUpperCase();
}

function graphError(response, status, { code, type = "OAuthException", message, subcode, title, isTransient = false }) {
  const error = { message, type, code, fbtrace_id: traceId() };
  if (subcode) error.error_subcode = subcode;
  if (title) Object.assign(error, { error_user_title: title, error_user_msg: message });
  if (isTransient) error.is_transient = true;
  sendJson(response, status, { error });
}

// JSON as all forwarders send it, or form fields with `data` as JSON text as the documentation shows.
function decode(body, type) {
  if (!type.startsWith("application/x-www-form-urlencoded")) return JSON.parse(body.toString("utf8"));
  const form = Object.fromEntries(new URLSearchParams(body.toString("utf8")));
  return { ...form, data: JSON.parse(form.data ?? "null") };
}

export function createMetaReceiver({ pixelId, accessToken, fault, clock = () => Math.floor(Date.now() / 1000) }) {
  const kept = { requests: 0, accepted: [], duplicates: [], refused: [] };
  const seen = new Map();  // "name\nid" → when first taken, in seconds

  function take(event, now, testCode) {
    const record = { received_at: Date.now(), event, warnings: eventWarnings(event, now) };
    if (testCode) record.test_event_code = testCode;
    const key = event.event_id ? `${event.event_name}\n${event.event_id}` : null;
    const first = key ? seen.get(key) : undefined;
    if (first !== undefined && now - first < DEDUP_S) return void kept.duplicates.push(record);
    if (key) seen.set(key, now);
    kept.accepted.push(record);
  }

  async function handle(request, response, target) {
    kept.requests++;
    const refuse = (status, problem, events = 0) => {
      kept.refused.push({ received_at: Date.now(), status, code: problem.code, subcode: problem.subcode ?? null, message: problem.message, events });
      graphError(response, status, problem);
    };
    const body = await readBody(request, BODY_LIMIT);
    const mode = fault();
    if (await standStill(request, mode)) return;
    if (mode === "500") return refuse(500, { code: 2, type: "OAuthException", message: "Service temporarily unavailable", isTransient: true });
    if (mode === "429") return refuse(400, { code: 4, message: "(#4) Application request limit reached", subcode: 1504022, isTransient: true });
    if (mode === "reject") return refuse(400, { code: 100, message: "(#100) Invalid parameter", subcode: 2804048 });
    if (mode === "auth") return refuse(400, { code: 190, message: "Error validating access token: Session has expired", subcode: 463 });
    const path = target.pathname.match(/^\/(?:v(\d+)\.0\/)?([^/]+)\/events$/);
    if (!path?.[1] || Number(path[1]) > NEWEST_VERSION) return refuse(400, { code: 2500, message: "Unknown path components: name a version, such as /v25.0/" });
    if (Number(path[1]) < OLDEST_VERSION) response.setHeader("x-ad-api-version-warning", `v${path[1]}.0 has ended; the call was upgraded`);
    if (request.method !== "POST") return refuse(400, { code: 100, subcode: 33, type: "GraphMethodException", message: `Unsupported ${request.method.toLowerCase()} request.` });
    let input;
    try {
      input = decode(body, request.headers["content-type"] ?? "");
    } catch {
      return refuse(400, { code: 100, message: "(#100) The body is not valid JSON" });
    }
    const token = input?.access_token ?? target.searchParams.get("access_token");
    if (!token) return refuse(400, { code: 2500, message: "An active access token must be used to query information about the current user." });
    if (token !== accessToken) return refuse(400, { code: 190, message: "Invalid OAuth access token - Cannot parse access token" });
    if (path[2] !== pixelId) return refuse(400, { code: 100, subcode: 33, type: "GraphMethodException", message: `Unsupported post request. Object with ID '${path[2]}' does not exist, cannot be loaded due to missing permissions, or does not support this operation.` });
    if (!Array.isArray(input.data) || input.data.length === 0) return refuse(400, { code: 100, message: "(#100) param data must be non-empty." });
    if (input.data.length > 1000) return refuse(400, { code: 100, message: "(#100) param data has too many elements." }, input.data.length);
    const now = clock();
    for (const event of input.data) {
      const problem = eventProblem(event, now);
      if (problem) return refuse(400, problem, input.data.length);
    }
    for (const event of input.data) take(event, now, input.test_event_code);
    if (mode === "lost") return void response.destroy();
    sendJson(response, 200, { events_received: input.data.length, messages: [], fbtrace_id: traceId() });
  }

  return { handle, kept: () => kept };
}
