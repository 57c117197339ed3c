// SPDX-License-Identifier: Apache-2.0
// Google Analytics 4, Measurement Protocol: 204 whatever comes, silently dropping what breaks a limit;
// /debug/mp/collect says what is wrong. Source: Google developer documentation "Measurement Protocol
// (GA4)" (November 2026).
import { isHash, standardFailures } from "../vendor_receiver.mjs";

export const TITLE = "Google Analytics 4";
export const DEFAULTS = { measurementId: "G-SANDBOX", apiSecret: "ga4-sandbox" };
const NAME = /^[A-Za-z][A-Za-z0-9_]{0,39}$/;
const RESERVED = ["error", "session_start", "first_visit", "user_engagement", "first_open", "screen_view", "ad_click", "app_update"];

function problem(event, now, input) {
  if (typeof input.client_id !== "string" || input.client_id === "") return "client_id is required";
  if (!Number.isInteger(input.timestamp_micros) || input.timestamp_micros < 1e15) return "timestamp_micros must be in microseconds";
  if (now - input.timestamp_micros / 1000 > 72 * 3_600_000) return "older than 72 hours";
  for (const value of Object.values(input.consent ?? {})) if (!["GRANTED", "DENIED"].includes(value)) return "consent must be GRANTED or DENIED";
  for (const key of ["sha256_email_address", "sha256_phone_number"]) if (!(input.user_data?.[key] ?? []).every(isHash)) return `${key} must be hashes`;
  if (input.user_data && input.consent?.ad_user_data !== "GRANTED") return "user_data without consent";
  if (!NAME.test(event.name ?? "") || RESERVED.includes(event.name)) return `the event name ${event.name} is not allowed`;
  const params = Object.entries(event.params ?? {});
  if (params.length > 25) return "more than 25 parameters";
  for (const [name, value] of params) {
    if (!NAME.test(name) || /^(google_|ga_|firebase_)/.test(name)) return `the parameter name ${name} is not allowed`;
    if (name === "items") continue;
    if (typeof value !== "string" && typeof value !== "number") return `${name} must be text or a number`;
    if (String(value).length > 100) return `${name} is longer than 100 characters`;
  }
  if (event.params.value !== undefined && !event.params.currency) return "value without currency";
  if (event.name === "purchase" && !event.params.transaction_id) return "purchase without transaction_id";
  return null;
}

export const rules = ({ measurementId, apiSecret }) => ({
  path: (path) => path === "/mp/collect" || path === "/debug/mp/collect",
  authorise: (request, target) => (target.searchParams.get("measurement_id") === measurementId && target.searchParams.get("api_secret") === apiSecret ? null : { status: 204 }),
  other(target, input) {
    if (!target.pathname.startsWith("/debug/")) return null;
    const found = (input.events ?? []).map((event) => problem(event, Date.now(), input)).filter(Boolean);
    return { status: 200, body: { validationMessages: found.map((description) => ({ fieldPath: "events", description, validationCode: "VALUE_INVALID" })) } };
  },
  events: (input) => input.events, most: 25, problem,
  label: (event) => event.name,
  key: (event) => (event.name === "purchase" ? event.params.transaction_id : null),
  answer: () => ({ status: 204 }),
  failures: { 500: { status: 500 }, 429: { status: 503, headers: { "retry-after": "1" } }, auth: { status: 204 }, reject: { status: 204 } },
});
