// SPDX-License-Identifier: Apache-2.0
// What PostHog's capture service refuses, drops and silently changes, event by event.
// Source: PostHog docs "Capture and batch API endpoints; Timestamps; Sessions; Ingestion warnings" and
// repository PostHog/posthog, rust/capture (November 2026).

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const ISO_TIME = /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?$/;
const EVENT_LIMIT_BYTES = 1_000_000;
const DAY_MS = 86_400_000;
const NOBODY = ["null", "undefined", "anonymous", "guest", "none", "nil", "0", "nan", "[object object]", "true", "false", ""];

export function distinctIdOf(event) {
  return event.distinct_id ?? event.properties?.distinct_id;
}

// A reason why the whole request is refused with 400, or null.
export function requestProblem(event) {
  if (typeof event !== "object" || event === null) return "event is not an object";
  if (typeof event.event !== "string" || event.event === "") return "missing event name";
  const id = distinctIdOf(event);
  if (id === undefined || id === null || String(id) === "") return "missing distinct_id";
  return null;
}

// A reason why the event is taken with 200 and then never seen again, or null.
export function dropReason(event) {
  if (event.uuid !== undefined && !UUID.test(String(event.uuid))) return "uuid is not a valid UUID";
  if (Buffer.byteLength(JSON.stringify(event)) > EVENT_LIMIT_BYTES) return "larger than 1 MB";
  return null;
}

function sessionWarning(sessionId, at) {
  if (!UUID.test(sessionId) || sessionId[14] !== "7") return "$session_id is not a UUIDv7: left out of session aggregates";
  const start = parseInt(sessionId.replaceAll("-", "").slice(0, 12), 16);
  if (start > at) return "$session_id begins after the event: left out of session aggregates";
  if (start + DAY_MS <= at) return "$session_id is more than 24 h older than the event: left out of session aggregates";
  return null;
}

// What PostHog stores otherwise than it was meant, without telling the sender.
export function eventWarnings(event, arrivedAt) {
  const found = [];
  const isIso = typeof event.timestamp === "string" && ISO_TIME.test(event.timestamp) && !Number.isNaN(Date.parse(event.timestamp));
  if (event.timestamp === undefined) found.push("no timestamp: the time of arrival is used");
  else if (!isIso) found.push("timestamp is not ISO 8601: the time of arrival is used");
  const at = isIso ? Date.parse(event.timestamp) : arrivedAt;
  if (at > arrivedAt + 23 * 3_600_000) found.push("timestamp is more than 23 h ahead: hidden");
  const id = String(distinctIdOf(event));
  if (NOBODY.includes(id.toLowerCase())) found.push(`distinct_id "${id}" stands for nobody: never merged`);
  if (id.length > 200) found.push("distinct_id is cut to 200 characters");
  const session = event.properties?.$session_id;
  const warning = session === undefined ? null : sessionWarning(String(session), at);
  if (warning) found.push(warning);
  return found;
}

// PostHog merges rows of one calendar day with the same name, distinct_id and uuid.
export function dedupKey(event, arrivedAt) {
  if (event.uuid === undefined) return null;
  const at = Date.parse(event.timestamp ?? "");
  const day = new Date(Number.isNaN(at) ? arrivedAt : at).toISOString().slice(0, 10);
  return [day, event.event, distinctIdOf(event), event.uuid.toLowerCase()].join("\n");
}
